import Foundation
import Registration
import Testing
import Volumetry

@Suite("Fields on the coarse grid") struct FieldTests {
  let fine = Grid(shape: Shape(z: 60, y: 66, x: 72), spacing: SIMD3(repeating: 2))
  let turn = SpatialTransform(
    rotationVector: SIMD3(0.1, -0.15, 0.2), translation: SIMD3(2, 1, -3), about: SIMD3(72, 66, 60))

  /// A coarse grid well inside the fine volume.
  var coarse: Grid {
    Grid(shape: Shape(z: 4, y: 4, x: 4), spacing: SIMD3(15, 15, 20), origin: SIMD3(42, 36, 20))
  }

  func labels(_ phase: (SIMD3<Double>) -> UInt16) -> LabelVolume {
    var voxels: [UInt16] = []
    for z in 0..<fine.shape.z {
      for y in 0..<fine.shape.y {
        for x in 0..<fine.shape.x { voxels.append(phase(fine.center(z: z, y: y, x: x))) }
      }
    }
    return LabelVolume(grid: fine, voxels: voxels)
  }

  @Test("a half space blurred by a Gaussian and averaged over the voxel: the error function")
  func halfSpace() throws {
    let volume = labels { $0.x < 70 ? 1 : 0 }
    let spread = try PointSpread(fullWidthUm: SIMD3(20, 20, 20))
    let projection = try FieldProjection(onto: coarse, through: .identity, spread: spread)
    let fields = try projection.phaseFractions(of: volume, phases: [0, 1])
    let sigma = spread.sigma.x
    for x in 0..<4 {
      let center = coarse.center(z: 1, y: 1, x: x).x
      // Mean over the box of Phi((70 - u) / sigma).
      var mean = 0.0
      for k in 0..<1000 {
        let u = center + ((Double(k) + 0.5) / 1000 - 0.5) * 15
        mean += Distributions.normalCDF((70 - u) / sigma) / 1000
      }
      #expect(abs(Double(fields[1][1, 1, x]) - mean) < 5e-4)
      #expect(abs(fields[0][1, 1, x] + fields[1][1, 1, x] - 1) < 1e-5)
    }
  }

  @Test("fractions through a rotation equal brute force", arguments: [0.0, 18])
  func bruteForce(width: Double) throws {
    let volume = labels { p in sin(p.x / 9) + sin(p.y / 7) + sin(p.z / 8) > 0.3 ? 1 : 0 }
    let spread = try PointSpread(fullWidthUm: SIMD3(width, 0.5 * width, width))
    let projection = try FieldProjection(onto: coarse, through: turn, spread: spread)
    let field = try projection.phaseFractions(of: volume, phases: [1])[0]
    // Every fine voxel weighted by the kernel around the coarse centre.
    let back = try turn.inverted()
    let center = coarse.center(z: 2, y: 1, x: 2)
    func kernel(_ d: Double, _ w: Double, _ s: Double) -> Double {
      if s == 0 { return abs(d) < 0.5 * w ? 1 : 0 }
      return Distributions.normalCDF((d + 0.5 * w) / s) - Distributions.normalCDF((d - 0.5 * w) / s)
    }
    var sum = 0.0
    var total = 0.0
    // Labels are boxes: their share of a narrow kernel asks for points within them.
    let parts: [Double] = width > 0 ? [-1.0 / 3, 0, 1.0 / 3] : [0]
    for z in 0..<fine.shape.z {
      for y in 0..<fine.shape.y {
        for x in 0..<fine.shape.x {
          let middle = fine.center(z: z, y: y, x: x)
          for k in parts {
            for j in parts {
              for i in parts {
                let d = back(middle + SIMD3(i, j, k) * fine.spacing) - center
                let weight =
                  kernel(d.x, 15, spread.sigma.x) * kernel(d.y, 15, spread.sigma.y)
                  * kernel(d.z, 20, spread.sigma.z)
                total += weight
                sum += weight * Double(volume[z, y, x])
              }
            }
          }
        }
      }
    }
    #expect(abs(Double(field[2, 1, 2]) - sum / total) < (width > 0 ? 5e-4 : 0.02))
  }

  @Test("threads, blocks and memory leave the bytes alone")
  func deterministic() throws {
    let volume = labels { p in sin(p.x / 9) + sin(p.y / 7) > 0 ? 1 : 0 }
    let projection = try FieldProjection(
      onto: coarse, through: turn, spread: try PointSpread(fullWidthUm: SIMD3(repeating: 20)))
    let one = try projection.phaseFractions(of: volume, phases: [1], resources: Resources(threads: 1))
    let four = try projection.phaseFractions(
      of: volume, phases: [1], resources: Resources(threads: 4, memory: 1 << 20))
    #expect(one[0].voxels.map(\.bitPattern) == four[0].voxels.map(\.bitPattern))
  }

  @Test("directions n and -n do not cancel, and turn into the fixed frame")
  func orientation() throws {
    let n = SIMD3(0.6, 0.0, 0.8)
    func component(_ k: Int) -> Volume<Float> {
      var i = 0
      var voxels: [Float] = []
      while i < fine.shape.count {
        voxels.append(Float(i % 2 == 0 ? n[k] : -n[k]))
        i += 1
      }
      return Volume(grid: fine, voxels: voxels)
    }
    let projection = try FieldProjection(onto: coarse, through: turn)
    let fields = try projection.orientation(vectors: [component(0), component(1), component(2)])
    let wanted = try turn.inverted().applied(toVector: n)
    let found = SIMD3(
      Double(fields.direction[0][1, 1, 1]), Double(fields.direction[1][1, 1, 1]),
      Double(fields.direction[2][1, 1, 1]))
    #expect(abs(abs((found * wanted).sum()) - 1) < 1e-5)
    #expect(abs(Double(fields.polarAngle[1, 1, 1]) - acos(abs(wanted.z)) * 180 / .pi) < 1e-3)
    #expect(abs(fields.anisotropy[1, 1, 1] - 1) < 1e-3)
    let tensor = (0..<6).map { k in
      Volume<Float>(grid: fine, repeating: [0.64, 1, 0.36, 0, -0.48, 0][k])
    }
    let gradient = try projection.orientation(tensor: tensor, axis: .smallest)
    let direction = SIMD3(
      Double(gradient.direction[0][1, 1, 1]), Double(gradient.direction[1][1, 1, 1]),
      Double(gradient.direction[2][1, 1, 1]))
    #expect(abs(abs((direction * wanted).sum()) - 1) < 1e-4)
  }

  @Test("means within a phase ignore the others; depth is a coordinate; no overlap is an error")
  func meansAndDepth() throws {
    let volume = labels { $0.z < 60 ? 1 : 2 }
    let values = Volume<Float>(grid: fine, voxels: volume.voxels.map { $0 == 1 ? 5 : 100 })
    let projection = try FieldProjection(onto: coarse, through: .identity)
    let mean = try projection.means(of: [values], within: volume, phases: [1])[0]
    #expect(mean[1, 1, 1] == 5 && mean[3, 1, 1].isNaN)
    let depth = try DepthField(grid: coarse, transform: .identity, surface: 120, isReversed: true)
      .loadFloats()
    #expect(depth[0, 0, 0] == 90)
    let far = try FieldProjection(onto: coarse, through: SpatialTransform(translation: SIMD3(9e4, 0, 0)))
    #expect(throws: VoxelithError.self) { try far.phaseFractions(of: volume, phases: [1]) }
    #expect(throws: VoxelithError.self) { try projection.phaseFractions(of: volume, phases: []) }
    let other = Volume<Float>(grid: coarse, repeating: 1)
    #expect(throws: VoxelithError.self) { try projection.means(of: [values, other]) }
  }

  @Test("phases averaged in one pass; their gradients give the variance that an alignment leaves")
  func sensitivity() throws {
    let volume = labels { p in sin(p.x / 9) + sin(p.y / 7) + sin(p.z / 8) > 0.3 ? 1 : 0 }
    let averages = try PhaseAverages(of: volume, phases: [1, 0], by: Shape(z: 2, y: 2, x: 2))
    #expect(averages.grid.shape == Shape(z: 30, y: 33, x: 36) && averages.grid.spacing == SIMD3(4, 4, 4))
    var sum = 0
    for z in 4..<6 {
      for y in 6..<8 {
        for x in 8..<10 where volume[z, y, x] == 1 { sum += 1 }
      }
    }
    #expect(averages.fractions[0][2, 3, 4] == Float(sum) / 8)
    #expect(throws: VoxelithError.self) { try PhaseAverages(of: volume, phases: [], by: fine.shape) }
    let spread = try PointSpread(fullWidthUm: SIMD3(repeating: 14))
    let quick = FieldSensitivity(of: averages.fractions[0], onto: coarse, through: turn, spread: spread)
    let exact = try FieldProjection(onto: coarse, through: turn, spread: spread)
      .phaseFractions(of: volume, phases: [1])[0]
    for (a, b) in zip(quick.values, exact.voxels) { #expect(abs(a - Double(b)) < 0.02) }
    // A shift of one um along x alone: the change of the projection itself.
    let parameters = LocalParameters(model: .rigid, center: turn(coarse.middle))
    var covariance = Matrix(zeros: 6, 6)
    covariance[3, 3] = 1
    let variance = quick.variance(parameters, covariance: covariance)
    func shifted(_ sign: Double) throws -> [Float] {
      let moved = parameters.apply([0, 0, 0, 2 * sign, 0, 0], to: turn)
      return try FieldProjection(onto: coarse, through: moved, spread: spread)
        .phaseFractions(of: volume, phases: [1])[0].voxels
    }
    let (above, below) = (try shifted(1), try shifted(-1))
    for voxel in variance.indices {
      let change = Double(above[voxel] - below[voxel]) / 4
      #expect(abs(variance[voxel].squareRoot() - abs(change)) < 0.006)
    }
  }
}
