public import Volumetry

/// Range, mean, spread and histogram of a volume, computed block by block.
public struct VolumeStatistics: Codable, Sendable, Equatable {
  /// Voxels with a number.
  public var count: Int
  /// Voxels that are NaN.
  public var missing: Int
  /// Null where no voxel has a finite number.
  public var minimum: Double?
  public var maximum: Double?
  public var mean: Double?
  /// Square root of the unbiased variance.
  public var standardDeviation: Double?
  /// Values below which a part of the voxels lies, to within 1/128 of the value: unlike the mean, one hot voxel does not
  /// move them. None where no voxel has a finite number.
  public var quantiles: [Quantile]?
  /// Voxels far outside the values of all others; none where there are no such.
  public var outliers: ValueOutliers?
  public var histogram: Histogram

  public struct Quantile: Codable, Sendable, Equatable {
    public var part: Double
    public var value: Double
  }

  /// Equal bins from `lower` to `upper`; the last one holds its upper edge.
  public struct Histogram: Codable, Sendable, Equatable {
    public var lower: Double
    public var upper: Double
    public var counts: [Int]
  }

  enum CodingKeys: String, CodingKey {
    case count, missing, minimum, maximum, mean, histogram, quantiles, outliers
    case standardDeviation = "standard_deviation"
  }
}

extension VolumeStatistics {
  /// Computes the statistics in one pass, and the histogram of wide types in a second one.
  ///
  /// Infinities count as numbers in `count`, but range, mean and histogram are those of the finite
  /// values. Blocks follow the chunks of the source, so that each is unpacked once; sums are formed in double precision
  /// for bands of rows that depend on the shape alone and are added in their order, so neither chunks nor threads nor
  /// memory show in the result.
  ///
  /// - Parameter bins: of the histogram; integers get whole numbers of values per bin.
  public static func compute(
    _ source: any VolumeSource, resources: Resources = Resources(), bins: Int = 256
  ) throws(VoxelithError) -> VolumeStatistics {
    let bands = BandPlan(source, resources: resources)
    var sums = [BandSums](repeating: BandSums(), count: bands.count)
    sums = try BlockStream.reduce(bands.blocks, stage: "statistics", resources: resources, into: sums) {
      (block) throws(VoxelithError) in
      bands.sums(try source.read(block.core), of: block)
    } combine: { sums, parts in
      for part in parts { sums[part.band] = part.sums }
    }
    var total = BandSums()
    for sums in sums { total.merge(sums) }

    let range = binning(total, type: source.voxelType, bins: max(1, bins))
    var counts = [Int](repeating: 0, count: range.bins)
    var ranks = ValueRanks()
    if total.finite > 0 {
      (counts, ranks) = try BlockStream.reduce(
        bands.blocks, stage: "histogram", resources: resources, into: (counts, ranks)
      ) {
        (block) throws(VoxelithError) in
        let values = try source.read(block.core)
        var ranks = ValueRanks()
        ranks.add(values.floats())
        return (range.counts(values), ranks)
      } combine: { sum, part in
        for bin in part.0.indices { sum.0[bin] += part.0[bin] }
        sum.1.merge(part.1)
      }
    }
    let hasAny = total.finite > 0
    let variance = total.finite > 1 ? max(0, total.squares) / Double(total.finite - 1) : nil
    return VolumeStatistics(
      count: total.finite + total.infinite, missing: total.missing,
      minimum: hasAny ? total.minimum : nil, maximum: hasAny ? total.maximum : nil,
      mean: hasAny ? total.mean : nil,
      standardDeviation: variance.flatMap { $0.isFinite ? $0.squareRoot() : nil },
      quantiles: ranks.total == 0
        ? nil : [0.01, 0.25, 0.5, 0.75, 0.99].map { Quantile(part: $0, value: quantile(ranks, $0)) },
      outliers: ranks.outliers,
      histogram: Histogram(lower: range.lower, upper: range.upper, counts: counts))
  }

  /// The bins beside zero reach over numbers below those of single precision: what lies in them is 0.
  private static func quantile(_ ranks: ValueRanks, _ part: Double) -> Double {
    let value = ranks.quantile(part)
    return abs(value) < Double(Float.leastNormalMagnitude) ? 0 : value
  }

  private static func binning(_ sums: BandSums, type: VoxelType, bins: Int) -> Binning {
    guard sums.finite > 0 else { return Binning(lower: 0, upper: 1, bins: bins) }
    if type.isFloatingPoint {
      let isFlat = sums.minimum == sums.maximum
      return Binning(
        lower: sums.minimum, upper: isFlat ? sums.minimum.nextUp : sums.maximum,
        bins: isFlat || sums.maximum - sums.minimum < .leastNormalMagnitude * Double(bins) ? 1 : bins)
    }
    let values = sums.maximum - sums.minimum + 1
    let width = max(1, (values / Double(bins)).rounded(.up))
    let count = Int((values / width).rounded(.up))
    return Binning(lower: sums.minimum, upper: sums.minimum + width * Double(count), bins: count)
  }
}
