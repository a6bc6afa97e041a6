import Volumetry

/// The planes of a volume across y or x, in a file without a name.
///
/// The volume is read once, in boxes that follow its chunks. The file holds plane after plane, and of each plane one tile
/// after the other, so that a box adds one piece to each plane and a plane is read at once.
struct PlaneSpool: Sendable {
  private let file: InputFile
  private let tiles: PlaneTiles
  /// Bytes of a voxel.
  private let size: Int

  /// - Parameter memory: bytes that the boxes may take.
  /// - Returns: nil where the folder for working files has no room for the volume.
  static func make(
    _ source: any VolumeSource, along axis: Axis, memory: Int, threads: Int
  ) throws(VoxelithError) -> PlaneSpool? {
    let (shape, size) = (source.grid.shape, source.voxelType.size)
    // A box is held as it is read and as it is turned.
    let room = max(1, min(memory / 2, largestBox) / size)
    let tiles = PlaneTiles(shape: shape, axis: axis, chunk: source.chunkShape, room: room)
    let file = try SpoolFile.make(bytes: shape.count * size) { (output) throws(VoxelithError) in
      for box in tiles.boxes {
        try Cancellation.poll()
        let turned = try PlaneTurn(shape: box.region.shape, size: size, axis: axis).run(
          try source.read(box.region), threads: threads)
        let piece = box.region.count / box.region.shape[axis] * size
        let start = (box.region.lower[axis] * tiles.planeCount + box.place) * size
        unsafe try turned.withBytes { (bytes) throws(VoxelithError) in
          for plane in 0..<box.region.shape[axis] {
            unsafe try output.write(
              .init(rebasing: bytes[(plane * piece)..<((plane + 1) * piece)]),
              at: start + plane * tiles.planeCount * size)
          }
        }
      }
    }
    return file.map { PlaneSpool(file: $0, tiles: tiles, size: size) }
  }

  /// More makes pieces longer and nothing faster.
  private static let largestBox = 64 << 20

  /// Puts the voxels of a plane to their place.
  ///
  /// - Parameter target: as long as a plane.
  func read(_ index: Int, into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) {
    let bytes = tiles.planeCount * size
    guard tiles.isCutAcross else {
      return unsafe try file.read(into: target, at: index * bytes)
    }
    let plane = try file.bytes(at: index * bytes, count: bytes)
    let row = tiles.rowCount * size
    unsafe plane.withUnsafeBytes { source in
      for tile in tiles.tiles {
        let run = tile.across.count * size
        for (line, z) in tile.z.enumerated() {
          let (from, to) = (tile.place * size + line * run, z * row + tile.across.lowerBound * size)
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + run)]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[from..<(from + run)]))
        }
      }
    }
  }
}

/// How a plane is cut into tiles, and a volume into boxes each of which holds one tile of a range of planes.
struct PlaneTiles: Sendable {
  struct Cut: Sendable {
    var z: Range<Int>
    /// Along the axis within the plane that is not z.
    var across: Range<Int>
    /// Voxels of the plane before the tile's first, tile after tile.
    var place: Int
  }

  struct Part: Sendable {
    var region: Region
    var place: Int
  }

  private(set) var tiles: [Cut] = []
  private(set) var boxes: [Part] = []
  /// Voxels of a plane, and of one of its rows.
  let planeCount: Int
  let rowCount: Int
  /// Whether a row of a plane lies in more than one tile.
  let isCutAcross: Bool

  /// - Parameters:
  ///   - axis: y or x.
  ///   - chunk: piece that is read at once; boxes hold whole ones where they can.
  ///   - room: voxels that a box may hold.
  init(shape: Shape, axis: Axis, chunk: Shape, room: Int) {
    let across: Axis = axis == .x ? .y : .x
    var sides = Shape(
      z: min(chunk.z, shape.z), y: min(chunk.y, shape.y), x: min(chunk.x, shape.x))
    for side in [axis, across, .z] where sides.count > room {
      sides[side] = max(1, room / (sides.count / sides[side]))
    }
    // All planes at once first: the pieces of each are then as few as can be.
    for side in [axis, across, .z] {
      let fitting = room / sides.count * sides[side]
      sides[side] = fitting >= shape[side] ? shape[side] : max(sides[side], fitting)
    }
    planeCount = shape.z * shape[across]
    rowCount = shape[across]
    isCutAcross = sides[across] < shape[across]
    var place = 0
    for z in stride(from: 0, to: shape.z, by: sides.z) {
      for low in stride(from: 0, to: shape[across], by: sides[across]) {
        let tile = Cut(
          z: z..<min(shape.z, z + sides.z), across: low..<min(shape[across], low + sides[across]),
          place: place)
        tiles.append(tile)
        for plane in stride(from: 0, to: shape[axis], by: sides[axis]) {
          var (lower, box) = (Shape(z: z, y: 0, x: 0), Shape(z: tile.z.count, y: 0, x: 0))
          (lower[across], box[across]) = (low, tile.across.count)
          (lower[axis], box[axis]) = (plane, min(sides[axis], shape[axis] - plane))
          boxes.append(Part(region: Region(lower: lower, shape: box), place: place))
        }
        place += tile.z.count * tile.across.count
      }
    }
  }
}
