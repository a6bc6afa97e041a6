public import Volumetry

/// What a tomograph makes of labels: a grey value per phase, a blur, and noise.
public struct XCTImage: VolumeSource {
  public let grid: Grid
  public let name = "simulated XCT"
  private let labels: any VolumeSource
  /// Grey value of each label; labels beyond the end have the last one.
  private let greys: [Float]
  private let noise: Double
  private let blur: Double
  private let seed: UInt64

  /// - Parameters:
  ///   - noise: standard deviation of the grey values.
  ///   - blur: standard deviation of the point spread in voxels.
  public init(
    labels: any VolumeSource, greys: [Double], noise: Double, blur: Double = 0.7, seed: UInt64
  ) {
    self.labels = labels
    self.greys = greys.map { Float($0) }
    self.noise = noise
    self.blur = blur
    self.seed = seed
    grid = labels.grid
  }

  public var voxelType: VoxelType { .uint16 }
  public var chunkShape: Shape { labels.chunkShape }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let radius = blur > 0 ? Kernel.gaussian(sigma: blur).radius : 0
    let padded = region.grown(by: Shape(z: radius, y: radius, x: radius), within: grid.shape)
    let values = try labels.readLabels(padded)
    var grey = values.map { greys[min(Int($0), greys.count - 1)] }
    if blur > 0 {
      grey = SeparableFilter.gaussian(grey, shape: padded.shape, sigma: SIMD3(repeating: blur))
    }
    let inner = region.relative(to: padded)
    let smooth = Volume(grid: grid.cropped(to: padded), voxels: grey).crop(inner)
    var result = [UInt16](repeating: 0, count: region.count)
    let width = region.shape.x
    Parallel.forEachSlab(of: &result, stride: width) { row, span in
      let z = region.lower.z + row / region.shape.y
      let y = region.lower.y + row % region.shape.y
      var random = SeededGenerator(seed: seed, stream: UInt64(z * grid.shape.y + y) &+ 0x1000_0000_0000)
      for _ in 0..<region.lower.x { _ = random.normal() }
      for x in 0..<width {
        let value = Double(smooth[row * width + x]) + noise * random.normal()
        span[x] = UInt16(max(0, min(65535, value.rounded())))
      }
    }
    return .uint16(result)
  }
}
