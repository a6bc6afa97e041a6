import CBlosc

/// Buffers of Blosc, version 1, with any of its codecs.
enum BloscBuffer {
  /// - Returns: bytes written, or nil where the buffer is damaged or does not fit.
  static func unpack(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    var claimed = 0
    guard unsafe blosc_cbuffer_validate(source.baseAddress, source.count, &claimed) == 0,
      claimed <= target.count
    else { return nil }
    let count = unsafe blosc_decompress_ctx(source.baseAddress, target.baseAddress, target.count, 1)
    return count < 0 ? nil : Int(count)
  }
}
