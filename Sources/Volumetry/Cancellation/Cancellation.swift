import Synchronization

/// A flag that asks running work to stop.
///
/// Work listens to the one that ``watch(_:)`` binds: every loop of ``Parallel`` and ``BlockStream`` looks at it before
/// each piece, on all of its threads, and so does what calls ``poll()``. What has been computed after the flag was set
/// is not complete and never leaves `watch`, which then throws; no file gets its final name.
public final class Cancellation: Sendable {
  /// What the work of this thread listens to.
  @TaskLocal public static var current: Cancellation?

  private let flag = Atomic<Bool>(false)
  private let polled: (@Sendable (Cancellation) -> Void)?

  public init() { polled = nil }

  /// Tells every look at the flag, so that tests can count them and stop at any one.
  package init(polled: @escaping @Sendable (Cancellation) -> Void) { self.polled = polled }

  public func cancel() { flag.store(true, ordering: .relaxed) }

  public var isCancelled: Bool {
    polled?(self)
    return flag.load(ordering: .relaxed)
  }

  /// - Throws: `cancelled` after ``cancel()``.
  public func check() throws(VoxelithError) {
    if isCancelled { throw VoxelithError(.cancelled, "stopped on request") }
  }

  /// Checks the one that is bound, if any. For long loops that run on one thread.
  ///
  /// - Throws: `cancelled`.
  public static func poll() throws(VoxelithError) { try current?.check() }

  /// Does work that listens to this flag.
  ///
  /// - Throws: `cancelled` where the flag was set before the work had ended, whatever became of the work; else what the
  ///   work throws.
  public func watch<Result>(
    _ work: () throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    let outcome: Swift.Result<Result, VoxelithError> = Self.$current.withValue(self) {
      do throws(VoxelithError) { return .success(try work()) } catch { return .failure(error) }
    }
    try check()
    return try outcome.get()
  }
}
