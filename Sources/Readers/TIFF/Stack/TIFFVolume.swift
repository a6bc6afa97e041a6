import Volumetry

/// A volume of TIFF pages: one file with a page per slice, one that ImageJ described by a single page,
/// or one file per slice.
final class TIFFVolume: DescribedVolume {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription
  let name: String
  /// What the numbers stand for.
  let scale: ValueScale
  private let planes: [TIFFPlane]
  private let blocks: TIFFBlocks?
  private let threads: Int

  var chunkShape: Shape {
    let page = planes[0].page
    return Shape(
      z: 1, y: planes[0].offset == nil ? page.blockHeight : grid.shape.y,
      x: page.isTiled ? page.blockWidth : grid.shape.x)
  }

  init(
    planes: [TIFFPlane], grid: Grid, type: VoxelType, name: String, description: VolumeDescription,
    scale: ValueScale = ValueScale(), threads: Int
  ) {
    self.scale = scale
    self.planes = planes
    blocks = TIFFBlocks(planes, shape: grid.shape, type: type, file: name)
    self.grid = grid
    self.voxelType = type
    self.name = name
    self.description = description
    self.threads = threads
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    if let blocks, blocks.areCut(by: region), blocks.layout.bytes <= ReadingMemory.cacheLimit / 8 {
      return try VoxelBuffer.filled(voxelType, count: region.count) { (bytes) throws(VoxelithError) in
        try ChunkReader(array: blocks).read(
          start: [region.lower.z, region.lower.y, region.lower.x],
          count: [region.shape.z, region.shape.y, region.shape.x], threads: threads, into: bytes)
      }
    }
    let type = voxelType
    let row = region.shape.x * type.size
    let slice = region.shape.y * row
    let bands = bands(of: region)
    return try VoxelBuffer.filled(type, count: region.count) { (bytes) throws(VoxelithError) in
      guard region.count > 0 else { return }
      // Small boxes are not worth a thread each.
      let threads = region.count * type.size < (1 << 18) ? 1 : self.threads
      _ = try Parallel.map(region.shape.z * bands.count, threads: threads) { (job) throws(VoxelithError) in
        let z = job / bands.count
        let rows = bands[job % bands.count]
        let start = z * slice + (rows.lowerBound - region.lower.y) * row
        unsafe try bytes.withPiece(start..<(start + rows.count * row)) { (target) throws(VoxelithError) in
          unsafe try planes[region.lower.z + z].decode(
            rows: rows, columns: region.x, type: type, into: target)
        }
      }
    }
  }

  /// Rows that one thread decodes together: whole slices where there are enough of them, else bands
  /// that no strip or row of tiles crosses.
  private func bands(of region: Region) -> [Range<Int>] {
    let wanted =
      region.shape.z >= 2 * threads ? 1 : (2 * threads + region.shape.z - 1) / max(1, region.shape.z)
    let page = planes[region.lower.z].page
    let unit = page.directOffsets.isEmpty && planes[0].offset == nil ? page.blockHeight : 1
    let first = region.lower.y / unit
    let last = (region.y.upperBound + unit - 1) / unit
    let step = max(1, (last - first + wanted - 1) / wanted)
    return stride(from: first, to: last, by: step).map { start in
      (start * unit)..<((start + step) * unit)
    }.map { $0.clamped(to: region.y) }
  }
}

extension TIFFVolume {
  /// The volume with its rows and columns along x and y, as the tag Orientation tells, and its numbers as they are meant.
  ///
  /// - Throws: `data` where a number of the geometry is not possible.
  func upright(options: VolumeOpenOptions) throws(VoxelithError) -> any DescribedVolume {
    let page = planes[0].page
    let turn = page.turn
    guard turn != .none else { return ScaledVolume.scaled(self, scale) }
    let size = grid.hasKnownSpacing ? grid.spacing : nil
    let turned = try TurnedVolume.turned(
      self, turn, spacing: size.map { SIMD3($0[turn.source[0]], $0[turn.source[1]], $0.z) },
      origins: description.origins, options: options, note: "Orientation \(page.orientation) of the pages")
    return ScaledVolume.scaled(turned, scale)
  }
}
