import Foundation
public import Readers
public import Volumetry

/// Every file that a piece of work reads, with its checksum: the one list that keys of stages, provenance, replays and
/// `check` share.
public struct InputManifest: Sendable {
  /// One file, or the folder of a Zarr image.
  public struct Entry: Sendable {
    public let file: ClosureEntry
    public let sha256: String
  }

  public let entries: [Entry]
  private let stamps: [String: FileStamp]

  /// - Parameter paths: files that the work names; what they lead to is found.
  /// - Throws: `missing` and `io` where a file cannot be read.
  public init(_ paths: [String]) throws(VoxelithError) {
    var entries: [Entry] = []
    var stamps: [String: FileStamp] = [:]
    for file in try InputClosure.entries(of: paths.flatMap { InputFiles.closure(of: $0) }) {
      stamps[file.path] = FileStamp(file.path)
      entries.append(Entry(file: file, sha256: try FileChecksums.of(file.path)))
    }
    self.entries = entries
    self.stamps = stamps
  }

  /// Checksums by path.
  public var sha256: [String: String] {
    Dictionary(entries.map { ($0.file.path, $0.sha256) }, uniquingKeysWith: { first, _ in first })
  }

  /// The checksums in the order in which the work names the files: the same wherever they lie.
  public var text: String { entries.map { $0.sha256 + "\n" }.joined() }

  /// Files that lie outside the folder of the file that names them.
  public var outside: [ClosureEntry] { entries.map(\.file).filter(\.isOutside) }

  /// Looks whether the files are still those whose checksums were taken.
  ///
  /// - Throws: `data` at the first that changed meanwhile: nobody knows which bytes were read.
  public func checkUnchanged() throws(VoxelithError) {
    for (path, stamp) in stamps.sorted(by: { $0.key < $1.key })
    where FileStamp(path)?.content != stamp.content {
      throw VoxelithError(
        .data, "the file changed while it was read", file: path, advice: "run again when it is complete")
    }
  }
}
