import Dispatch
import Foundation
import Synchronization
import Volumetry

/// Turns Ctrl-C and a polite kill into a clean stop: running blocks end, partial files are removed.
enum Interrupt {
  private static let sources = Mutex<[any DispatchSourceSignal]>([])

  static func install(_ cancellation: Cancellation) {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if cancellation.isCancelled { exit(130) }
        cancellation.cancel()
      }
      source.resume()
      sources.withLock { $0.append(source) }
    }
  }
}
