public import Volumetry

/// Range and quantiles of a whole volume, read once in pieces.
///
/// Quantiles come from at most about a million voxels at regular places.
public struct ValueSummary: Sendable {
  public let minimum: Double
  public let maximum: Double
  /// Number of voxels that are missing.
  public let missing: Int
  private let sample: [Float]
  /// Voxels far outside the values of all others; nil where there are none.
  public let outliers: ValueOutliers?

  public init(_ source: any VolumeSource, resources: Resources = Resources()) throws(VoxelithError) {
    let shape = source.grid.shape
    let plan = try BlockPlan(
      shape: shape, bytesPerVoxel: source.voxelType.size + 8, memory: resources.arrayMemory,
      inFlight: resources.threads + 1,
      chunk: source.chunkShape, minimumBlocks: 4 * resources.threads)
    let every = max(1, shape.count / 1_000_000)
    var ranks = ValueRanks()
    var gaps = 0
    var sample: [Float] = []
    try BlockStream.run(
      plan.blocks, stage: "range", resources: resources,
      work: { block throws(VoxelithError) -> (ValueRanks, Int, [Float]) in
        summary(try source.readFloats(block.core), region: block.core, shape: shape, every: every)
      },
      consume: { _, part throws(VoxelithError) in
        ranks.merge(part.0)
        gaps += part.1
        sample += part.2
      })
    minimum = Double(ranks.minimum)
    maximum = Double(ranks.maximum)
    outliers = ranks.outliers
    missing = gaps
    self.sample = sample
  }

  /// The ends of a range for this volume.
  ///
  /// - Throws: as ``ValueRange/resolve(_:name:)``.
  public func resolve(_ range: ValueRange, name: String? = nil) throws(VoxelithError) -> (Double, Double) {
    if missing > 0, sample.isEmpty {
      throw VoxelithError(.data, "holds no value: every voxel is missing", file: name)
    }
    return switch range {
    case .quantiles: try range.resolve(sample, name: name)
    default: try range.resolve([Float(minimum), Float(maximum)], name: name)
    }
  }
}

private func summary(
  _ values: [Float], region: Region, shape: Shape, every: Int
) -> (ValueRanks, Int, [Float]) {
  var ranks = ValueRanks()
  ranks.add(values)
  let gaps = values.count { $0.isNaN }
  // Which voxels are sampled follows from their place in the volume, not in the block.
  var sample: [Float] = []
  for z in 0..<region.shape.z {
    for y in 0..<region.shape.y {
      let start = shape.index(z: z + region.lower.z, y: y + region.lower.y, x: region.lower.x)
      let row = (z * region.shape.y + y) * region.shape.x
      var x = (every - start % every) % every
      while x < region.shape.x {
        if values[row + x].isFinite { sample.append(values[row + x]) }
        x += every
      }
    }
  }
  return (ranks, gaps, sample)
}
