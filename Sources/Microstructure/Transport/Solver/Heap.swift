#if canImport(Glibc)
  import Glibc
#endif

/// The allocator's free lists.
enum Heap {
  /// Gives memory that was freed back to the system.
  ///
  /// The coarse levels are built from many small arrays on several threads; glibc keeps what they
  /// occupied (about 4 bytes a voxel) in its arenas, where the solver's large vectors do not fit.
  static func trim() {
    #if canImport(Glibc)
      _ = malloc_trim(0)
    #endif
  }
}
