import Foundation
import Volumetry

/// Threads of the page's own: it answers while all others of the process map.
///
/// Queues of Dispatch would share their threads with whatever waits in them.
final class PageExecutor: TaskExecutor, @unchecked Sendable {
  static let shared = PageExecutor()

  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []
  private static let wanted = 4
  private let started = Guarded(0)

  /// How many it has: fewer than it wants where the system gives no more.
  var threads: Int { started.withLock { $0 } }

  private init() {
    for _ in 0..<Self.wanted {
      if OwnThread.start({ self.work() }) { started.withLock { $0 += 1 } }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.lock()
    jobs.append(job)
    condition.signal()
    condition.unlock()
  }

  private func work() {
    while true {
      condition.lock()
      while jobs.isEmpty { condition.wait() }
      let job = jobs.removeFirst()
      condition.unlock()
      unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
