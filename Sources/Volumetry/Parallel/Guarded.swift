import Foundation

/// A value that several threads share, one at a time.
///
/// The lock is the system's, which ThreadSanitizer sees; it takes that of the module Synchronization, which waits by
/// system calls of its own, for no lock at all.
package final class Guarded<Value>: @unchecked Sendable {
  private let condition = NSCondition()
  private var value: Value

  package init(_ value: sending Value) { self.value = value }

  /// Lends the value to this thread alone.
  package func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body(&value)
  }

  /// Lends the value again and again, whenever another thread has changed it by ``change(_:)``, until `attempt` gives
  /// an answer.
  package func wait<Answer>(until attempt: (inout Value) -> Answer?) -> Answer {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let answer = attempt(&value) { return answer }
      condition.wait()
    }
  }

  /// Changes the value and wakes who waits for it.
  package func change(_ body: (inout Value) -> Void) {
    condition.lock()
    body(&value)
    condition.broadcast()
    condition.unlock()
  }
}
