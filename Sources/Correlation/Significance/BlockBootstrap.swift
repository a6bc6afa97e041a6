public import Volumetry

/// Resampling of cubes of voxels with replacement, which keeps the likeness of neighbours within a cube
/// (Politis and Romano's overlapping blocks, with periodic placement over the box of the grid).
public struct BlockBootstrap: Sendable {
  /// Sides of a cube in voxels.
  public let block: Shape
  public let replicates: Int
  public let seed: UInt64

  public init(block: Shape, replicates: Int = 1000, seed: UInt64 = 1) {
    self.block = Shape(z: max(1, block.z), y: max(1, block.y), x: max(1, block.x))
    self.replicates = max(10, replicates)
    self.seed = seed
  }

  /// Cubes as large as the effective number of voxels asks for: of about `n / effective` voxels each and a
  /// two and a half times as large along each side, so that most pairs of like voxels stay together, but no larger than half of the grid.
  public init(shape: Shape, voxels: Int, effective: Double, replicates: Int = 1000, seed: UInt64 = 1) {
    let ratio = Double(voxels) / max(1, effective)
    let axes = Axis.allCases.filter { shape[$0] > 1 }.count
    let side = axes == 0 ? 1 : 2.5 * root(max(1, ratio), axes)
    func cut(_ n: Int) -> Int { min(max(1, Int(side.rounded())), max(1, n / 2)) }
    self.init(
      block: Shape(z: cut(shape.z), y: cut(shape.y), x: cut(shape.x)), replicates: replicates, seed: seed)
  }

  /// Values of a statistic over the replicates; those that are NaN are left out.
  ///
  /// - Parameter statistic: of the positions in the pair's lists, which may repeat.
  public func values(
    of pair: FieldPair, resources: Resources = Resources(),
    _ statistic: @escaping @Sendable ([Int]) -> Double
  ) throws(VoxelithError) -> [Double] {
    try results(of: pair, resources: resources, statistic).filter { !$0.isNaN }
  }

  /// Pearson's coefficients of the replicates; those that are NaN are left out.
  func correlations(of pair: FieldPair, resources: Resources) throws(VoxelithError) -> [Double] {
    let (x, y) = (pair.x, pair.y)
    return try values(of: pair, resources: resources) { Correlations.pearson(x, y, chosen: $0) }
  }

  /// Whatever is wanted of every replicate.
  func results<Result: Sendable>(
    of pair: FieldPair, resources: Resources, _ statistic: @escaping @Sendable ([Int]) -> Result
  ) throws(VoxelithError) -> [Result] {
    let shape = pair.shape
    var position = [Int32](repeating: -1, count: shape.count)
    for (i, voxel) in pair.voxels.enumerated() { position[voxel] = Int32(i) }
    let positions = position
    let wanted = pair.count
    let block = Shape(z: min(block.z, shape.z), y: min(block.y, shape.y), x: min(block.x, shape.x))
    let seed = seed
    return try Parallel.map(replicates, threads: resources.threads) {
      (replicate) throws(VoxelithError) -> Result in
      var random = SeededGenerator(seed: seed, stream: UInt64(replicate))
      var chosen = [Int](repeating: 0, count: wanted + block.count)
      var tries = 0
      var count = 0
      while count < wanted && tries < 100 * wanted {
        tries += 1
        let corner = Shape(
          z: Int(random.uniform() * Double(shape.z)), y: Int(random.uniform() * Double(shape.y)),
          x: Int(random.uniform() * Double(shape.x)))
        count = Self.add(positions.span, shape, block, corner, to: &chosen, from: count)
      }
      chosen.removeLast(chosen.count - min(count, wanted))
      return statistic(chosen)
    }
  }

  /// Writes the positions of a block's voxels, and returns where the next block begins.
  private static func add(
    _ positions: Span<Int32>, _ shape: Shape, _ block: Shape, _ corner: Shape, to chosen: inout [Int],
    from start: Int
  ) -> Int {
    var target = chosen.mutableSpan
    var count = start
    for z in 0..<block.z {
      for y in 0..<block.y {
        let row = shape.index(z: (corner.z + z) % shape.z, y: (corner.y + y) % shape.y, x: 0)
        // Beyond the border the row begins anew.
        let first = min(block.x, shape.x - corner.x)
        for half in 0..<2 {
          let low = half == 0 ? row + corner.x : row
          let length = half == 0 ? first : block.x - first
          let part = positions.extracting(low..<(low + length))
          for i in part.indices {
            // What is not used is overwritten by the next one.
            target[count] = Int(part[i])
            count += part[i] >= 0 ? 1 : 0
          }
        }
      }
    }
    return count
  }

  /// How much wider the replicates must be for their spread to agree with the effective sample size, at least 1.
  ///
  /// Cubes cut pairs of like voxels apart and only few of them fit into a small grid, both of which make the
  /// replicates too alike. The standard deviation of Fisher's z of Pearson's coefficient is known from the
  /// effective number; the shape of the distribution is left to the replicates.
  ///
  /// - Parameter correlations: replicates of Pearson's coefficient.
  public static func stretch(correlations: [Double], effective: Double) -> Double {
    var moments = Moments()
    for r in correlations { moments.add(fisher(r)) }
    guard moments.count > 2, moments.standardDeviation > 0 else { return 1 }
    return max(1, 1 / max(0.5, effective - 3).squareRoot() / moments.standardDeviation)
  }

  /// Interval of a correlation coefficient: replicates stretched about their median in Fisher's z.
  public static func correlationInterval(
    value: Double, replicates: [Double], stretch: Double, confidence: Double = 0.95
  ) -> Estimate {
    let z = interval(
      value: fisher(value), replicates: replicates.map(fisher), stretch: stretch, confidence: confidence)
    return Estimate(value: value, low: correlation(fisher: z.low), high: correlation(fisher: z.high))
  }

  /// Interval of a statistic between the quantiles of its replicates, shifted so that their median is the
  /// value itself (bias-corrected; Efron 1981).
  public static func interval(
    value: Double, replicates: [Double], stretch: Double = 1, confidence: Double = 0.95
  ) -> Estimate {
    guard !replicates.isEmpty, !value.isNaN else { return Estimate(value: value, low: .nan, high: .nan) }
    let middle = Quantiles.median(replicates)
    let sorted = replicates.map { middle + stretch * ($0 - middle) }.sorted()
    let below = Double(sorted.filter { $0 < value }.count) + 0.5 * Double(sorted.filter { $0 == value }.count)
    let share = min(
      1 - 0.5 / Double(sorted.count), max(0.5 / Double(sorted.count), below / Double(sorted.count)))
    let bias = Distributions.normalQuantile(share)
    let reach = Distributions.normalQuantile(0.5 + 0.5 * confidence)
    return Estimate(
      value: value,
      low: Quantiles.quantile(sorted: sorted, Distributions.normalCDF(2 * bias - reach)),
      high: Quantiles.quantile(sorted: sorted, Distributions.normalCDF(2 * bias + reach)))
  }
}
