public import Volumetry

/// Voxels and detector pixels whose counts no sample can explain: a saturated or noisy pixel, a lost frame.
///
/// Counts are compared with three things at once: the neighbours in space, the other depths of the same pixel, and the
/// brightest of the whole volume. Of each the third in order is taken, so that two outliers side by side are found, too, and
/// an edge of the sample, where half of the neighbours are empty, is none.
public struct CountOutliers: Sendable, Equatable {
  /// How many times brighter than all three a voxel must be to be hot. Voxels of a sample differ by their filling, which
  /// the brightest of the volume bound.
  public static let hotFactor = 3.0
  /// Counts that neighbours must have for a voxel without any to be dead.
  public static let deadLevel: Float = 25

  /// Reasons by place in the grid; pixels by place in a slice.
  public private(set) var voxels: [Int: VoxelStatus] = [:]
  public private(set) var pixels: [Int: VoxelStatus] = [:]
  public var isEmpty: Bool { voxels.isEmpty && pixels.isEmpty }

  /// Reads all spectra once.
  ///
  /// - Throws: errors of reading, and of working memory.
  public init(_ source: any SpectralSource, resources: Resources) throws(VoxelithError) {
    let shape = source.grid.shape
    let totals = try PagedArray<Float>(
      repeating: 0, count: shape.count,
      in: WorkingMemory.holding(4 * shape.count, budget: resources.memory / 4))
    let bins = source.energy.count
    let plan = try BlockPlan(
      shape: shape, bytesPerVoxel: 8 * bins, memory: min(resources.memory / 2, 512 << 20),
      inFlight: resources.threads + 1, chunk: source.chunkShape, minimumBlocks: 4 * resources.threads)
    try BlockStream.run(plan.blocks, stage: "outliers", resources: resources) {
      (block) throws(VoxelithError) in
      let counts = try source.readCounts(block.core)
      return Self.totals(counts.span, bins: bins, voxels: block.core.count)
    } consume: { (block, sums) throws(VoxelithError) in
      totals.paste(sums, into: block.core, of: shape)
    }
    try find(totals, shape)
  }

  /// - Parameter totals: counts of every voxel over all bins.
  init(totals: PagedArray<Float>, shape: Shape) throws(VoxelithError) { try find(totals, shape) }

  /// Counts of each voxel over all bins; NaN where a bin is no count.
  static func totals(_ counts: Span<Float>, bins: Int, voxels: Int) -> [Float] {
    CountPacking.totals(counts, bins: bins, voxels: voxels)
  }

  private mutating func find(_ totals: PagedArray<Float>, _ shape: Shape) throws(VoxelithError) {
    let plane = shape.y * shape.x
    var history = [Ranked](repeating: Ranked(), count: plane)
    for z in 0..<shape.z {
      for pixel in 0..<plane { history[pixel].add(totals[z * plane + pixel]) }
    }
    let bright = Double(Self.bright(totals, count: shape.count))
    findPixels(history, shape)
    var around = Ranked()
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let pixel = y * shape.x + x
          let own = totals[z * plane + pixel]
          // Most voxels are neither dark nor as bright as that.
          let isBright = Double(own) > Self.hotFactor * bright
          guard isBright || own == 0, pixels[pixel] == nil else { continue }
          around = Ranked()
          Self.forEachNeighbour(z, y, x, shape) { around.add(totals[$0]) }
          guard around.count >= 3 else { continue }
          let past = history[pixel]
          let hasPast = past.count >= 6
          if isBright {
            // The voxel itself is among the three brightest of its pixel: the third is at most one of two others.
            let level = max(bright, Double(around.high.2), hasPast ? Double(past.high.2) : 0)
            if Self.isHot(own, beside: level) { voxels[z * plane + pixel] = .hot }
          } else if around.low.2 >= Self.deadLevel, !hasPast || past.low.2 >= Self.deadLevel {
            voxels[z * plane + pixel] = .dead
          }
        }
      }
    }
  }

  /// Pixels that are hot or without counts at all depths.
  private mutating func findPixels(_ history: [Ranked], _ shape: Shape) {
    // What a pixel has apart from its brightest three voxels, so that single hot voxels do not make it hot.
    let means = history.map { Float($0.trimmedMean) }
    let bright = Double(Self.bright(means))
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let pixel = y * shape.x + x
        let own = means[pixel]
        var around = Ranked()
        Self.forEachNeighbour(0, y, x, Shape(z: 1, y: shape.y, x: shape.x)) { around.add(means[$0]) }
        guard around.count >= 3 else { continue }
        if Double(own) > Self.hotFactor * bright {
          if Self.isHot(own, beside: max(bright, Double(around.high.2))) { pixels[pixel] = .hot }
        } else if history[pixel].isDark, shape.z > 1, around.low.2 >= Self.deadLevel {
          pixels[pixel] = .dead
        }
      }
    }
  }

  private static func isHot(_ own: Float, beside level: Double) -> Bool {
    Double(own) > hotFactor * level && Double(own) - level > 10 * Double(own).squareRoot()
  }

  /// The level that all but one in a hundred, and all but a few, stay below.
  private static func bright(_ totals: PagedArray<Float>, count: Int) -> Float {
    Float(totals.quantiles([min(0.99, max(0.5, 1 - 3.5 / Double(count)))])[0])
  }

  private static func bright(_ values: [Float]) -> Float {
    let sorted = values.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return .infinity }
    let part = min(0.99, max(0.5, 1 - 3.5 / Double(sorted.count)))
    return sorted[min(sorted.count - 1, Int(part * Double(sorted.count - 1)))]
  }

  private static func forEachNeighbour(
    _ z: Int, _ y: Int, _ x: Int, _ shape: Shape, _ body: (Int) -> Void
  ) {
    for k in max(0, z - 1)...min(shape.z - 1, z + 1) {
      for j in max(0, y - 1)...min(shape.y - 1, y + 1) {
        for i in max(0, x - 1)...min(shape.x - 1, x + 1) where (k, j, i) != (z, y, x) {
          body(shape.index(z: k, y: j, x: i))
        }
      }
    }
  }
}

/// The three largest and the three smallest of some counts, and their sum.
private struct Ranked {
  /// Falling.
  var high: (Float, Float, Float) = (-.infinity, -.infinity, -.infinity)
  /// Rising.
  var low: (Float, Float, Float) = (.infinity, .infinity, .infinity)
  var count = 0
  private var sum = 0.0

  /// What is no count is left out.
  mutating func add(_ value: Float) {
    guard value.isFinite else { return }
    count += 1
    sum += Double(value)
    if value > high.2 { high.2 = value }
    if high.2 > high.1 { swap(&high.2, &high.1) }
    if high.1 > high.0 { swap(&high.1, &high.0) }
    if value < low.2 { low.2 = value }
    if low.2 < low.1 { swap(&low.2, &low.1) }
    if low.1 < low.0 { swap(&low.1, &low.0) }
  }

  var isDark: Bool { count > 0 && high.0 <= 0 }

  /// Mean without the three largest where there are enough.
  var trimmedMean: Double {
    guard count > 0 else { return 0 }
    guard count > 6 else { return sum / Double(count) }
    return (sum - Double(high.0) - Double(high.1) - Double(high.2)) / Double(count - 3)
  }
}
