public import Volumetry

/// A quantity measured in every voxel of a source.
public struct ChemicalMap: Sendable {
  public let source: any SpectralSource
  public let quantity: any SpectralQuantity

  public init(source: any SpectralSource, quantity: any SpectralQuantity) {
    self.source = source
    self.quantity = quantity
  }

  /// Counts that a block holds: always the same, so that sums round alike whatever the memory and the threads.
  private static let blockBytes = 8 << 20

  /// Values of a block of voxels.
  public struct BlockResult: Sendable {
    /// One array a channel.
    public var values: [[Float]]
    public var sigmas: [[Float]]
    public var extras: [[Float]]
    public var mask: [UInt8]
    var summary: ChemicalSummary
  }

  /// Measures all voxels; blocks are handed on in order.
  ///
  /// - Throws: errors of the source, `data` where counts are promised and a value is no whole number in the first block.
  public func run(
    resources: Resources, consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> ChemicalSummary {
    let bins = source.energy.count
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 4 * bins, memory: max(Self.blockBytes, 4 * bins), inFlight: 1)
    var total = ChemicalSummary(channels: quantity.channels.count, bins: bins)
    try BlockStream.run(plan.blocks, stage: "chemistry", resources: resources) {
      (block) throws(VoxelithError) in
      measure(try source.readCounts(block.core), count: block.core.count)
    } consume: { (block, result) throws(VoxelithError) in
      total.add(result.summary)
      try consume(block, result)
    }
    return total
  }

  private func measure(_ counts: [Float], count: Int) -> BlockResult {
    let bins = source.energy.count
    let nothing = [Float](repeating: .nan, count: count)
    let channels = quantity.channels.count
    let extras = quantity.extras.count
    var result = BlockResult(
      values: [[Float]](repeating: nothing, count: channels),
      sigmas: [[Float]](repeating: nothing, count: channels),
      extras: [[Float]](repeating: nothing, count: extras), mask: [UInt8](repeating: 0, count: count),
      summary: ChemicalSummary(channels: channels, bins: bins))
    var work = quantity.makeWorkspace()
    let areCounts = quantity.noise == .counts
    for voxel in 0..<count {
      var isFinite = true
      var isNegative = false
      for bin in 0..<bins {
        let value = counts[voxel * bins + bin]
        isFinite = isFinite && value.isFinite
        isNegative = isNegative || value < 0
        work.values[bin] = Double(value)
      }
      work.chiSquared = 0
      work.freedom = 0
      var reason: VoxelReason = isFinite ? areCounts && isNegative ? .negativeCounts : .good : .notNumbers
      if reason == .good {
        reason = quantity.measure(&work)
        if reason.hasValue {
          for channel in 0..<channels
          where !(work.results[channel].isFinite && work.sigmas[channel].isFinite) {
            reason = .notFound
          }
        }
      }
      result.mask[voxel] = reason.rawValue
      result.summary.add(reason, work)
      guard reason.hasValue else { continue }
      for channel in 0..<channels {
        result.values[channel][voxel] = Float(work.results[channel])
        result.sigmas[channel][voxel] = Float(work.sigmas[channel])
      }
      for extra in 0..<extras { result.extras[extra][voxel] = Float(work.extras[extra]) }
    }
    return result
  }
}
