import Foundation
package import Volumetry

/// What a command may replace where `--overwrite` is given: what it wrote itself, and what a record lists as written by the program
/// and nobody changed since. Anything else in the way is an error that names it, also the file that the user named as the
/// output: `--overwrite` says that a result may be made anew, not that work of other hands may go. A file that the command reads
/// is never replaced.
///
/// Without a command (in the library) files are replaced as the caller says.
package final class Ownership: Sendable {
  private struct State {
    /// Checksums of what an earlier run wrote beyond the folder of its record, by places.
    var elsewhere: [String: String] = [:]
    var inputs: [FileIdentity: String] = [:]
    /// Outputs of this command by their places.
    var written: Set<String> = []
    /// Files that were found to be the program's own, by their places.
    var admitted: [String: FileIdentity] = [:]
  }
  private let state: Guarded<State>
  private let journal: WriteJournal?
  private let root: String?
  private static let current = Guarded<Ownership?>(nil)

  /// - Parameters:
  ///   - root: the folder of the results; nil for single files.
  ///   - record: where the command's record will lie: earlier ones there tell what was written beyond their folder.
  ///   - inputs: all that the command reads.
  private init(root: String?, record: String?, inputs: [String]) {
    var state = State()
    if let record {
      for earlier in WrittenRecord.all(in: PathName.folder(of: Self.place(record))) {
        state.elsewhere.merge(earlier.elsewhere) { $1 }
      }
    }
    for path in inputs { if let identity = FileIdentity(path) { state.inputs[identity] = path } }
    self.state = Guarded(state)
    self.root = root.map { PathName.real($0) }
    journal = root.map { WriteJournal(PathName.real($0)) }
  }

  /// From now on outputs of this process are those of one command.
  package static func begin(root: String?, record: String? = nil, inputs: [String]) {
    let new = Ownership(root: root, record: record, inputs: inputs)
    current.withLock { $0 = new }
  }

  /// The command has ended.
  ///
  /// - Parameter isComplete: whether all that it wrote stands in a record.
  package static func end(isComplete: Bool = true) {
    let last = current.withLock { current in
      defer { current = nil }
      return current
    }
    if isComplete { last?.journal?.remove() }
  }

  /// Looks whether an output may take a name that something has.
  ///
  /// - Throws: `cannotCreate` where it is an input, or the program did not write it, or somebody changed it since.
  static func check(_ path: String, overwrite: Bool) throws(VoxelithError) {
    guard let own = current.withLock({ $0 }) else { return }
    try own.check(path, overwrite: overwrite)
  }

  private func check(_ path: String, overwrite: Bool) throws(VoxelithError) {
    guard let identity = FileIdentity(path) else { return }
    let place = Self.place(path)
    let state = state.withLock { $0 }
    if state.written.contains(place) { return }
    let name = PathName.last(of: path)
    if WrittenRecord.isRecord(name), name != "stage.json" { return }
    try checkInputs(path, place, identity, state.inputs)
    guard overwrite, state.admitted[place] != identity else { return }
    // Nothing is in an empty file: scripts make them to hold a name.
    let kind = try? FileManager.default.attributesOfItem(atPath: path)
    var isOwn = journal?.contains(path) == true
    if kind?[.type] as? FileAttributeType == .typeRegular, (kind?[.size] as? Int) == 0 { isOwn = true }
    if !isOwn { isOwn = try isRecorded(path, place, elsewhere: state.elsewhere[place]) }
    if isOwn {
      self.state.withLock { $0.admitted[place] = identity }
      return
    }
    throw VoxelithError(
      .cannotCreate, "is in the way, and no record says that voxelith wrote it", file: path,
      advice: "--overwrite replaces only what voxelith wrote; move it away, or choose another name")
  }

  private func checkInputs(
    _ path: String, _ place: String, _ identity: FileIdentity, _ inputs: [FileIdentity: String]
  ) throws(VoxelithError) {
    var input = inputs[identity]
    if input == nil {
      // A folder in the way may hold an input; one that is read may hold what is in the way.
      let real = PathName.real(path)
      input = inputs.values.sorted().first { name in
        let other = PathName.real(name)
        return PathName.below(real, other) != nil
          || (other.hasSuffix(".zarr") && PathName.below(other, real) != nil)
      }
    }
    guard let input else { return }
    throw VoxelithError(
      .cannotCreate, "is an input of this command" + (input == path ? "" : " (\(input))"), file: path,
      advice: "an input is never replaced: choose another name")
  }

  /// - Throws: `cannotCreate` where a record lists the file, and somebody changed it since.
  private func isRecorded(
    _ path: String, _ place: String, elsewhere: String?
  ) throws(VoxelithError) -> Bool {
    var folder = PathName.folder(of: place)
    var isListed = elsewhere != nil
    var sum: String?
    if let elsewhere {
      sum = try? SHA256.of(file: path)
      if sum == elsewhere { return true }
    }
    for _ in 0..<32 {
      for record in WrittenRecord.all(in: folder) {
        guard let name = PathName.below(folder, place), let known = record.outputs[name] else { continue }
        isListed = true
        if sum == nil { sum = try? SHA256.of(file: path) }
        if known == sum { return true }
      }
      if PathName.last(of: place) == "ro-crate-metadata.json" {
        return (try? WholeFile.read(path)).map {
          String(decoding: $0, as: UTF8.self).contains("#voxelith-")
        } ?? false
      }
      guard let root, PathName.below(root, folder) != nil else { break }
      folder = PathName.folder(of: folder)
    }
    guard isListed else { return false }
    throw VoxelithError(
      .cannotCreate, "was changed since voxelith wrote it, and is not replaced", file: path,
      advice: "move it away, or choose another name")
  }

  /// Notes that a complete file or folder is about to get its name.
  static func note(_ path: String, work: String) {
    guard let own = current.withLock({ $0 }) else { return }
    let place = place(path)
    _ = own.state.withLock { $0.written.insert(place) }
    own.journal?.add(place, work: work)
  }

  /// Checksums of what the command wrote, by the names from a folder on; what lies elsewhere is left out.
  package static func outputs(in folder: String) throws(VoxelithError) -> [String: String] {
    guard let own = current.withLock({ $0 }) else { return [:] }
    let start = PathName.real(folder.isEmpty ? "." : folder)
    var files: [(name: String, place: String)] = []
    for place in own.state.withLock({ $0.written }) {
      guard let name = PathName.below(start, place), !WrittenRecord.isRecord(PathName.last(of: place)),
        FileIdentity(place) != nil
      else { continue }
      files.append((name, place))
    }
    let found = files
    let sums = try Parallel.map(found.count) { (index) throws(VoxelithError) in
      try SHA256.of(file: found[index].place)
    }
    return Dictionary(zip(found.map(\.name), sums)) { $1 }
  }

  /// Checksums of what the command wrote beyond a folder, by places; nil where all lies within.
  package static func outputs(beyond folder: String) throws(VoxelithError) -> [String: String]? {
    guard let own = current.withLock({ $0 }) else { return nil }
    let start = PathName.real(folder.isEmpty ? "." : folder)
    var sums: [String: String] = [:]
    for place in own.state.withLock({ $0.written }).sorted()
    where PathName.below(start, place) == nil && FileIdentity(place) != nil {
      sums[place] = try SHA256.of(file: place)
    }
    return sums.isEmpty ? nil : sums
  }

  /// Removes what an earlier run of the command wrote and this one did not, unless somebody changed it.
  ///
  /// - Parameters:
  ///   - record: what the earlier run says that it wrote.
  ///   - keep: names of this run's outputs.
  /// - Returns: paths of files that were changed, and stay.
  package static func removeStale(_ record: WrittenRecord, keep: Set<String>) throws(VoxelithError)
    -> [String]
  {
    guard let own = current.withLock({ $0 }) else { return [] }
    let inputs = own.state.withLock { $0.inputs }
    var changed: [String] = []
    for (name, sum) in record.outputs.sorted(by: { $0.key < $1.key }) where !keep.contains(name) {
      let path = PathName.join(record.folder, name)
      guard !name.split(separator: "/").contains(".."), let identity = FileIdentity(path),
        inputs[identity] == nil
      else { continue }
      // Another command's results may have taken the name since.
      let others = WrittenRecord.all(in: record.folder).filter { $0.outputs[name] != nil }
      if others.count > 1 { continue }
      guard (try? SHA256.of(file: path)) == sum, Self.hasNothingHidden(path) else {
        changed.append(path)
        continue
      }
      do {
        try FileManager.default.removeItem(atPath: path)
      } catch {
        throw VoxelithError(.io, "cannot be removed", file: path, cause: error.localizedDescription)
      }
      // The system refuses where anything is left in them.
      var above = PathName.folder(of: name)
      while !above.isEmpty, unsafe rmdir(PathName.join(record.folder, above)) == 0 {
        above = PathName.folder(of: above)
      }
    }
    return changed
  }

  /// Removes what an earlier run that did not end left and this one did not write.
  package static func removeUnfinished() {
    guard let own = current.withLock({ $0 }), let root = own.root else { return }
    let (written, inputs) = own.state.withLock { ($0.written, $0.inputs) }
    for name in own.journal?.unfinished ?? [] {
      let path = PathName.join(root, name)
      guard !written.contains(path), !WrittenRecord.isRecord(PathName.last(of: name)), hasNothingHidden(path),
        let identity = FileIdentity(path), inputs[identity] == nil
      else { continue }
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Whether a folder holds no file that its checksum leaves out.
  private static func hasNothingHidden(_ folder: String) -> Bool {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return names.allSatisfy { name in
      name.split(separator: "/").allSatisfy { !$0.hasPrefix(".") || $0.hasPrefix(".z") }
    }
  }

  /// A path that names the same file wherever it is reached from; the file itself may be a link.
  private static func place(_ path: String) -> String {
    let folder = PathName.folder(of: path)
    return PathName.join(PathName.real(folder.isEmpty ? "." : folder), PathName.last(of: path))
  }
}
