public import Volumetry

/// Counts of grey values, gathered block by block. Counts are whole numbers, so the cut into blocks
/// never shows.
public struct GreyHistogram: Sendable, Hashable {
  /// Lower edge of the first bin.
  public let lower: Double
  public let binWidth: Double
  public internal(set) var counts: [Int]
  /// Voxels without a finite value, or outside the mask.
  public internal(set) var missing: Int
  /// Voxels far outside the values of all others, which are counted at the ends of those.
  public internal(set) var outliers: ValueOutliers?

  public init(lower: Double, binWidth: Double, counts: [Int], missing: Int = 0) {
    self.lower = lower
    self.binWidth = binWidth
    self.counts = counts
    self.missing = missing
  }

  public var total: Int { counts.reduce(0, +) }

  /// Value in the middle of a bin.
  public func center(_ bin: Int) -> Double { lower + (Double(bin) + 0.5) * binWidth }

  /// Upper edge of a bin: the threshold that leaves this bin below.
  public func upperEdge(_ bin: Int) -> Double { lower + Double(bin + 1) * binWidth }

  /// Mean of the values between two thresholds, by bins; NaN where there are none.
  public func mean(above low: Double, upTo high: Double) -> Double {
    var sum = 0.0
    var count = 0
    for (bin, number) in counts.enumerated() where number > 0 {
      let value = center(bin)
      if value > low && value <= high {
        sum += value * Double(number)
        count += number
      }
    }
    return count > 0 ? sum / Double(count) : .nan
  }

  /// The histogram over the range that holds counts, with at most `limit` bins.
  func condensed(to limit: Int) -> GreyHistogram {
    guard let first = counts.firstIndex(where: { $0 > 0 }),
      let last = counts.lastIndex(where: { $0 > 0 })
    else { return self }
    let factor = (last - first + limit) / limit
    var merged = [Int](repeating: 0, count: (last - first) / factor + 1)
    for bin in first...last { merged[(bin - first) / factor] += counts[bin] }
    return GreyHistogram(
      lower: lower + Double(first) * binWidth, binWidth: binWidth * Double(factor), counts: merged,
      missing: missing)
  }

  /// Gathers the histogram of a volume.
  ///
  /// Whole-number types of up to 16 bits have one bin a value (centred on it); others 65536 bins
  /// from the least to the greatest finite value, which takes one more pass. A few values far outside all others are
  /// counted at the ends of those (`ValueOutliers`): one hot voxel must not move the thresholds of all.
  ///
  /// - Parameters:
  ///   - mask: only voxels above zero count; of the shape of the volume.
  /// - Throws: `data` where no voxel has a finite value, or the mask has another shape.
  public static func gather(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> GreyHistogram {
    try checkMask(mask, of: source)
    var lower = -0.5
    var width = 1.0
    var bins = 256
    var outliers: ValueOutliers?
    switch source.voxelType {
    case .uint8: break
    case .int8: lower = -128.5
    case .uint16: bins = 65536
    case .int16: (lower, bins) = (-32768.5, 65536)
    default:
      let (range, found) = try self.range(of: source, mask: mask, resources: resources)
      outliers = found
      (lower, width, bins) = (range.lowerBound, (range.upperBound - range.lowerBound) / 65535, 65536)
      if width == 0 { (width, bins) = (1, 1) }
      lower -= 0.5 * width
    }
    let (first, step, last) = (lower, width, bins - 1)
    let start = GreyHistogram(
      lower: lower, binWidth: width, counts: [Int](repeating: 0, count: bins))
    var result = try MaskedBlocks(source, mask).reduce(
      stage: "histogram", resources: resources, into: start
    ) { (values, weights) in
      var part = start
      for i in values.indices {
        guard values[i].isFinite && (weights.isEmpty || weights[i] > 0) else {
          part.missing += 1
          continue
        }
        // What lies far outside may be too far for a whole number.
        let bin = ((Double(values[i]) - first) / step).rounded(.down)
        part.counts[Int(min(max(bin, 0), Double(last)))] += 1
      }
      return part
    } combine: {
      for bin in $0.counts.indices { $0.counts[bin] += $1.counts[bin] }
      $0.missing += $1.missing
    }
    guard result.total > 0 else {
      throw VoxelithError(.data, "no voxel has a grey value", file: source.name)
    }
    result.outliers = outliers
    if source.voxelType == .uint16 || source.voxelType == .int16 { result.clip() }
    return result
  }

  /// Counts what lies far outside at the ends of the rest.
  mutating func clip() {
    guard let found = ValueOutliers.find(counts, { self.center($0)...self.center($0) }) else { return }
    let (first, last) = (bin(of: found.lower), bin(of: found.upper))
    for index in counts.indices where counts[index] > 0 && !(first...last).contains(index) {
      counts[index < first ? first : last] += counts[index]
      counts[index] = 0
    }
    outliers = found
  }

  private func bin(of value: Double) -> Int {
    min(max(Int(((value - lower) / binWidth).rounded(.down)), 0), counts.count - 1)
  }

  private static func range(
    of source: any VolumeSource, mask: (any VolumeSource)?, resources: Resources
  ) throws(VoxelithError) -> (range: ClosedRange<Double>, outliers: ValueOutliers?) {
    let ranks = try MaskedBlocks(source, mask).reduce(
      stage: "range of grey", resources: resources, into: ValueRanks()
    ) { (values, weights) in
      var ranks = ValueRanks()
      for i in values.indices where weights.isEmpty || weights[i] > 0 { ranks.add(values[i]) }
      return ranks
    } combine: {
      $0.merge($1)
    }
    guard let range = ranks.usualRange else {
      throw VoxelithError(.data, "no voxel has a grey value", file: source.name)
    }
    guard let outliers = ranks.outliers else { return (range, nil) }
    // The exact ends of the others: bins, and so thresholds, are then those of a volume without the outliers.
    let exact = try MaskedBlocks(source, mask).reduce(
      stage: "range of grey", resources: resources, into: (Double.infinity, -Double.infinity)
    ) { (values, weights) in
      var limits = (Double.infinity, -Double.infinity)
      for i in values.indices where weights.isEmpty || weights[i] > 0 {
        let value = Double(values[i])
        if range.contains(value) { limits = (min(limits.0, value), max(limits.1, value)) }
      }
      return limits
    } combine: {
      $0 = (min($0.0, $1.0), max($0.1, $1.1))
    }
    return (exact.0 <= exact.1 ? exact.0...exact.1 : range, outliers)
  }
}

/// - Throws: `data` where a mask has another shape than its volume.
func checkMask(_ mask: (any VolumeSource)?, of source: any VolumeSource) throws(VoxelithError) {
  if let mask, mask.grid.shape != source.grid.shape {
    throw VoxelithError(
      .data, "the mask has \(mask.grid.shape) voxels and the volume \(source.grid.shape)",
      file: mask.name, advice: "resample the mask onto the grid of the volume")
  }
}

/// A volume and its mask, read together block by block.
struct MaskedBlocks: Sendable {
  let source: any VolumeSource
  let mask: (any VolumeSource)?

  init(_ source: any VolumeSource, _ mask: (any VolumeSource)?) {
    self.source = source
    self.mask = mask
  }

  func reduce<Partial: Sendable>(
    stage: String, resources: Resources, into start: Partial,
    work: @escaping @Sendable (_ values: [Float], _ mask: [Float]) -> Partial,
    combine: (inout Partial, Partial) -> Void
  ) throws(VoxelithError) -> Partial {
    let source = source
    let mask = mask
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 24, memory: resources.memory / 2,
      inFlight: resources.threads + 1, chunk: source.chunkShape,
      minimumBlocks: 4 * resources.threads)
    return try BlockStream.reduce(plan.blocks, stage: stage, resources: resources, into: start) {
      (block) throws(VoxelithError) in
      let values = try source.readFloats(block.core)
      let weights = try mask?.readFloats(block.core) ?? []
      return work(values, weights)
    } combine: {
      combine(&$0, $1)
    }
  }
}
