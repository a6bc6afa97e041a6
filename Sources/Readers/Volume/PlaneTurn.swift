import Volumetry

/// Sorts the voxels of a box by planes across y or x: plane after plane, each with z before the other axis.
struct PlaneTurn: Sendable {
  let shape: Shape
  /// Bytes of a voxel.
  let size: Int
  let axis: Axis

  /// - Parameter threads: slices of z that are sorted at once.
  func run(_ voxels: VoxelBuffer, threads: Int) throws(VoxelithError) -> VoxelBuffer {
    try VoxelBuffer.filled(voxels.type, count: shape.count) { (target) throws(VoxelithError) in
      try unsafe voxels.withBytes { (raw) throws(VoxelithError) in
        let source = unsafe Source(bytes: raw)
        _ = try Parallel.map(shape.z, threads: threads) { (z) throws(VoxelithError) in
          unsafe try target.withPiece(0..<target.count) { (bytes) throws(VoxelithError) in
            unsafe slice(z, of: source.bytes, into: bytes)
          }
        }
      }
    }
  }

  /// What all threads read.
  @safe private struct Source: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }
  }

  /// Slices of z go to places of their own, so that several threads may turn.
  private func slice(_ z: Int, of source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
  {
    if axis == .y {
      let row = shape.x * size
      for y in 0..<shape.y {
        let (from, to) = ((z * shape.y + y) * row, (y * shape.z + z) * row)
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + row)]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[from..<(from + row)]))
      }
      return
    }
    switch size {
    case 1: unsafe turn(z, source, target, UInt8.self)
    case 2: unsafe turn(z, source, target, UInt16.self)
    case 4: unsafe turn(z, source, target, UInt32.self)
    default: unsafe turn(z, source, target, UInt64.self)
    }
  }

  /// By squares of 32 x 32, which the nearest cache holds.
  private func turn<Word: BitwiseCopyable>(
    _ z: Int, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, _: Word.Type
  ) {
    for top in stride(from: 0, to: shape.y, by: 32) {
      for left in stride(from: 0, to: shape.x, by: 32) {
        for x in left..<min(left + 32, shape.x) {
          var from = ((z * shape.y + top) * shape.x + x) * size
          var to = ((x * shape.z + z) * shape.y + top) * size
          for _ in top..<min(top + 32, shape.y) {
            let word = unsafe source.loadUnaligned(fromByteOffset: from, as: Word.self)
            unsafe target.storeBytes(of: word, toByteOffset: to, as: Word.self)
            from += shape.x * size
            to += size
          }
        }
      }
    }
  }
}
