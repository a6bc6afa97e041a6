import Dispatch

/// Threads of the page's own: it answers while all others of the process map.
final class PageExecutor: TaskExecutor {
  static let shared = PageExecutor()

  private let queue = DispatchQueue(label: "voxelith.page", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
