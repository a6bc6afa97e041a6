import Glibc
import Voxelith

/// Standard output and standard error, written so that a reader that has gone or a disk that is full ends no work.
enum StandardStreams {
  private enum State {
    case open
    /// Nobody reads any more: what follows is dropped without a word.
    case closed
    case failed(String)
  }

  private static let output = Guarded(State.open)

  /// Writes to standard output. After a failure nothing more is written; ``checkOutput()`` tells it at the end.
  static func write(_ bytes: [UInt8]) {
    output.withLock { state in
      guard case .open = state else { return }
      switch put(bytes, STDOUT_FILENO) {
      case 0: break
      case EPIPE: state = .closed
      case let number: state = .failed(systemMessage(number))
      }
    }
  }

  /// Writes to standard error, as far as that goes: there is no place left to complain.
  static func complain(_ bytes: [UInt8]) { _ = put(bytes, STDERR_FILENO) }

  /// - Throws: `io` where standard output could not take what was printed. The results are in their files by then.
  static func checkOutput() throws(VoxelithError) {
    if case .failed(let cause) = output.withLock({ $0 }) {
      throw VoxelithError(
        .io, "standard output cannot be written; what was written to files is complete", cause: cause)
    }
  }

  /// Answers 0, or the number of the system's error.
  private static func put(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
    var done = 0
    while done < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { raw in
        unsafe Glibc.write(descriptor, raw.baseAddress?.advanced(by: done), raw.count - done)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return written < 0 ? errno : ENOSPC }
      done += written
    }
    return 0
  }

  private static func systemMessage(_ number: Int32) -> String {
    unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
  }
}
