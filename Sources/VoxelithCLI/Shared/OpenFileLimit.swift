import Foundation
import Voxelith

/// How many files this process may hold open.
enum OpenFileLimit {
  /// Fewer leave no room beside standard streams, the system's own, and one input with its output.
  private static let needed: rlim_t = 16
  /// Files of one volume that are open at once: more gain nothing.
  private static let wanted: rlim_t = 4096

  /// Takes what the system allows to the process where a shell has set less.
  ///
  /// - Throws: `io` where that is too little to work with.
  static func raise() throws(VoxelithError) {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    if limit.rlim_cur < wanted, limit.rlim_cur < limit.rlim_max {
      let before = limit.rlim_cur
      limit.rlim_cur = min(wanted, limit.rlim_max)
      if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
        limit.rlim_cur = before
      }
    }
    guard limit.rlim_cur >= needed else {
      throw VoxelithError(
        .io, "this process may hold only \(limit.rlim_cur) files open, and needs \(needed)",
        advice: "raise the limit of the shell: ulimit -n 1024")
    }
  }
}
