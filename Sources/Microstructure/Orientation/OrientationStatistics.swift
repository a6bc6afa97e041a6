public import Volumetry

/// Statistics of a field of directions, gathered slab by slab.
///
/// Sums are kept as whole numbers of 2^-36, so that they are exact in any order: neither the cut into
/// slabs nor the number of threads shows in the last bit.
public struct OrientationStatistics: Sendable {
  /// How much a voxel counts.
  public enum Weighting: String, Sendable, Hashable, Codable, CaseIterable {
    case equal
    case anisotropy
  }

  public struct Options: Sendable, Hashable {
    public var weighting: Weighting
    /// Voxels below this anisotropy are left out.
    public var minimumAnisotropy: Float
    /// Rings of the direction histogram.
    public var rings: Int
    /// Side of the blocks that the bootstrap draws, in micrometres.
    public var blockLength: Double?

    public init(
      weighting: Weighting = .equal, minimumAnisotropy: Float = 0, rings: Int = 12,
      blockLength: Double? = nil
    ) {
      self.weighting = weighting
      self.minimumAnisotropy = minimumAnisotropy
      self.rings = rings
      self.blockLength = blockLength
    }
  }

  public let grid: Grid
  public let options: Options
  /// Side of the blocks in samples.
  public let blockShape: Shape
  private let blockCounts: Shape
  private let angleBins = AngleBins()
  /// For each block the weighted sums of xx, yy, zz, xy, xz, yz and of the weight.
  private var blocks: [Int64]
  public private(set) var histogram: DirectionHistogram
  /// Samples with a direction that counts.
  public private(set) var count = 0
  /// Samples without one.
  public private(set) var missing = 0
  private var shapeSums: [Int64] = [0, 0]

  static let one = 0x1p36
  private static let perBlock = 7

  /// - Parameters:
  ///   - grid: grid of the answer.
  ///   - rho: width of the window, in micrometres: neighbours nearer than a few of it are correlated.
  public init(grid: Grid, rho: Double, options: Options = Options()) {
    self.grid = grid
    self.options = options
    var block = grid.shape
    for axis in Axis.allCases {
      let length = options.blockLength ?? max(4 * rho, min(8 * rho, grid.extent.max() / 4))
      let side = (length / grid.spacing(along: axis)).rounded(.up)
      block[axis] = max(1, min(grid.shape[axis], side < 1e9 ? Int(side) : grid.shape[axis]))
    }
    blockShape = block
    blockCounts = Shape(
      z: (grid.shape.z + block.z - 1) / block.z, y: (grid.shape.y + block.y - 1) / block.y,
      x: (grid.shape.x + block.x - 1) / block.x)
    blocks = [Int64](repeating: 0, count: blockCounts.count * Self.perBlock)
    histogram = DirectionHistogram(rings: max(1, options.rings))
  }

  /// Adds a box of the answer.
  public mutating func add(_ slab: OrientationSlab, threads: Int = Parallel.availableThreads)
    throws(VoxelithError)
  {
    let this = self
    let parts = try Parallel.map(slab.region.shape.z, threads: threads) {
      (slice) throws(VoxelithError) in
      this.partial(slab, slice: slice)
    }
    let area = blockCounts.y * blockCounts.x * Self.perBlock
    for (slice, part) in parts.enumerated() {
      let layer = (slab.region.lower.z + slice) / blockShape.z * area
      for i in 0..<area { blocks[layer + i] += part.blocks[i] }
      histogram.merge(part.histogram)
      count += part.count
      missing += part.missing
      for i in 0..<2 { shapeSums[i] += part.shapeSums[i] }
    }
  }

  /// Mean linearity and planarity of the samples that count.
  public var meanLinearity: Double { Double(shapeSums[0]) / Self.one / Double(count) }
  public var meanPlanarity: Double { Double(shapeSums[1]) / Self.one / Double(count) }

  /// The tensor of all samples; nil where none has a direction that counts.
  public var tensor: OrientationTensor? {
    Self.tensor(of: blockSums)
  }

  /// Sums of the blocks that hold directions.
  var blockSums: [[Double]] {
    stride(from: 0, to: blocks.count, by: Self.perBlock).compactMap { start in
      guard blocks[start + 6] > 0 else { return nil }
      return blocks[start..<(start + Self.perBlock)].map { Double($0) / Self.one }
    }
  }

  static func tensor(of sums: some Sequence<[Double]>) -> OrientationTensor? {
    var total = [Double](repeating: 0, count: perBlock)
    for block in sums { for i in total.indices { total[i] += block[i] } }
    guard total[6] > 0 else { return nil }
    return OrientationTensor(sums: Array(total[0..<6]), weight: total[6])
  }

  private struct Partial: Sendable {
    var blocks: [Int64]
    var histogram: DirectionHistogram
    var count = 0
    var missing = 0
    var shapeSums: [Int64] = [0, 0]
  }

  private func partial(_ slab: OrientationSlab, slice: Int) -> Partial {
    let region = slab.region
    let width = region.shape.x
    let area = region.shape.y * width
    let pitch = RowKernels.pitch(width)
    var result = Partial(
      blocks: [Int64](repeating: 0, count: blockCounts.y * blockCounts.x * Self.perBlock),
      histogram: DirectionHistogram(rings: histogram.rings))
    var row = [Float](repeating: 0, count: WindowStage.fields * pitch)
    var cells = [Int32](repeating: -1, count: pitch)
    for y in 0..<region.shape.y {
      for field in 0..<WindowStage.fields {
        var target = row.mutableSpan
        RowKernels.copy(
          slab.values.span, at: (slice * WindowStage.fields + field) * area + y * width,
          count: width, into: &target, at: field * pitch)
      }
      var numbers = cells.mutableSpan
      RowKernels.hemisphereCells(
        row.span, stride: pitch, width: width, rings: histogram.rings, into: &numbers)
      let line = (region.lower.y + y) / blockShape.y * blockCounts.x
      add(row, &cells, pitch: pitch, x: region.x, line: line, to: &result)
    }
    return result
  }

  /// Adds a row of directions; the cells of those that do not count become -1.
  private func add(
    _ row: [Float], _ cells: inout [Int32], pitch: Int, x columns: Range<Int>, line: Int,
    to result: inout Partial
  ) {
    var numbers = cells.mutableSpan
    var first = 0
    while first < columns.count {
      let block = (columns.lowerBound + first) / blockShape.x
      let last = min(columns.count, (block + 1) * blockShape.x - columns.lowerBound)
      let found = RowKernels.directionSums(
        row.span, stride: pitch, places: first..<last, least: options.minimumAnisotropy,
        isWeighted: options.weighting == .anisotropy, one: Self.one, cells: &numbers)
      let start = (line + block) * Self.perBlock
      for i in 0..<Self.perBlock { result.blocks[start + i] += found.sums[i] }
      result.shapeSums[0] += found.sums[Self.perBlock]
      result.shapeSums[1] += found.sums[Self.perBlock + 1]
      result.count += found.count
      result.missing += last - first - found.count
      first = last
    }
    angleBins.count(
      row.span.extracting((2 * pitch)..<(2 * pitch + columns.count)), numbers.span, into: &result.histogram)
  }
}
