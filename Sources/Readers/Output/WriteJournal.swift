import Foundation
import Volumetry

/// What a run has put into a folder so far (`.voxelith/written`), so that a run that is stopped or killed can be done
/// again with `--overwrite`: its record is written at the end.
final class WriteJournal: Sendable {
  private let folder: String
  /// Names within the folder by what tells the file.
  private let known: [String: String]
  private let lock = Guarded(())

  private var path: String { folder + "/.voxelith/written" }

  /// - Parameter folder: the folder of the results.
  init(_ folder: String) {
    self.folder = folder
    let data = (try? WholeFile.read(folder + "/.voxelith/written")) ?? Data()
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: "\t", maxSplits: 1).map(String.init) }.filter { $0.count == 2 }
    known = Dictionary(lines.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
  }

  /// Whether a run that did not end put this very file here.
  func contains(_ path: String) -> Bool { Self.mark(path).map { known[$0] != nil } ?? false }

  /// Files that a run that did not end put here, and nobody changed, by their names within the folder.
  var unfinished: [String] {
    known.filter { Self.mark(PathName.join(folder, $0.value)) == $0.key }.values.sorted()
  }

  /// - Parameter work: the complete file or folder that is about to get the name `place`.
  func add(_ place: String, work: String) {
    guard let name = PathName.below(folder, place), !name.contains("\n"), let mark = Self.mark(work) else {
      return
    }
    lock.withLock { (_: inout ()) in
      _ = unsafe mkdir(folder + "/.voxelith", 0o777)
      let file = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard file >= 0 else { return }
      let line = Array((mark + "\t" + name + "\n").utf8)
      _ = unsafe Glibc.write(file, line, line.count)
      close(file)
    }
  }

  func remove() {
    unsafe unlink(path)
    _ = unsafe rmdir(folder + "/.voxelith")
  }

  /// The file's number, length and time of its last change.
  private static func mark(_ path: String) -> String? {
    var facts = stat()
    guard unsafe lstat(path, &facts) == 0 else { return nil }
    return
      "\(facts.st_dev) \(facts.st_ino) \(facts.st_size) \(facts.st_mtim.tv_sec) \(facts.st_mtim.tv_nsec)"
  }
}
