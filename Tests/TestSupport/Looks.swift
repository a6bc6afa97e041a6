import Foundation
import Synchronization
public import Volumetry

/// How often work looks whether it should stop, and how much it does between two looks.
public final class Looks: Sendable {
  private struct State {
    var thread: UInt = 0
    var count = 0
    var last = 0.0
    var longest = 0.0
    var place = ""
  }

  private let state = Mutex(State())
  private let limit: Int

  /// - Parameter limit: the number of the look at which the work is stopped.
  public init(stoppingAt limit: Int = .max) { self.limit = limit }

  /// Looks so far, on all threads.
  public var count: Int { state.withLock(\.count) }
  /// Longest processor time in s between two looks of the thread that looked first. It does not depend on what else the
  /// machine does.
  public var longest: Double { state.withLock(\.longest) }
  /// Where the look stood that ended the longest time.
  public var place: String { state.withLock(\.place) }

  /// - Throws: what the work throws; `cancelled` where it was stopped.
  public func watch(_ work: () throws(VoxelithError) -> Void) throws(VoxelithError) {
    let cancellation = Cancellation { [self] flag in if look() { flag.cancel() } }
    try cancellation.watch(work)
  }

  private func look() -> Bool {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    let now = Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
    let thread = UInt(pthread_self())
    return state.withLock { state in
      state.count += 1
      if state.thread == 0 { (state.thread, state.last) = (thread, now) }
      if state.thread == thread {
        if now - state.last > max(0.05, state.longest) {
          state.place = Thread.callStackSymbols.dropFirst(4).prefix(9).joined(separator: "\n")
        }
        state.longest = max(state.longest, now - state.last)
        state.last = now
      }
      return state.count >= limit
    }
  }
}
