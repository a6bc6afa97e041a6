import Volumetry

/// The strips or tiles of packed pages as the chunks of an array, so that a block that many boxes cut is unpacked once.
struct TIFFBlocks: ChunkedArray {
  let layout: ChunkLayout
  let owner = ChunkOwner()
  let file: String
  private let planes: [TIFFPlane]
  private let type: VoxelType

  /// nil for pages that are not packed, whose rows are read as they are needed, and for blocks that the cache cannot hold.
  init?(_ planes: [TIFFPlane], shape: Shape, type: VoxelType, file: String) {
    guard let first = planes.first, first.offset == nil, first.page.directOffsets.isEmpty,
      let layout = ChunkLayout(
        shape: [shape.z, shape.y, shape.x],
        chunk: [1, min(first.page.blockHeight, shape.y), min(first.page.blockWidth, shape.x)],
        elementSize: type.size)
    else { return nil }
    self.layout = layout
    self.file = file
    self.planes = planes
    self.type = type
  }

  var fill: [UInt8] { [UInt8](repeating: 0, count: type.size) }
  var path: String? { nil }
  var workingBytes: Int { 2 * layout.bytes }

  /// Whether a region takes a part of some block: only then a block is worth keeping.
  func areCut(by region: Region) -> Bool {
    let (height, width) = (layout.chunk[1], layout.chunk[2])
    func isCut(_ range: Range<Int>, _ side: Int, _ whole: Int) -> Bool {
      !range.lowerBound.isMultiple(of: side)
        || (!range.upperBound.isMultiple(of: side) && range.upperBound != whole)
    }
    return isCut(region.y, height, layout.shape[1]) || isCut(region.x, width, layout.shape[2])
  }

  func load(_ place: [Int], into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) -> Bool {
    let (height, width) = (layout.chunk[1], layout.chunk[2])
    let rows = (place[1] * height)..<min((place[1] + 1) * height, layout.shape[1])
    let columns = (place[2] * width)..<min((place[2] + 1) * width, layout.shape[2])
    let row = columns.count * type.size
    let plane = planes[place[0]]
    if columns.count == width {
      unsafe try plane.decode(
        rows: rows, columns: columns, type: type, into: .init(rebasing: target[..<(rows.count * row)]))
      return true
    }
    var packed = [UInt8](repeating: 0, count: rows.count * row)
    var failure: VoxelithError?
    unsafe packed.withUnsafeMutableBytes { room in
      do throws(VoxelithError) {
        unsafe try plane.decode(rows: rows, columns: columns, type: type, into: room)
        for index in rows.indices.map({ $0 - rows.lowerBound }) {
          let start = index * width * type.size
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + row)]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: room[(index * row)..<((index + 1) * row)]))
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return true
  }
}
