import Glibc
import Volumetry

extension VoxelBuffer {
  /// A buffer whose memory `fill` sets, without being cleared before.
  ///
  /// - Parameter fill: sets every byte, in the byte order of this machine, or throws.
  static func filled(
    _ type: VoxelType, count: Int, by fill: (DisjointBytes) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> VoxelBuffer {
    switch type {
    case .uint8: .uint8(try filledArray(count, by: fill))
    case .uint16: .uint16(try filledArray(count, by: fill))
    case .uint32: .uint32(try filledArray(count, by: fill))
    case .uint64: .uint64(try filledArray(count, by: fill))
    case .int8: .int8(try filledArray(count, by: fill))
    case .int16: .int16(try filledArray(count, by: fill))
    case .int32: .int32(try filledArray(count, by: fill))
    case .int64: .int64(try filledArray(count, by: fill))
    case .float16: .float16(try filledArray(count, by: fill))
    case .float32: .float32(try filledArray(count, by: fill))
    case .float64: .float64(try filledArray(count, by: fill))
    }
  }

  /// Lends the bytes of the values in the byte order of this machine.
  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    switch self {
    case .uint8(let values): unsafe try lendBytes(values, to: body)
    case .uint16(let values): unsafe try lendBytes(values, to: body)
    case .uint32(let values): unsafe try lendBytes(values, to: body)
    case .uint64(let values): unsafe try lendBytes(values, to: body)
    case .int8(let values): unsafe try lendBytes(values, to: body)
    case .int16(let values): unsafe try lendBytes(values, to: body)
    case .int32(let values): unsafe try lendBytes(values, to: body)
    case .int64(let values): unsafe try lendBytes(values, to: body)
    case .float16(let values): unsafe try lendBytes(values, to: body)
    case .float32(let values): unsafe try lendBytes(values, to: body)
    case .float64(let values): unsafe try lendBytes(values, to: body)
    }
  }
}

private func filledArray<Element: BitwiseCopyable>(
  _ count: Int, by fill: (DisjointBytes) throws(VoxelithError) -> Void
) throws(VoxelithError) -> [Element] {
  guard count > 0 else { return [] }
  var failure: VoxelithError?
  let result = unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      start: buffer.baseAddress, count: count * MemoryLayout<Element>.stride)
    unsafe preferHugePages(bytes)
    do throws(VoxelithError) {
      unsafe try fill(DisjointBytes(bytes))
      initialized = count
    } catch {
      failure = error
      initialized = 0
    }
  }
  if let failure { throw failure }
  return result
}

private func lendBytes<Element: BitwiseCopyable, Result>(
  _ values: [Element], to body: (UnsafeRawBufferPointer) throws(VoxelithError) -> Result
) throws(VoxelithError) -> Result {
  let outcome = unsafe values.withUnsafeBytes { bytes -> Swift.Result<Result, VoxelithError> in
    do throws(VoxelithError) { return unsafe .success(try body(bytes)) } catch { return .failure(error) }
  }
  return try outcome.get()
}

/// Asks for large pages, so that touching fresh memory costs one fault in 2 MB and not in 4 KB.
private func preferHugePages(_ bytes: UnsafeMutableRawBufferPointer) {
  let page = 1 << 21
  guard bytes.count >= 4 * page, let base = bytes.baseAddress else { return }
  let start = unsafe base.alignedUp(toMultipleOf: page)
  let length = unsafe (bytes.count - base.distance(to: start)) / page * page
  unsafe _ = madvise(start, length, MADV_HUGEPAGE)
}
