import Dispatch
import Foundation
import Voxelith

/// Turns the signals that ask a process to end into a clean stop: Ctrl-C, a polite kill, a terminal that goes, a limit on
/// time, and the warning that batch systems send before they kill.
enum Interrupt {
  static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF,
  ]

  /// Set by the first of them; all work listens to it.
  static let cancellation = Cancellation()

  /// What the first signal does in the place of stopping all work; taken by it.
  private static let request = Guarded<(@Sendable () -> Void)?>(nil)

  /// Runs work that a first signal asks to come to its end, and a second one stops.
  ///
  /// - Parameter work: is given what tells whether it was asked to.
  static func gently<Result>(_ work: (@escaping () -> Bool) throws -> Result) throws -> Result {
    let isAsked = Guarded(false)
    request.withLock { $0 = { isAsked.withLock { $0 = true } } }
    defer { request.withLock { $0 = nil } }
    return try work { isAsked.withLock { $0 } }
  }

  /// Runs a command that listens.
  ///
  /// - Throws: `cancelled` where a signal came; else what the command throws.
  static func watch(_ work: () throws -> Void) throws {
    let outcome = Cancellation.$current.withValue(cancellation) { Result { try work() } }
    try cancellation.check()
    try outcome.get()
  }

  /// Seconds that work has to come to the end of a block. A read that hangs (a file server that is gone) never does; the
  /// process then removes what is unfinished and ends.
  private static let patience = 5

  /// Each handler holds its own source, which keeps it alive for the life of the process.
  static func install() {
    for number in signals {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
      source.setEventHandler {
        withExtendedLifetime(source) {
          let asks = request.withLock { request in
            defer { request = nil }
            return request
          }
          if let asks {
            asks()
            return
          }
          // The second one does not wait.
          if cancellation.isCancelled { end("stopped on request") }
          cancellation.cancel()
          DispatchQueue.global(qos: .userInitiated).asyncAfter(deadline: .now() + .seconds(patience)) {
            end("stopped on request, without waiting for a step that did not come to its end")
          }
        }
      }
      source.resume()
    }
  }

  private static func end(_ text: String) -> Never {
    Unfinished.removeAll()
    ResultsLock.releaseAll()
    Console.error(text)
    _exit(VoxelithError.Code.cancelled.exitStatus)
  }
}
