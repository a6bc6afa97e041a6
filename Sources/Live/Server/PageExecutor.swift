import Foundation

/// Threads of the page's own: it answers while all others of the process map.
///
/// Queues of Dispatch would share their threads with whatever waits in them.
final class PageExecutor: TaskExecutor, @unchecked Sendable {
  static let shared = PageExecutor()

  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []
  private static let threads = 4

  private init() {
    for _ in 0..<Self.threads { Thread.detachNewThread { self.work() } }
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
