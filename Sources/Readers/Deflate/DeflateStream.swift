import CZlib
import Volumetry

/// Packs bytes that come in order into one stream of zlib or gzip.
@safe final class DeflateStream {
  private var stream = unsafe z_stream()
  private var room = [UInt8](repeating: 0, count: 1 << 20)

  /// - Throws: `internal` where zlib has no memory.
  init(level: Int = 6, isGzip: Bool) throws(VoxelithError) {
    guard unsafe czlib_begin_deflate(&stream, Int32(level), isGzip ? 1 : 0) == Z_OK else {
      throw VoxelithError(.internal, "zlib cannot begin")
    }
  }

  deinit { unsafe deflateEnd(&stream) }

  /// Packs `bytes` and hands what comes out to `take`.
  ///
  /// - Parameter isLast: whether the stream ends with them.
  func add(
    _ bytes: UnsafeRawBufferPointer, isLast: Bool,
    take: (UnsafeRawBufferPointer) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    var start = 0
    repeat {
      let count = min(1 << 30, bytes.count - start)
      let input = unsafe UnsafeMutablePointer(
        mutating: bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: UInt8.self))
      unsafe stream.next_in = input
      unsafe stream.avail_in = UInt32(count)
      start += count
      let flush = isLast && start == bytes.count ? Z_FINISH : Z_NO_FLUSH
      var status = Z_OK
      repeat {
        var produced = 0
        unsafe room.withUnsafeMutableBufferPointer { target in
          unsafe stream.next_out = target.baseAddress
          unsafe stream.avail_out = UInt32(target.count)
          status = unsafe deflate(&stream, flush)
          produced = unsafe target.count - Int(stream.avail_out)
        }
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
          throw VoxelithError(.internal, "packing failed")
        }
        unsafe try VoxelBuffer.uint8(Array(room[..<produced])).withBytes { (raw) throws(VoxelithError) in
          unsafe try take(raw)
        }
      } while unsafe stream.avail_out == 0 || (flush == Z_FINISH && status != Z_STREAM_END)
    } while start < bytes.count
  }
}
