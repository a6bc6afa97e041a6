/// What a piece of work may use and whom it reports to.
///
/// Results never depend on any of this.
public struct Resources: Sendable {
  /// Number of threads.
  public var threads: Int
  /// Bytes that the working arrays may take together.
  public var memory: Int
  public var progress: ProgressReporter
  public var cancellation: Cancellation

  public init(
    threads: Int = Parallel.availableThreads, memory: Int = 2 << 30,
    progress: ProgressReporter = .silent, cancellation: Cancellation = Cancellation()
  ) {
    self.threads = max(1, threads)
    self.memory = max(1 << 20, memory)
    self.progress = progress
    self.cancellation = cancellation
  }

  /// What is left of the memory for arrays that a step holds at once, beside the program itself (64 MiB) and the chunks that
  /// readers keep (a quarter of the rest); of budgets that hold little beside the program, up to half of what it takes.
  public var arrayMemory: Int {
    let program = 64 << 20
    return max(min(memory, program / 2), (memory - program) / 4 * 3)
  }
}
