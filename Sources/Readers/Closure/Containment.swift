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
    var told: Set<InputClosure.Entry> = []
    var walked: Set<String> = []
  }
  private static let state = Guarded(State())

  public static func set(_ policy: Policy) { state.withLock { $0 = State(policy: policy) } }

  /// Passes on the path of a file that another one names, relative to that one's folder.
  ///
  /// - Throws: `data` where it lies outside and that is refused.
  public static func path(_ name: String, namedIn file: String) throws(VoxelithError) -> String {
    let folder = PathName.folder(of: file)
    let path = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    try admit([InputClosure.Entry(path: path, way: .named, from: file)])
    return path
  }

  /// - Throws: `data` at the first entry that lies outside where that is refused.
  static func admit(_ entries: [InputClosure.Entry]) throws(VoxelithError) {
    let policy = state.withLock { $0.policy }
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

  /// Looks at what a volume or spectra by this name lead to, before they are opened; what an HDF5 file leads to is looked
  /// at when it is opened.
  static func admit(closureOf path: String) throws(VoxelithError) {
    let policy = state.withLock { $0.policy }
    if case .silent = policy { return }
    if case .refuse = policy, (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil {
      try admit([InputClosure.Entry(path: path, way: .link, from: path)])
    }
    guard !HDF5File.isHDF5(path), let entries = try? InputClosure.entries(of: [path]) else { return }
    try admit(entries)
  }

  /// Looks at what an open HDF5 file leads to, once.
  static func admit(_ file: HDF5File) throws(VoxelithError) {
    if case .silent = state.withLock({ $0.policy }) { return }
    let real = InputClosure.Entry.real(file.path)
    guard state.withLock({ $0.walked.insert(real).inserted }) else { return }
    do throws(VoxelithError) {
      try admit(HDF5Closure.entries(of: file))
    } catch {
      // It is refused every time.
      _ = state.withLock { $0.walked.remove(real) }
      throw error
    }
  }
}
