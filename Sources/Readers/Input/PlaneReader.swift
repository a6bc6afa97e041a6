import Volumetry

/// Reads boxes of an array that lies uncompressed in a file: planes of rows, x fastest, one element
/// after the other.
///
/// Bytes go from the file straight into the memory of the answer, on several threads, and are
/// turned there where the byte order differs.
struct PlaneReader: Sendable {
  let file: InputFile
  let shape: Shape
  let type: VoxelType
  let swapsBytes: Bool
  /// First byte of each plane.
  let planeOffsets: [Int]
  let threads: Int

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    let pieces = PlaneRuns(of: region, in: shape, elementSize: type.size) { planeOffsets[$0] }
      .cut(to: 8 << 20)
    return try VoxelBuffer.filled(type, count: region.count) { (bytes) throws(VoxelithError) in
      // Few bytes, or many small rows, are not worth a thread each.
      let groups = region.count * type.size < (1 << 20) ? 1 : min(pieces.count, 4 * threads)
      _ = try Parallel.map(groups, threads: threads) { (group) throws(VoxelithError) in
        for piece in pieces[(group * pieces.count / groups)..<((group + 1) * pieces.count / groups)] {
          try read(piece, into: bytes)
        }
      }
    }
  }

  private func read(_ piece: PlaneRuns.Run, into bytes: DisjointBytes) throws(VoxelithError) {
    unsafe try bytes.withPiece(piece.box..<(piece.box + piece.count)) { (target) throws(VoxelithError) in
      unsafe try file.read(into: target, at: piece.file)
      if swapsBytes { unsafe ByteOrder.swap(target, elementSize: type.size) }
    }
  }
}
