import CZstd

/// Frames of Zstandard.
enum ZstandardFrame {
  /// - Returns: bytes written, or nil where the frame is damaged or does not fit.
  static func unpack(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    let claimed = unsafe ZSTD_getFrameContentSize(source.baseAddress, source.count)
    guard claimed != vx_zstd_size_error(),
      claimed == vx_zstd_size_unknown() || claimed <= UInt64(target.count)
    else { return nil }
    let count = unsafe ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
    return ZSTD_isError(count) == 0 ? count : nil
  }
}
