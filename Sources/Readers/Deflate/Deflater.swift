import CDeflate

/// Packs into gzip by libdeflate; the same bytes and level give the same result. One per thread.
@safe final class Deflater {
  private let handle: OpaquePointer?

  /// - Parameter level: 0 (stored) to 12 (smallest); others are taken for the nearest.
  init(level: Int) { unsafe handle = libdeflate_alloc_compressor(Int32(max(0, min(12, level)))) }

  deinit { if let handle = unsafe handle { unsafe libdeflate_free_compressor(handle) } }

  /// Bytes that suffice for packing `count` bytes.
  func bound(_ count: Int) -> Int { unsafe libdeflate_gzip_compress_bound(handle, count) }

  /// The bytes written, or nil where `output` is too small.
  func pack(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
    guard let handle = unsafe handle, let source = bytes.baseAddress, let target = output.baseAddress
    else { return nil }
    let count = unsafe libdeflate_gzip_compress(handle, source, bytes.count, target, output.count)
    return count > 0 ? count : nil
  }
}
