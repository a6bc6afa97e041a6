import Dispatch
import Foundation
import Voxelith

/// Turns Ctrl-C and a polite kill into a clean stop: running blocks end, partial files are removed.
enum Interrupt {
  /// The handler holds its own source, which keeps it alive for the life of the process.
  static func install(_ cancellation: Cancellation) {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        withExtendedLifetime(source) {
          if cancellation.isCancelled {
            ProgressBar.clear()
            exit(130)
          }
          cancellation.cancel()
        }
      }
      source.resume()
    }
  }
}
