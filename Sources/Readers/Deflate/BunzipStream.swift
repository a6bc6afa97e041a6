import CBzip2
import Volumetry

/// Unpacks streams of bzip2 that follow one another in a file, a piece at a time.
enum BunzipStream {
  /// - Parameter count: bytes that must come out.
  /// - Throws: `data` where a stream is damaged, ends early or holds more; `io` where the disk is full.
  static func unpack(
    _ file: InputFile, from offset: Int, count: Int, into output: OutputFile
  ) throws(VoxelithError) {
    // A block of some forty bytes is 46 MB of one byte at most: a header that asks for more is wrong.
    guard offset <= file.size, count / 2_000_000 <= file.size - offset else {
      throw VoxelithError(
        .data, "\(file.size - offset) packed bytes cannot hold \(count)", file: file.path)
    }
    var position = offset
    var written = 0
    var room = [UInt8](repeating: 0, count: 1 << 20)
    while written < count {
      var stream = unsafe bz_stream()
      guard unsafe cbzip2_begin(&stream) == BZ_OK else {
        throw VoxelithError(.internal, "bzip2 cannot begin", file: file.path)
      }
      defer { unsafe BZ2_bzDecompressEnd(&stream) }
      var status = BZ_OK
      while status != BZ_STREAM_END {
        var packed = try file.bytes(at: position, count: 1 << 18)
        guard !packed.isEmpty else {
          throw VoxelithError(
            .data, "the packed voxels end after \(written) of \(count) bytes", file: file.path)
        }
        var failure: VoxelithError?
        unsafe packed.withUnsafeMutableBytes { input in
          unsafe stream.next_in = input.baseAddress?.assumingMemoryBound(to: CChar.self)
          unsafe stream.avail_in = UInt32(input.count)
          repeat {
            let produced = unsafe step(&stream, &room, &status)
            guard status == BZ_OK || status == BZ_STREAM_END else {
              failure = VoxelithError(
                .data, "the packed voxels are damaged after \(written) bytes", file: file.path)
              return
            }
            written += produced
            guard written <= count else {
              failure = VoxelithError(
                .data, "the packed voxels are more than \(count) bytes", file: file.path)
              return
            }
            do throws(VoxelithError) {
              unsafe try VoxelBuffer.uint8(Array(room[..<produced])).withBytes {
                (raw) throws(VoxelithError) in
                unsafe try output.append(raw)
              }
            } catch {
              failure = error
              return
            }
          } while unsafe status == BZ_OK && (stream.avail_in > 0 || stream.avail_out == 0)
        }
        if let failure { throw failure }
        position += unsafe packed.count - Int(stream.avail_in)
      }
    }
  }

  /// Bytes that came out.
  private static func step(_ stream: inout bz_stream, _ room: inout [UInt8], _ status: inout Int32) -> Int {
    unsafe room.withUnsafeMutableBytes { target in
      unsafe stream.next_out = target.baseAddress?.assumingMemoryBound(to: CChar.self)
      unsafe stream.avail_out = UInt32(target.count)
      status = unsafe BZ2_bzDecompress(&stream)
      return unsafe target.count - Int(stream.avail_out)
    }
  }
}
