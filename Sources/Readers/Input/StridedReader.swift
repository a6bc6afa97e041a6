import Volumetry

/// Reads boxes of an array that lies uncompressed in a file with its axes in any order, or with other
/// values between those of the volume.
struct StridedReader: Sendable {
  let file: InputFile
  let type: VoxelType
  let swapsBytes: Bool
  /// First byte of voxel (0, 0, 0).
  let offset: Int
  /// Bytes from one voxel to the next along z, y, x.
  let strides: Shape

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    // The axes from the slowest in the file to the fastest.
    let axes = Axis.allCases.sorted { strides[$0] > strides[$1] }
    let (slow, middle, fast) = (axes[0], axes[1], axes[2])
    let size = type.size
    var targetStrides = Shape(z: region.shape.y * region.shape.x * size, y: region.shape.x * size, x: size)
    if region.shape.isEmpty { targetStrides = Shape(z: 0, y: 0, x: 0) }
    let reach = (region.shape[fast] - 1) * strides[fast] + size
    return try VoxelBuffer.filled(type, count: region.count) { (bytes) throws(VoxelithError) in
      guard region.count > 0 else { return }
      // One read for each slab where it is not much more than what is wanted, else one for each line.
      let slab = (region.shape[middle] - 1) * strides[middle] + reach
      let useful = region.shape[middle] * region.shape[fast] * size
      // A call of the system takes as long as to copy some kilobytes.
      let isDense = slab <= max(4 * useful, region.shape[middle] << 13) && slab <= 64 << 20
      var scratch = [UInt8](repeating: 0, count: isDense ? slab : reach)
      for i in 0..<region.shape[slow] {
        let start =
          offset + region.lower[slow] * strides[slow] + region.lower[fast] * strides[fast]
          + region.lower[middle] * strides[middle] + i * strides[slow]
        if isDense { try fill(&scratch, at: start) }
        for j in 0..<region.shape[middle] {
          if !isDense { try fill(&scratch, at: start + j * strides[middle]) }
          let source = isDense ? j * strides[middle] : 0
          let target = i * targetStrides[slow] + j * targetStrides[middle]
          unsafe try bytes.withPiece(0..<bytes.count) { (whole) throws(VoxelithError) in
            unsafe scratch.withUnsafeBytes { line in
              unsafe scatter(
                line, from: source, step: strides[fast], to: whole, at: target,
                step: targetStrides[fast], count: region.shape[fast])
            }
          }
        }
      }
      if swapsBytes {
        unsafe try bytes.withPiece(0..<bytes.count) { (whole) throws(VoxelithError) in
          unsafe ByteOrder.swap(whole, elementSize: size)
        }
      }
    }
  }

  private func fill(_ scratch: inout [UInt8], at start: Int) throws(VoxelithError) {
    var failure: VoxelithError?
    unsafe scratch.withUnsafeMutableBytes { bytes in
      do throws(VoxelithError) { unsafe try file.read(into: bytes, at: start) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func scatter(
    _ line: UnsafeRawBufferPointer, from source: Int, step: Int, to target: UnsafeMutableRawBufferPointer,
    at start: Int, step targetStep: Int, count: Int
  ) {
    func copy<Word: BitwiseCopyable>(_: Word.Type) {
      for k in 0..<count {
        let word = unsafe line.loadUnaligned(fromByteOffset: source + k * step, as: Word.self)
        unsafe target.storeBytes(of: word, toByteOffset: start + k * targetStep, as: Word.self)
      }
    }
    switch type.size {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
  }
}
