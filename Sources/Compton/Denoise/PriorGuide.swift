public import Volumetry

/// Where a map of lithium is expected to change: volumes on its grid, such as phase fractions, XCT grey values, or the
/// map's own intensity, whose noise is independent of that of x.
public struct PriorGuide: Sendable {
  /// One array of voxels for each channel; NaN parts a voxel from its neighbours.
  public let channels: [PagedArray<Float>]
  /// Step of each channel over which neighbours hardly hold together any more: they do with the weight
  /// exp(-1/2 sum (step / scale)^2).
  public let scales: [Double]

  /// A guide that shows nothing: neighbours hold together everywhere.
  public static let none = PriorGuide(channels: [], scales: [])

  private init(channels: [PagedArray<Float>], scales: [Double]) {
    self.channels = channels
    self.scales = scales
  }

  /// - Parameters:
  ///   - scales: one for each channel, or one for all; nil for a tenth of the range (5 to 95 %) of a channel, or four
  ///     standard deviations of its noise where that is more.
  ///   - noise: standard deviation of the guide's own noise, if known.
  ///   - memory: where the channels are kept.
  /// - Throws: `data` where a channel has another shape, `usage` where a scale is not positive or their number is not
  ///   that of the channels, and what reading and `PagedArray/init(repeating:count:in:)` throw.
  public init(
    _ sources: [any VolumeSource], grid: Grid, scales: [Double]? = nil, noise: Double = 0,
    in memory: WorkingMemory = .unpaged
  ) throws(VoxelithError) {
    let given = scales
    var channels: [PagedArray<Float>] = []
    for source in sources {
      guard source.grid.shape == grid.shape else {
        throw VoxelithError(
          .data, "the guide has \(source.grid.shape) voxels, the spectra \(grid.shape)", file: source.name,
          advice: "put the guide on the grid of the spectra (voxelith resample)")
      }
      channels.append(try Self.load(source, in: memory))
    }
    if let given {
      guard given.allSatisfy({ $0 > 0 && $0.isFinite }),
        given.count == 1 || given.count == channels.count
      else {
        throw VoxelithError(
          .usage,
          "the guide's scale must be one positive number, or one for each of \(channels.count) channels"
        )
      }
    }
    self.channels = channels
    self.scales = channels.indices.map { index in
      if let given { return given.count == 1 ? given[0] : given[index] }
      let finite = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
      let ends = channels[index].quantiles([0.05, 0.95], within: finite)
      let scale = max(0.1 * (ends[1] - ends[0]), 4 * noise)
      return scale > 0 && scale.isFinite ? scale : 1
    }
  }

  private static func load(
    _ source: any VolumeSource, in memory: WorkingMemory
  ) throws(VoxelithError) -> PagedArray<Float> {
    if let kept = source as? PagedVolume<Float> { return kept.voxels }
    let volume = try PagedVolume<Float>(grid: source.grid, in: memory)
    for z in 0..<source.grid.shape.z {
      let slice = Region(slices: z..<(z + 1), of: source.grid.shape)
      volume.paste(try source.readFloats(slice), into: slice)
    }
    return volume.voxels
  }

  /// How much two neighbours hold together, 0 to 1.
  func weight(_ a: Int, _ b: Int) -> Double {
    var sum = 0.0
    for (channel, scale) in zip(channels, scales) {
      let step = Double(channel[a] - channel[b]) / scale
      guard step.isFinite else { return 0 }
      sum += step * step
    }
    return exponential(-0.5 * sum)
  }
}
