import Foundation
import Registration
import Testing
import Volumetry

@Suite("Resampling as a view") struct ResamplingTests {
  /// Linear in x, y, z, so that every interpolation inside is exact.
  func ramp(_ shape: Shape, spacing: SIMD3<Double>) -> Volume<Float> {
    let grid = Grid(shape: shape, spacing: spacing, origin: SIMD3(3, -2, 7))
    var voxels: [Float] = []
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x { voxels.append(Float(Self.plane(grid.center(z: z, y: y, x: x)))) }
      }
    }
    return Volume(grid: grid, voxels: voxels)
  }

  static func plane(_ p: SIMD3<Double>) -> Double { 2 * p.x - 3 * p.y + 0.5 * p.z + 10 }

  let turn = SpatialTransform(
    rotationVector: SIMD3(0.05, 0.1, -0.2), translation: SIMD3(1, 2, -1), about: SIMD3(20, 15, 20))

  @Test(
    "a plane is reproduced through a rotation, NaN outside", arguments: [Interpolation.linear, .cubic, .area])
  func plane(interpolation: Interpolation) throws {
    let source = ramp(Shape(z: 20, y: 24, x: 28), spacing: SIMD3(1.5, 1, 2))
    let grid = Grid(shape: Shape(z: 9, y: 10, x: 11), spacing: SIMD3(3, 3, 3), origin: SIMD3(10, 3, 14))
    let view = try ResampledVolume(source, on: grid, through: turn, interpolation: interpolation).loadFloats()
    var compared = 0
    for z in 0..<9 {
      for y in 0..<10 {
        for x in 0..<11 {
          let point = turn(grid.center(z: z, y: y, x: x))
          let c = source.grid.coordinates(of: point)
          let inside = (0..<3).allSatisfy { c[$0] > 2.5 && c[$0] < [28.0, 24, 20][$0] - 3.5 }
          let outside = (0..<3).contains { c[$0] < -2 || c[$0] > [28.0, 24, 20][$0] + 1 }
          if inside {
            compared += 1
            #expect(abs(Double(view[z, y, x]) - Self.plane(point)) < 1e-3)
          }
          if outside { #expect(view[z, y, x].isNaN) }
        }
      }
    }
    #expect(compared > 100)
  }

  @Test("area-exact means conserve the sum at a ratio that is no whole number")
  func areaConserves() throws {
    var random = SeededGenerator(seed: 2)
    let shape = Shape(z: 21, y: 20, x: 22)
    let source = Volume(
      grid: Grid(shape: shape, spacing: SIMD3(repeating: 1)),
      voxels: (0..<shape.count).map { _ in Float(random.uniform()) })
    let grid = Grid(shape: Shape(z: 3, y: 4, x: 5), spacing: SIMD3(4.4, 5, 7))
    let view = try ResampledVolume(source, on: grid, interpolation: .area).loadFloats()
    let sum = source.voxels.reduce(0.0) { $0 + Double($1) }
    let total = view.voxels.reduce(0.0) { $0 + Double($1) } * 4.4 * 5 * 7
    #expect(abs(total - sum) < 1e-4 * sum)
    // The first voxel by hand along x: 4 whole ones and 0.4 of the fifth.
    let thin = Volume(
      grid: Grid(shape: Shape(z: 1, y: 1, x: 10), spacing: .one), voxels: (0..<10).map { Float($0) })
    let row = try ResampledVolume(
      thin, on: Grid(shape: Shape(z: 1, y: 1, x: 2), spacing: SIMD3(4.4, 1, 1)), interpolation: .area
    ).loadFloats()
    #expect(abs(row.voxels[0] - Float((0 + 1 + 2 + 3 + 0.4 * 4) / 4.4)) < 1e-5)
  }

  @Test(
    "boxes, memory and the whole give the same bytes",
    arguments: [Interpolation.nearest, .linear, .cubic, .area])
  func streaming(interpolation: Interpolation) throws {
    let source = ramp(Shape(z: 40, y: 41, x: 42), spacing: .one)
    let grid = Grid(shape: Shape(z: 12, y: 13, x: 14), spacing: SIMD3(2.5, 2.7, 2.9), origin: SIMD3(2, 0, 5))
    let whole = try ResampledVolume(source, on: grid, through: turn, interpolation: interpolation)
      .loadFloats()
    let small = try ResampledVolume(
      source, on: grid, through: turn, interpolation: interpolation, memory: 1 << 16
    ).loadFloats()
    #expect(whole.voxels.map(\.bitPattern) == small.voxels.map(\.bitPattern))
    let region = Region(lower: Shape(z: 3, y: 2, x: 5), shape: Shape(z: 4, y: 5, x: 6))
    let part = try ResampledVolume(source, on: grid, through: turn, interpolation: interpolation).readFloats(
      region)
    #expect(part.map(\.bitPattern) == whole.crop(region).map(\.bitPattern))
  }

  @Test("labels keep their type; outside is the fill")
  func labels() throws {
    let grid = Grid(shape: Shape(z: 2, y: 2, x: 2), spacing: .one)
    let source = Volume<UInt8>(grid: grid, voxels: [1, 2, 3, 4, 5, 6, 7, 8])
    let target = Grid(shape: Shape(z: 2, y: 2, x: 3), spacing: .one)
    let view = try ResampledVolume(source, on: target, interpolation: .nearest, fill: 9)
    #expect(view.voxelType == .uint8)
    #expect(try view.read(Region(whole: target.shape)).labels() == [1, 2, 9, 3, 4, 9, 5, 6, 9, 7, 8, 9])
  }

  @Test("missing voxels: left out of means, inherited by interpolation")
  func missing() throws {
    let grid = Grid(shape: Shape(z: 1, y: 1, x: 4), spacing: .one)
    let source = Volume<Float>(grid: grid, voxels: [1, .nan, 3, .nan])
    let pairs = BinnedVolume(source, by: Shape(z: 1, y: 1, x: 2))
    #expect(try pairs.loadFloats().voxels == [1, 3])
    let linear = try ResampledVolume(source, on: grid).loadFloats()
    #expect(linear.voxels[0] == 1 && linear.voxels[1].isNaN && linear.voxels[2] == 3)
  }

  @Test("unknown voxel sizes are refused")
  func spacing() {
    let source = Volume<Float>(grid: Grid(unscaled: Shape(z: 2, y: 2, x: 2)), repeating: 1)
    #expect(throws: VoxelithError.self) {
      try ResampledVolume(source, on: Grid(shape: Shape(z: 2, y: 2, x: 2), spacing: .one))
    }
  }

  @Test("whole numbers of few values count as labels")
  func labels() throws {
    let grid = Grid(shape: Shape(z: 6, y: 8, x: 8), spacing: .one)
    let few = Volume<UInt8>(grid: grid, voxels: (0..<384).map { UInt8($0 % 3) * 85 })
    let many = Volume<UInt8>(grid: grid, voxels: (0..<384).map { UInt8($0 % 33) })
    let real = Volume<Float>(grid: grid, voxels: (0..<384).map { Float($0 % 3) })
    let suited = try Interpolation.suited(to: few)
    #expect(suited.interpolation == .nearest && suited.labels == 3)
    #expect(try Interpolation.suited(to: many).interpolation == .linear)
    #expect(try Interpolation.suited(to: real).interpolation == .linear)
  }
}
