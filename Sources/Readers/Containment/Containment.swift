import Foundation
public import Volumetry

/// What is done where a file leads to another one outside its folder.
public enum Containment {
  public enum Policy: Sendable {
    /// Nothing: the library's own choice.
    case silent
    /// Each is named once.
    case notice(@Sendable (String) -> Void)
    /// It is an error.
    case refuse
  }

  private struct State {
    var policy = Policy.silent
    var told: Set<ClosureEntry> = []
    var walked: Set<String> = []
  }
  private static let state = Guarded(State())

  static var policy: Policy { state.withLock { $0.policy } }

  public static func set(_ policy: Policy) { state.withLock { $0 = State(policy: policy) } }

  /// Passes on the path of a file that another one names, relative to that one's folder.
  ///
  /// - Throws: `data` where it lies outside and that is refused.
  public static func path(_ name: String, namedIn file: String) throws(VoxelithError) -> String {
    let folder = PathName.folder(of: file)
    let path = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    try admit([ClosureEntry(path: path, way: .named, from: file)])
    return path
  }

  /// - Throws: `data` at the first entry that lies outside where that is refused.
  static func admit(_ entries: [ClosureEntry]) throws(VoxelithError) {
    let policy = self.policy
    if case .silent = policy { return }
    for entry in entries where entry.isOutside {
      let words = "reads \(entry.path)" + (entry.way == .named ? "" : " (\(entry.way.rawValue))")
      switch policy {
      case .silent: break
      case .notice(let tell):
        guard state.withLock({ $0.told.insert(entry).inserted }) else { continue }
        tell("\(entry.from ?? ""): \(words), outside its folder")
      case .refuse:
        throw VoxelithError(
          .data, "\(words), outside its folder", file: entry.from,
          advice: "leave out --contained if you trust the file, or put the other one beside it")
      }
    }
  }

  /// Passes on all to which a file leads, once.
  ///
  /// - Throws: `data` at the first entry that lies outside where that is refused.
  static func admit(
    _ path: String, leadingTo entries: () throws(VoxelithError) -> [ClosureEntry]
  ) throws(VoxelithError) {
    if case .silent = policy { return }
    let real = ClosureEntry.real(path)
    guard state.withLock({ $0.walked.insert(real).inserted }) else { return }
    do throws(VoxelithError) {
      try admit(entries())
    } catch {
      // It is refused every time.
      _ = state.withLock { $0.walked.remove(real) }
      throw error
    }
  }
}
