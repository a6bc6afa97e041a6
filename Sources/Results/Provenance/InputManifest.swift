import Dispatch
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
    try self.init(files: try Self.files(of: paths))
  }

  private static func files(of paths: [String]) throws(VoxelithError) -> [ClosureEntry] {
    try InputClosure.entries(of: paths.flatMap { InputFiles.closure(of: $0) })
  }

  private init(files: [ClosureEntry]) throws(VoxelithError) {
    var entries: [Entry] = []
    var stamps: [String: FileStamp] = [:]
    for file in files {
      stamps[file.path] = FileStamp(file.path)
      entries.append(Entry(file: file, sha256: try FileChecksums.of(file.path)))
    }
    self.entries = entries
    self.stamps = stamps
  }

  /// Takes the checksums on a thread of its own while the work is done.
  ///
  /// - Throws: `missing` and `io` where a file cannot be opened, before the work; then what the work throws.
  package static func beside<Result>(
    _ paths: [String], _ work: () throws -> Result
  ) throws -> (manifest: InputManifest, result: Result) {
    let files = try files(of: paths)
    for file in files where unsafe FileStamp(file.path) == nil || access(file.path, R_OK) != 0 {
      _ = try FileChecksums.of(file.path)
    }
    let made = Guarded<Swift.Result<InputManifest, VoxelithError>?>(nil)
    let cancellation = Cancellation()
    DispatchQueue.global().async {
      do throws(VoxelithError) {
        let manifest = try cancellation.watch { () throws(VoxelithError) in try InputManifest(files: files) }
        made.change { $0 = .success(manifest) }
      } catch {
        made.change { $0 = .failure(error) }
      }
    }
    do {
      let result = try work()
      return (try made.wait { $0 }.get(), result)
    } catch {
      // A process that ends while another thread works may crash.
      cancellation.cancel()
      _ = made.wait { $0 }
      throw error
    }
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
