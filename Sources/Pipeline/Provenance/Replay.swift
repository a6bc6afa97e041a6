import Foundation
import Readers
public import Results
public import Volumetry

/// Doing again what a `provenance.json` tells, and comparing.
public struct Replay: Sendable {
  public let provenance: Provenance
  /// Folder that the provenance lies in.
  public let folder: String
  /// Inputs that are not there, or not what they were.
  public let missing: [String]
  public let changed: [String]

  /// Reads a provenance and compares the inputs with their checksums.
  ///
  /// - Throws: `missing` and `data` where the file is not there or is no provenance.
  public init(_ path: String) throws(VoxelithError) {
    provenance = try ResultFile.read(Provenance.self, path)
    let parent = (path as NSString).deletingLastPathComponent
    folder = parent.isEmpty ? "." : parent
    var missing: [String] = []
    var changed: [String] = []
    for (input, hash) in provenance.inputs.sorted(by: { $0.key < $1.key }) {
      let place = Self.absolute(input, in: provenance.directory)
      if !FileManager.default.fileExists(atPath: place) {
        missing.append(input)
      } else if try SHA256.of(file: place) != hash {
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
        .missing, "these inputs are not there any more: " + missing.joined(separator: ", "), file: folder)
    }
    guard changed.isEmpty else {
      throw VoxelithError(.data, "these inputs changed: " + changed.joined(separator: ", "), file: folder)
    }
  }

  /// The recorded command with another output folder: without the program, and without what speaks of results that
  /// are there already. Nil where the command names no output.
  public func arguments(into output: String) -> [String]? {
    var result: [String] = []
    var words = provenance.command.dropFirst()
    var hasOutput = false
    while let word = words.popFirst() {
      switch word {
      case "-o", "--output":
        guard words.popFirst() != nil else { return nil }
        result += [word, output]
        hasOutput = true
      case "--only", "--shard", "--before", "--shards": _ = words.popFirst()
      case "--resume", "--overwrite": break
      case "merge" where result.isEmpty: result.append("run")
      default:
        if word.hasPrefix("--output=") {
          result.append("--output=" + output)
          hasOutput = true
        } else {
          result.append(word)
        }
      }
    }
    return hasOutput ? result : nil
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
    guard let output else { return "" }
    let whole = Self.absolute(output, in: provenance.directory)
    let own = Self.absolute(folder, in: nil)
    if own.hasPrefix(whole + "/") { return String(own.dropFirst(whole.count + 1)) }
    return ""
  }

  /// Files that differ between the recorded results and others, by name.
  public func differences(from other: String) throws(VoxelithError) -> [String] {
    let first = try Self.checksums(folder)
    let second = try Self.checksums(other)
    return Set(first.keys).union(second.keys).filter { first[$0] != second[$0] }.sorted()
  }

  private static func checksums(_ folder: String) throws(VoxelithError) -> [String: String] {
    // Provenance has times and the command line, and the page of the report shows it.
    try StageRunner.checksums(folder).filter { name, _ in
      !["provenance.json", "report.html", "report/stage.json"].contains { name.hasSuffix($0) }
    }
  }

  private static func absolute(_ path: String, in directory: String?) -> String {
    let base = directory ?? FileManager.default.currentDirectoryPath
    return URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: base)).standardizedFileURL.path
  }
}
