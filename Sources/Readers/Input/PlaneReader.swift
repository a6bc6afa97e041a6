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
    let size = type.size
    let run = region.shape.x * size
    // Planes cut into bands of some megabytes.
    let rows = max(1, min(region.shape.y, (4 << 20) / max(1, run)))
    let bands = (region.shape.y + rows - 1) / rows
    let pieces = region.shape.z * bands
    return try VoxelBuffer.filled(type, count: region.count) { (bytes) throws(VoxelithError) in
      // Few bytes are not worth a thread each.
      let threads = region.count * size < (1 << 20) ? 1 : threads
      _ = try Parallel.map(pieces, threads: threads) { (piece) throws(VoxelithError) in
        let (z, first) = (piece / bands, piece % bands * rows)
        let count = min(rows, region.shape.y - first)
        let reader = RowReader(
          file: file,
          offset: planeOffsets[region.lower.z + z] + ((region.lower.y + first) * shape.x + region.lower.x)
            * size,
          stride: shape.x * size, rows: count, run: run)
        let start = (z * region.shape.y + first) * run
        unsafe try bytes.withPiece(start..<(start + count * run)) { (target) throws(VoxelithError) in
          unsafe try reader.read(into: target)
          if swapsBytes { unsafe ByteOrder.swap(target, elementSize: size) }
        }
      }
    }
  }
}
