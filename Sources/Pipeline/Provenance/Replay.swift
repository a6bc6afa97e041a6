import Foundation
import Readers
public import Results
public import Volumetry

/// Doing again what a `provenance.json` tells, and comparing.
public struct Replay: Sendable {
  public let provenance: Provenance
  /// Folder that the provenance lies in.
  public let folder: String
  /// Name of the provenance.
  private let file: String
  /// Inputs that are not there, or not what they were.
  public let missing: [String]
  public let changed: [String]

  /// Reads a provenance and compares the inputs with their checksums.
  ///
  /// - Throws: `missing` and `data` where the file is not there or is no provenance.
  public init(_ path: String) throws(VoxelithError) {
    provenance = try ResultFile.read(Provenance.self, path)
    let parent = PathName.folder(of: path)
    folder = parent.isEmpty ? "." : parent
    file = PathName.last(of: path)
    var missing: [String] = []
    var changed: [String] = []
    for (input, hash) in provenance.inputs.sorted(by: { $0.key < $1.key }) {
      let place = Self.absolute(input, in: provenance.directory)
      if !FileManager.default.fileExists(atPath: place) {
        missing.append(input)
      } else if (try? SHA256.of(file: place)) != hash {
        changed.append(input)
      }
    }
    self.missing = missing
    self.changed = changed
  }

  /// - Throws: `data` naming the inputs that changed, `missing` naming those that are not there.
  public func checkInputs() throws(VoxelithError) {
    if !missing.isEmpty {
      throw VoxelithError(
        .missing, "these inputs no longer exist: " + missing.joined(separator: ", "), file: folder)
    }
    guard changed.isEmpty else {
      throw VoxelithError(.data, "these inputs changed: " + changed.joined(separator: ", "), file: folder)
    }
  }

  /// Options that name a file beside the results.
  private static let besides: Set<String> = ["--error-map", "--flux-map", "--local-map", "--figure"]

  /// The recorded command with another output folder: without the program, and without what speaks of results that
  /// are there already. Files keep their names. Nil where the command names no output.
  public func arguments(into output: String) -> [String]? {
    var result: [String] = []
    var words = provenance.command.dropFirst()
    var hasOutput = false
    func moved(_ path: String) -> String { isOfFiles ? output + "/" + Self.name(path) : output }
    while let word = words.popFirst() {
      switch word {
      case "-o", "--output":
        guard let path = words.popFirst() else { return nil }
        result += [word, moved(path)]
        hasOutput = true
      case _ where Self.besides.contains(word):
        guard let path = words.popFirst() else { return nil }
        result += [word, output + "/" + Self.name(path)]
        hasOutput = hasOutput || provenance.command.dropFirst().first == "plan"
      case _ where Self.besides.contains { word.hasPrefix($0 + "=") }:
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        result.append(parts[0] + "=" + output + "/" + Self.name(parts.count > 1 ? parts[1] : ""))
        hasOutput = hasOutput || provenance.command.dropFirst().first == "plan"
      case "--only", "--shard", "--before", "--shards": _ = words.popFirst()
      case "--resume", "--overwrite": break
      case "merge" where result.isEmpty: result.append("run")
      default:
        if word.hasPrefix("--output=") {
          result.append("--output=" + moved(String(word.dropFirst("--output=".count))))
          hasOutput = true
        } else {
          result.append(word)
        }
      }
    }
    // These write where nobody says so.
    if !hasOutput, ["export", "demo"].contains(result.first) { return result + ["-o", output] }
    return hasOutput ? result : nil
  }

  /// Whether the results are files by their own names; else they are a folder.
  private var isOfFiles: Bool { provenance.outputs != nil && !isOneOfSeveral }

  /// Whether the provenance of another command took the name `provenance.json` in the same folder.
  private var isOneOfSeveral: Bool {
    file == (provenance.command.dropFirst().first ?? "") + ".provenance.json"
  }

  private static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The recorded output folder.
  private var output: String? {
    let words = provenance.command
    guard let place = words.firstIndex(where: { $0 == "-o" || $0 == "--output" }) else {
      return words.first { $0.hasPrefix("--output=") }.map { String($0.dropFirst("--output=".count)) }
    }
    return place + 1 < words.count ? words[place + 1] : nil
  }

  /// Where below the output folder the provenance lies: empty for the folder itself.
  public var place: String {
    guard let output, !isOfFiles else { return "" }
    let whole = Self.absolute(output, in: provenance.directory)
    let own = Self.absolute(folder, in: nil)
    if own.hasPrefix(whole + "/") { return String(own.dropFirst(whole.count + 1)) }
    return ""
  }

  /// Files that differ between the recorded results and others, by name.
  public func differences(from other: String) throws(VoxelithError) -> [String] {
    let names = provenance.outputs
    // Of a folder of slices or chunks every file counts.
    func isMeant(_ path: String) -> Bool {
      names?.contains { path == $0 || path.hasPrefix($0 + "/") } ?? true
    }
    if isOfFiles, let names, names.contains(where: { $0.hasSuffix("report.html") }) {
      var different: [String] = []
      for name in names
      where try SHA256.of(file: folder + "/" + name) != SHA256.of(file: other + "/" + name) {
        different.append(name)
      }
      return different
    }
    let first = try Self.checksums(folder).filter { isMeant($0.key) }
    let second = try Self.checksums(other).filter { isMeant($0.key) }
    return Set(first.keys).union(second.keys).filter { first[$0] != second[$0] }.sorted()
  }

  private static func checksums(_ folder: String) throws(VoxelithError) -> [String: String] {
    // Provenance has times and the command line, and the page of the report shows it.
    let apart = ["provenance.json", "report.html", "report/stage.json", ResearchCrate.name]
    return try StageRunner.checksums(folder).filter { name, _ in !apart.contains { name.hasSuffix($0) } }
  }

  private static func absolute(_ path: String, in directory: String?) -> String {
    let base = directory ?? FileManager.default.currentDirectoryPath
    return PathName.absolute(path, in: base)
  }
}
