import CZlib
import Volumetry

/// Unpacks one long stream of zlib or gzip from a file to another, a piece at a time.
enum InflateStream {
  /// Bytes that packed ones hold at most: Deflate packs 1032 to 1 at best.
  static func most(from packed: Int) -> Int { packed.multipliedReportingOverflow(by: 1100).partialValue }

  /// Unpacks what lies from `offset` on into a file without a name, which is gone with its last reader.
  ///
  /// - Parameter count: bytes that must come out.
  /// - Throws: `data` where the stream is damaged, ends early or holds more; `io` where the disk is full.
  static func unpack(_ file: InputFile, from offset: Int, count: Int) throws(VoxelithError) -> InputFile {
    try SpoolFile.make { (output) throws(VoxelithError) in
      try unpack(file, from: offset, count: count, into: output)
    }
  }

  /// The same, added to a file that is being written. Streams of gzip that follow one another are one, as its format has it.
  static func unpack(
    _ file: InputFile, from offset: Int, count: Int, into output: OutputFile
  ) throws(VoxelithError) {
    // A header that asks for more is wrong, and is refused before anything is made.
    guard offset <= file.size, count <= most(from: file.size - offset) else {
      throw VoxelithError(
        .data, "\(file.size - offset) packed bytes cannot hold \(count)", file: file.path)
    }
    var stream = unsafe z_stream()
    guard unsafe czlib_begin_inflate(&stream) == Z_OK else {
      throw VoxelithError(.internal, "zlib cannot begin", file: file.path)
    }
    defer { unsafe inflateEnd(&stream) }
    var position = offset
    var written = 0
    var isAtEnd = false
    var room = [UInt8](repeating: 0, count: 1 << 20)
    while !isAtEnd {
      var packed = try file.bytes(at: position, count: 1 << 18)
      guard !packed.isEmpty else {
        throw VoxelithError(
          .data, "the packed voxels end after \(written) of \(count) bytes", file: file.path)
      }
      position += packed.count
      var failure: VoxelithError?
      unsafe packed.withUnsafeMutableBufferPointer { input in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        repeat {
          var produced = 0
          let status = unsafe room.withUnsafeMutableBufferPointer { target in
            unsafe stream.next_out = target.baseAddress
            unsafe stream.avail_out = UInt32(target.count)
            let status = unsafe inflate(&stream, Z_NO_FLUSH)
            produced = unsafe target.count - Int(stream.avail_out)
            return status
          }
          guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            failure = VoxelithError(
              .data, "the packed voxels are damaged after \(written) bytes", file: file.path)
            return
          }
          guard written + produced <= count else {
            failure = VoxelithError(.data, "the packed voxels are more than \(count) bytes", file: file.path)
            return
          }
          do throws(VoxelithError) {
            unsafe try VoxelBuffer.uint8(Array(room[..<produced])).withBytes { (raw) throws(VoxelithError) in
              unsafe try output.append(raw)
            }
          } catch {
            failure = error
            return
          }
          written += produced
          if status == Z_STREAM_END {
            let left = unsafe stream.avail_in
            isAtEnd = written == count || position == file.size && left == 0
            if !isAtEnd { _ = unsafe inflateReset(&stream) }
          }
          if status == Z_BUF_ERROR && produced == 0 { break }
        } while unsafe !isAtEnd && (stream.avail_in > 0 || stream.avail_out == 0)
      }
      if let failure { throw failure }
    }
    guard written == count else {
      throw VoxelithError(
        .data, "the packed voxels are \(written) bytes, the header says \(count)", file: file.path)
    }
  }
}
