import Foundation
import Volumetry

/// A file that is read in pieces, on several threads at once.
final class RandomAccessFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// - Throws: `missing` where it cannot be opened.
  init(path: String) throws(VoxelithError) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else {
      throw VoxelithError(
        .missing, "the file cannot be opened", file: path, advice: "check that you may read it")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Little-endian doubles from a byte offset.
  ///
  /// - Throws: `data` where the file ends before, `io` where it cannot be read.
  func doubles(at offset: Int, count: Int) throws(VoxelithError) -> [Double] {
    var problem: VoxelithError?
    let values = unsafe [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      problem = unsafe read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      filled = problem == nil ? count : 0
    }
    if let problem { throw problem }
    return values
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> VoxelithError? {
    var done = 0
    while done < buffer.count {
      let got = unsafe pread(
        descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
      if got < 0 && errno == EINTR { continue }
      if got < 0 { return VoxelithError(.io, "the file cannot be read", file: path) }
      if got == 0 {
        return VoxelithError(.data, "the file ends before byte \(offset + buffer.count)", file: path)
      }
      done += got
    }
    return nil
  }
}
