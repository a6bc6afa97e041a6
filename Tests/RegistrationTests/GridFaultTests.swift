import Foundation
import Registration
import Testing
import Volumetry

/// Faults that stay with the voxels of both volumes while the object moves, other than rings and what all slices share.
@Suite("Faults that stay with the grid") struct GridFaultTests {
  private static let side = 48
  private static let grid = Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)
  private static let truth = SpatialTransform(
    rotationVector: SIMD3(0.04, -0.03, 0.06), translation: SIMD3(-2.4, 2.2, 1.6), about: grid.middle)

  enum Fault: String, CaseIterable {
    case hotVoxels = "hot or dead"
    case stripes = "whole slices, rows"
    case ownFlicker = "brighter or darker than their neighbours"
    case cupping = "slow change of brightness"
    case circle = "one value outside"

    func apply(_ voxels: inout [Float], scan: UInt64) {
      let side = GridFaultTests.side
      var random = SeededGenerator(seed: self == .ownFlicker ? scan : 7, stream: 95)
      let rows = (0..<(2 * side)).map { _ in random.normal() }
      let hot = voxels.indices.map { _ in random.uniform() < 0.005 }
      for index in voxels.indices {
        let (z, y, x) = (index / (side * side), index / side % side, index % side)
        let (u, v) = (Double(2 * x) / Double(side) - 1, Double(2 * y) / Double(side) - 1)
        switch self {
        case .hotVoxels: if hot[index] { voxels[index] += 60 }
        case .stripes: voxels[index] += Float(rows[x] + 0.8 * rows[side + z])
        case .ownFlicker: voxels[index] += Float(rows[z])
        case .cupping: voxels[index] += Float(4 * (u * u + v * v))
        case .circle: if u * u + v * v > 0.9 { voxels[index] = 0 }
        }
      }
    }
  }

  private static func volume(
    _ object: Waves, _ fault: Fault, scan: UInt64, _ place: (SIMD3<Double>) -> SIMD3<Double>
  ) -> Volume<Float> {
    var random = SeededGenerator(seed: scan, stream: 96)
    var voxels: [Float] = []
    for z in 0..<side {
      for y in 0..<side {
        for x in 0..<side {
          voxels.append(Float(3 + object(place(grid.center(z: z, y: y, x: x))) + 0.3 * random.normal()))
        }
      }
    }
    fault.apply(&voxels, scan: scan)
    return Volume(grid: grid, voxels: voxels)
  }

  @Test("an object that moved under them is found, and what was taken off is told", arguments: Fault.allCases)
  func moved(_ fault: Fault) throws {
    let object = Waves(seed: 51)
    let result = try VolumeRegistration.align(
      moving: Self.volume(object, fault, scan: 1) { $0 },
      to: Self.volume(object, fault, scan: 2) { Self.truth($0) },
      options: RegistrationOptions(maximumAngle: 10))
    let error = result.transform.meanError(against: Self.truth, over: Self.grid)
    #expect(error < 3 * result.expectedErrorVoxels, "\(error), expected \(result.expectedErrorVoxels)")
    #expect(error < 0.15, "\(error)")
    #expect(result.warnings.contains { $0.contains(fault.rawValue) }, "\(result.warnings)")
  }

  @Test("two objects under the same faults are refused", arguments: [Fault.hotVoxels, .stripes, .cupping])
  func unlike(_ fault: Fault) {
    #expect(throws: VoxelithError.self) {
      try VolumeRegistration.align(
        moving: Self.volume(Waves(seed: 52), fault, scan: 1) { $0 },
        to: Self.volume(Waves(seed: 53), fault, scan: 2) { $0 },
        options: RegistrationOptions(maximumAngle: 10))
    }
  }

  @Test("transforms of the plane are written as ITK knows them, and read back")
  func plane() throws {
    let kinds: [(String, LinearMap)] = [
      ("Euler2DTransform_double_2_2", LinearMap(angle: 0.3, about: .z)),
      ("Similarity2DTransform_double_2_2", 1.2 * LinearMap(angle: -0.4, about: .z)),
      (
        "AffineTransform_double_2_2", LinearMap(rows: SIMD3(1.1, 0.2, 0), SIMD3(-0.1, 0.9, 0), SIMD3(0, 0, 1))
      ),
    ]
    for (kind, linear) in kinds {
      let map = SpatialTransform(linear: linear, translation: SIMD3(3, -2, 0))
      let text = ITKTransform.text(map, center: SIMD3(7, 5, 0.5), isPlane: true)
      #expect(text.contains("Transform: " + kind))
      let back = try ITKTransform.parse(text)
      for point in [SIMD3<Double>(0, 0, 0), SIMD3(10, 3, 0), SIMD3(-4, 8, 0)] {
        let distance = map(point) - back(point)
        #expect(abs(distance.x) + abs(distance.y) < 1e-9, "\(kind)")
      }
    }
  }
}
