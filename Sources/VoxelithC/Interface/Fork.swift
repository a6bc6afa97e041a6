import Glibc
import Synchronization
import Voxelith

/// Whether the process is one that may work.
///
/// A fork carries memory but not threads: what waits for threads of its parent waits for ever.
enum Fork {
  /// The process of the first call; 0 before it.
  private static let worker = Atomic<Int32>(0)

  /// - Throws: `usage` in a process that was forked from one that had worked.
  static func check() throws(VoxelithError) {
    let own = getpid()
    let (exchanged, first) = worker.compareExchange(
      expected: 0, desired: own, ordering: .sequentiallyConsistent)
    guard exchanged || first == own else {
      throw VoxelithError(
        .usage,
        "this process was forked from one in which Voxelith had worked; its threads did not come along",
        advice:
          "fork before the first call, or start new processes (multiprocessing: 'spawn' or 'forkserver')"
      )
    }
  }
}
