import Testing
import Volumetry

/// Any box of the view is bit for bit that of the whole volume smoothed at once.
@Suite struct SmoothedSourceTests {
  private static let volume: Volume<Float> = {
    let shape = Shape(z: 23, y: 14, x: 17)
    var generator = SeededGenerator(seed: 4)
    let values = (0..<shape.count).map { _ in Float.random(in: -1...1, using: &generator) }
    return Volume(grid: Grid(shape: shape, spacing: SIMD3(1, 2, 3)), voxels: values)
  }()

  @Test(arguments: [SIMD3(1.3, 0.7, 2.1), SIMD3(0, 0, 9), SIMD3(2, 0, 0), .zero])
  func boxesAreThoseOfTheWhole(_ sigma: SIMD3<Double>) throws {
    let volume = Self.volume
    let whole = Volume(
      grid: volume.grid,
      voxels: SeparableFilter.gaussian(volume.voxels, shape: volume.shape, sigma: sigma))
    let source = SmoothedSource(volume, sigma: sigma, threads: 2)
    for region in [
      Region(whole: volume.shape), Region(slices: 0..<1, of: volume.shape),
      Region(slices: 9..<14, of: volume.shape),
      Region(lower: Shape(z: 20, y: 3, x: 5), shape: Shape(z: 3, y: 4, x: 6)),
    ] {
      #expect(try source.readFloats(region) == whole.crop(region))
    }
  }

  @Test func missingVoxelsAreRefused() throws {
    var volume = Self.volume
    volume[4, 4, 4] = .nan
    let source = SmoothedSource(volume, sigma: .one)
    let error = #expect(throws: VoxelithError.self) {
      try source.read(Region(slices: 0..<2, of: volume.shape))
    }
    #expect(error?.code == .data)
    #expect(throws: Never.self) { try source.read(Region(slices: 12..<14, of: volume.shape)) }
  }
}
