import Glibc

/// The files of Linux that tell a process of itself.
public enum ProcessFiles {
  /// Threads are counted by them, and a program finds its arguments there: without them the process would be ended.
  ///
  /// - Throws: `missing` where they are not there, as in a bare chroot.
  public static func check() throws(VoxelithError) {
    guard unsafe access("/proc/self/task", R_OK) == 0 else {
      throw VoxelithError(
        .missing, "there is no /proc, which threads and arguments need",
        advice: "mount it: mount -t proc proc /proc")
    }
  }
}
