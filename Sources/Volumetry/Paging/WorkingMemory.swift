public import Foundation

/// Where a computation keeps its large arrays: in memory, or in files whose pages come and go.
///
/// Arrays that do not fit the budget are mapped from files without a name. The system reads and writes their pages, and
/// a computation says by ``touched(_:)`` how far it has come: whenever that adds up to the budget, all pages leave the
/// process. What they hold stays in the files, so the next access finds it; nothing but time depends on it.
public final class WorkingMemory: Sendable {
  /// Everything stays in memory.
  public static let unpaged = WorkingMemory(folder: nil, resident: .max, isScattered: false)

  /// Folder of the page files; nil where nothing is paged.
  public let folder: URL?
  /// Bytes after which the pages leave the process.
  public let resident: Int
  /// Whether elements are reached here and there: see ``ScatteredAccess``.
  public let isScattered: Bool
  private let state = Guarded(State())

  private struct State {
    var touched = 0
    var releases = 0
    var mappings: [ObjectIdentifier: PageMapping] = [:]
  }

  private init(folder: URL?, resident: Int, isScattered: Bool) {
    self.folder = folder
    self.resident = resident
    self.isScattered = isScattered
  }

  /// Arrays in files of `folder`, of which about `resident` bytes are in memory at a time.
  ///
  /// - Parameter isScattered: whether elements are reached here and there. The system then reads nothing ahead and keeps
  ///   the files in small pages; otherwise an access may bring two megabytes in.
  public convenience init(pagingIn folder: URL, resident: Int, isScattered: Bool = false) {
    self.init(folder: folder, resident: max(resident, 1 << 20), isScattered: isScattered)
  }

  /// Where page files go unless told otherwise: `TMPDIR`, or else `/var/tmp`, which unlike `/tmp` is never a disk in memory.
  public static var defaultFolder: URL {
    let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    return URL(fileURLWithPath: named.isEmpty ? "/var/tmp" : named, isDirectory: true)
  }

  /// Where arrays of `bytes` together are kept: in memory if they fit the budget, or else in files of
  /// ``defaultFolder`` of which two fifths of the budget are in memory at a time.
  public static func holding(_ bytes: Int, budget: Int, isScattered: Bool = false) -> WorkingMemory {
    if isHeld(bytes, budget: budget) { return .unpaged }
    return WorkingMemory(pagingIn: defaultFolder, resident: budget / 5 * 2, isScattered: isScattered)
  }

  /// Whether ``holding(_:budget:isScattered:)`` keeps arrays of `bytes` in memory.
  public static func isHeld(_ bytes: Int, budget: Int) -> Bool { bytes <= max(budget, 8 << 20) }

  public var isPaged: Bool { folder != nil }

  /// Says that up to `bytes` of arrays have been read or written since the last call.
  public func touched(_ bytes: Int) {
    guard isPaged else { return }
    state.withLock { state in
      state.touched += bytes
      guard state.touched >= resident else { return }
      state.touched = 0
      state.releases += 1
      for mapping in state.mappings.values { mapping.release() }
    }
  }

  /// How often the pages have left; what was touched before must be brought in again.
  public var releases: Int { state.withLock { $0.releases } }

  /// Goes through `count` elements some at a time, and says after each time that `bytes` of arrays have been touched
  /// for every element.
  @inlinable
  public func inBlocks<Failure: Error>(
    of count: Int, bytes: Int, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    let block = max(1, (1 << 20) / bytes)
    var start = 0
    while start < count {
      let end = min(start + block, count)
      try body(start..<end)
      touched((end - start) * bytes)
      start = end
    }
  }

  func register(_ mapping: PageMapping, of owner: ObjectIdentifier) {
    state.withLock { $0.mappings[owner] = mapping }
  }

  func forget(_ owner: ObjectIdentifier) {
    state.withLock { _ = $0.mappings.removeValue(forKey: owner) }
  }
}
