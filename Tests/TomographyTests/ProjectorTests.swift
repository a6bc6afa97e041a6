import Foundation
import Testing
import Tomography
import Volumetry

/// Projections against closed forms.
struct ProjectorTests {
  static func lanes(_ values: [Float]) -> [Lanes] { values.map { Lanes(repeating: $0) } }

  @Test("back projection is the adjoint of projection")
  func adjoint() throws {
    var generator = SeededGenerator(seed: 3)
    for (center, absorbs, pinhole, blur) in [
      (nil, false, nil, 0.0), (9.3, false, nil, 0.0), (9.3, true, nil, 0.0), (9.3, true, 60.0, 2.5),
    ] {
      let geometry = try ProjectionGeometry(
        degrees: [0, 13, 45, 77.7, 90, 120, 250], columns: 21, center: center, pinhole: pinhole)
      var projector = SliceProjector(geometry)
      projector.spreadOfPoint = SliceProjector.spreadOfPoint(width: blur)
      if absorbs {
        projector.transmission = (0..<(projector.angles * projector.voxels)).map { _ in
          Float(generator.uniform())
        }
      }
      let slice = (0..<projector.voxels).map { _ in Lanes(repeating: Float(generator.normal())) }
      let rays = (0..<projector.rays).map { _ in Lanes(repeating: Float(generator.normal())) }
      var projected = rays
      var spread = slice
      var view = SliceProjector.View(projector)
      projector.project(slice, into: &projected, &view)
      projector.backProject(rays, into: &spread, &view)
      func product(_ a: [Lanes], _ b: [Lanes]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0[2]) * Double($1.1[2]) }
      }
      let size = product(projected, projected).squareRoot() * product(rays, rays).squareRoot()
      #expect(abs(product(projected, rays) - product(slice, spread)) < 1e-6 * size)
    }
  }

  @Test(
    "a disc projects to its chords at every angle, off the axis as well, along parallel rays and those through a pinhole",
    arguments: [nil, 200.0])
  func disc(pinhole: Double?) throws {
    let side = 64
    let degrees = (0..<12).map { 30.0 * Double($0) + 0.5 }
    let geometry = try ProjectionGeometry(degrees: degrees, columns: side, pinhole: pinhole)
    let projector = SliceProjector(geometry)
    let middle = 0.5 * Double(side - 1)
    let (x0, z0, radius) = (8.0, -5.0, 14.0)
    var slice = [Float](repeating: 0, count: side * side)
    for z in 0..<side {
      for x in 0..<side {
        for dz in 0..<8 {
          for dx in 0..<8 {
            let px = Double(x) - middle + (Double(dx) + 0.5) / 8 - 0.5 - x0
            let pz = Double(z) - middle + (Double(dz) + 0.5) / 8 - 0.5 - z0
            if px * px + pz * pz < radius * radius { slice[z * side + x] += 1.0 / 64 }
          }
        }
      }
    }
    var rays = [Lanes](repeating: .zero, count: projector.rays)
    var view = SliceProjector.View(projector)
    projector.project(Self.lanes(slice), into: &rays, &view)
    for (index, angle) in geometry.angles.enumerated() {
      let across = x0 * cos(angle) + z0 * sin(angle)
      let behind = z0 * cos(angle) - x0 * sin(angle)
      for column in 0..<side {
        var distance = Double(column) - middle - across
        if let pinhole {
          // The ray runs from (0, -pinhole) through (column, 0).
          let column = Double(column) - middle
          let length = (pinhole * pinhole + column * column).squareRoot()
          distance = (column * (behind + pinhole) - across * pinhole) / length
        }
        guard abs(distance) < radius - 2 else { continue }
        let chord = 2 * (radius * radius - distance * distance).squareRoot()
        #expect(abs(Double(rays[index * side + column][0]) - chord) < 0.012 * 2 * radius)
      }
    }
  }

  @Test("a detector's response spreads every ray as a Gaussian of its width, and keeps its sum")
  func blur() throws {
    let side = 33
    var projector = SliceProjector(try ProjectionGeometry(degrees: [0, 40, 90], columns: side))
    projector.spreadOfPoint = SliceProjector.spreadOfPoint(width: 4)
    var slice = [Lanes](repeating: .zero, count: projector.voxels)
    slice[16 * side + 16] = Lanes(repeating: 1)
    var rays = [Lanes](repeating: .zero, count: projector.rays)
    var view = SliceProjector.View(projector)
    projector.project(slice, into: &rays, &view)
    let row = (0..<side).map { Double(rays[$0][0]) }
    #expect(abs(row.reduce(0, +) - 1) < 1e-5)
    #expect(abs(row[18] / row[16] - 0.5) < 1e-5)
    #expect(abs(row[14] / row[16] - 0.5) < 1e-5)
  }

  @Test("a pinhole too near to the sample is refused")
  func nearPinhole() {
    #expect(throws: VoxelithError.self) {
      try ProjectionGeometry(degrees: [0, 60, 120], columns: 32, pinhole: 40)
    }
  }
}
