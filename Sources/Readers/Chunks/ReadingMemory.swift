import Volumetry

/// The memory that readers may take for unpacked chunks, in the whole process.
///
/// A command sets it once from `--memory`. Results never depend on it.
public enum ReadingMemory {
  private static let state = Guarded(State())

  private struct State {
    var budget = 2 << 30
    /// Bytes of chunks that are being unpacked.
    var inUse = 0
  }

  /// Bytes that the process was given: a quarter of them may hold unpacked chunks, half may be needed to unpack.
  public static var budget: Int {
    get { state.withLock { $0.budget } }
    set {
      state.change { $0.budget = max(1 << 20, newValue) }
      ChunkCache.shared.trim()
    }
  }

  /// What the process takes before it reads anything.
  private static let base = 64 << 20

  static var cacheLimit: Int {
    let budget = budget
    return max(budget / 8, (budget - base) / 4)
  }

  /// - Parameter what: what takes the bytes, for the message.
  /// - Throws: `usage` where more bytes must be unpacked at once than half of the memory.
  static func check(_ bytes: Int, _ what: String, file: String, place: String?) throws(VoxelithError) {
    guard bytes > 1 << 20, bytes > budget / 2 else { return }
    let (needed, given) = ((2 * bytes) >> 20 + 1, budget >> 20)
    throw VoxelithError(
      .usage, "\(what) takes \(bytes >> 20) MiB to unpack, too much for a budget of \(given) MiB",
      file: file, place: place,
      advice: "raise --memory to \(needed)M or more, or store the data in smaller chunks")
  }

  /// Runs `body` while `bytes` are counted as in use; waits for others where they do not fit beside them.
  ///
  /// - Throws: `usage` where they do not fit at all.
  static func withBytes<Result>(
    _ bytes: Int, file: String, place: String?, _ body: () throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    if bytes <= 1 << 20 { return try body() }
    let limit = budget / 2
    try check(bytes, "one chunk of the data", file: file, place: place)
    state.wait { state -> Void? in
      guard state.inUse == 0 || state.inUse + bytes <= limit else { return nil }
      state.inUse += bytes
      return ()
    }
    defer { state.change { $0.inUse -= bytes } }
    return try body()
  }
}
