import Glibc

/// How many files this process may hold open.
///
/// The system's own libraries open files at any time, and the one that runs queues ends the process where it cannot. So inputs and
/// connections leave the last numbers free.
public enum OpenFileLimit {
  /// Fewer leave no room beside standard streams, the system's own, and one input with its output.
  private static let needed: rlim_t = 16
  /// Exposures and sources of virtual datasets are open together; more than these are no measurement.
  private static let wanted: rlim_t = 65_536
  /// Files that outputs and the system's libraries need at once.
  private static let mostSpare = 24

  /// Takes what the system allows to the process where a shell has set less.
  ///
  /// - Throws: `io` where that is too little to work with.
  public static func raise() throws(VoxelithError) {
    guard var limit = limits() else { return }
    if limit.rlim_cur < wanted, limit.rlim_cur < limit.rlim_max {
      let before = limit.rlim_cur
      limit.rlim_cur = min(wanted, limit.rlim_max)
      if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
        limit.rlim_cur = before
      }
    }
    guard limit.rlim_cur >= needed else {
      throw VoxelithError(
        .io, "this process may hold only \(limit.rlim_cur) files open, and needs \(needed)", advice: advice)
    }
  }

  /// What to do where there are too few.
  package static let advice = "raise the limit of the shell: ulimit -n 4096"

  /// How many there may be now.
  package static var current: Int { limits().map { Int(clamping: $0.rlim_cur) } ?? 1024 }

  /// Numbers of files from this one on are left free. The system gives the lowest number that is not taken, so that one beyond says
  /// that nearly all are.
  ///
  /// - Parameter shares: how many times as many as outputs need are left: what can wait leaves more.
  package static func end(sparing shares: Int = 1) -> Int {
    let current = current
    return current - shares * min(mostSpare, current / 4)
  }

  /// Whether another file may be opened that is held for long.
  ///
  /// - Parameter shares: see ``end(sparing:)``.
  package static func hasRoom(sparing shares: Int) -> Bool {
    let probe = unsafe open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard probe >= 0 else { return false }
    close(probe)
    return Int(probe) < end(sparing: shares)
  }

  private static func limits() -> rlimit? {
    var limit = rlimit()
    return unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
  }
}
