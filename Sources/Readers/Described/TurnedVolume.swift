import Volumetry

/// A volume whose file has its axes in another order, or the far end of some first, turned to x, y, z.
struct TurnedVolume: DescribedVolume, GrowingSource {
  let grid: Grid
  let description: VolumeDescription
  private let stored: any DescribedVolume
  private let turn: AxisTurn

  /// The volume itself where nothing is turned.
  ///
  /// - Parameters:
  ///   - spacing: size of a voxel along x, y, z in um.
  ///   - first: centre of the file's first voxel along x, y, z in um.
  ///   - origins: where the geometry came from.
  static func turned(
    _ stored: any DescribedVolume, _ turn: AxisTurn, spacing: SIMD3<Double>? = nil,
    first: SIMD3<Double>? = nil, origins: [GeometryOrigin], options: VolumeOpenOptions, note: String? = nil
  ) throws(VoxelithError) -> any DescribedVolume {
    if turn == .none { return stored }
    let file = stored.grid.shape
    let sides = turn.sides([file.x, file.y, file.z])
    let shape = Shape(z: sides[2], y: sides[1], x: sides[0])
    var corner: SIMD3<Double>?
    if let size = options.voxelSize ?? spacing, let first {
      var low = first - 0.5 * size
      for axis in 0..<3 where turn.falls[axis] { low[axis] -= Double(sides[axis] - 1) * size[axis] }
      corner = low
    }
    let grid = try options.grid(shape, fileSpacing: spacing, fileOrigin: corner, file: stored.name)
    return TurnedVolume(stored, turn, grid: grid, origins: origins, note: note)
  }

  private init(
    _ stored: any DescribedVolume, _ turn: AxisTurn, grid: Grid, origins: [GeometryOrigin], note: String?
  ) {
    self.stored = stored
    self.turn = turn
    self.grid = grid
    var description = stored.description
    description.shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    description.voxelSizeUm =
      grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil
    description.originUm = [grid.origin.z, grid.origin.y, grid.origin.x]
    description.origins =
      grid.hasKnownSpacing
      ? zip(origins, grid.origins(source: nil)).map { GeometryOrigin($0.quantity, $1.value, $0.source) }
      : origins.isEmpty ? grid.origins(source: nil) : origins
    description.notes += [turn.note.map { text in note.map { "\(text) (\($0))" } ?? text }].compactMap { $0 }
    self.description = description
  }

  var voxelType: VoxelType { stored.voxelType }
  var name: String { stored.name }

  var writingNotice: String? { (stored as? any GrowingSource)?.writingNotice }

  var chunkShape: Shape {
    let chunk = stored.chunkShape
    let sides = turn.sides([chunk.x, chunk.y, chunk.z])
    return Shape(z: sides[2], y: sides[1], x: sides[0])
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    if region.shape.isEmpty { return try VoxelBuffer.filled(voxelType, count: 0) { _ in } }
    let wanted = [region.x, region.y, region.z]
    let sides = [grid.shape.x, grid.shape.y, grid.shape.z]
    var box = [Range<Int>](repeating: 0..<0, count: 3)
    for axis in 0..<3 {
      let range = wanted[axis]
      box[turn.source[axis]] =
        turn.falls[axis] ? (sides[axis] - range.upperBound)..<(sides[axis] - range.lowerBound) : range
    }
    let values = try stored.read(
      Region(
        lower: Shape(z: box[2].lowerBound, y: box[1].lowerBound, x: box[0].lowerBound),
        shape: Shape(z: box[2].count, y: box[1].count, x: box[0].count)))
    let strides = [1, box[0].count, box[0].count * box[1].count]
    var start = 0
    var steps = [0, 0, 0]
    for axis in 0..<3 {
      let stride = strides[turn.source[axis]]
      steps[axis] = turn.falls[axis] ? -stride : stride
      if turn.falls[axis] { start += (wanted[axis].count - 1) * stride }
    }
    return values.reordered(region.shape, BoxSteps(start: start, z: steps[2], y: steps[1], x: steps[0]))
  }
}
