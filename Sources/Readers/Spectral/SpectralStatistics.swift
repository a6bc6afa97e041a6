public import Volumetry

/// Sums over all spectra of a source.
public struct SpectralStatistics: Sendable, Hashable, Codable {
  public var voxels = 0
  /// Sum of all counts that are finite.
  public var totalCounts = 0.0
  /// Largest count of a bin.
  public var largestCount = 0.0
  /// Voxels without a single count.
  public var emptyVoxels = 0
  public var negativeCounts = 0
  /// Counts that are NaN or infinite.
  public var invalidCounts = 0
  /// Sum of all spectra, bin by bin.
  public var sumSpectrum: [Double]

  enum CodingKeys: String, CodingKey {
    case voxels
    case totalCounts = "total_counts"
    case largestCount = "largest_count"
    case emptyVoxels = "empty_voxels"
    case negativeCounts = "negative_counts"
    case invalidCounts = "invalid_counts"
    case sumSpectrum = "sum_spectrum"
  }

  /// Counts that a block holds: always the same, so that the sums round alike on every machine.
  private static let blockBytes = 8 << 20

  init(bins: Int) { sumSpectrum = [Double](repeating: 0, count: bins) }

  /// Streams a source once. The result does not depend on threads or memory.
  ///
  /// - Throws: what the source throws; `cancelled` on request.
  public static func measure(
    _ source: any SpectralSource, resources: Resources = Resources()
  ) throws(VoxelithError) -> SpectralStatistics {
    let (shape, bins) = (source.grid.shape, source.energy.count)
    let plan = try BlockPlan(
      shape: shape, bytesPerVoxel: 4 * bins, memory: max(blockBytes, 4 * bins), inFlight: 1)
    return try BlockStream.reduce(
      plan.blocks, stage: "statistics", resources: resources, into: SpectralStatistics(bins: bins)
    ) { (block) throws(VoxelithError) in
      var part = SpectralStatistics(bins: bins)
      part.add(try source.readCounts(block.core), bins: bins)
      return part
    } combine: { total, part in
      total.add(part)
    }
  }

  private mutating func add(_ counts: [Float], bins: Int) {
    voxels += counts.count / bins
    for start in stride(from: 0, to: counts.count, by: bins) {
      var isEmpty = true
      for bin in 0..<bins {
        let count = counts[start + bin]
        guard count.isFinite else {
          invalidCounts += 1
          continue
        }
        if count < 0 { negativeCounts += 1 }
        if count != 0 { isEmpty = false }
        largestCount = max(largestCount, Double(count))
        sumSpectrum[bin] += Double(count)
        totalCounts += Double(count)
      }
      if isEmpty { emptyVoxels += 1 }
    }
  }

  private mutating func add(_ other: SpectralStatistics) {
    voxels += other.voxels
    totalCounts += other.totalCounts
    largestCount = max(largestCount, other.largestCount)
    emptyVoxels += other.emptyVoxels
    negativeCounts += other.negativeCounts
    invalidCounts += other.invalidCounts
    for bin in sumSpectrum.indices { sumSpectrum[bin] += other.sumSpectrum[bin] }
  }
}
