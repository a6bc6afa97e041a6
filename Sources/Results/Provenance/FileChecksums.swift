import Foundation
import Readers
import Volumetry

/// What tells whether a file is another one, or was written to.
package struct FileStamp: Hashable, Sendable {
  private let numbers: [Int]
  /// What changes when bytes are written: not with another link to the file, or other rights.
  var content: [Int] { Array(numbers.prefix(5)) }
  /// Seconds since it was last changed in any way.
  let age: Int

  /// Nil where there is no file.
  package init?(_ path: String) {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    numbers = [
      Int(facts.st_dev), Int(facts.st_ino), Int(facts.st_size), facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
      facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec,
    ]
    age = time(nil) - max(facts.st_mtim.tv_sec, facts.st_ctim.tv_sec)
  }

  package static func == (first: FileStamp, second: FileStamp) -> Bool { first.numbers == second.numbers }
  package func hash(into hasher: inout Hasher) { hasher.combine(numbers) }
}

/// Checksums of files that many stages of one run read, taken once.
enum FileChecksums {
  private static let known = Guarded<[FileStamp: String]>([:])

  static func of(_ path: String) throws(VoxelithError) -> String {
    guard let stamp = FileStamp(path) else { return try SHA256.of(file: path) }
    if let hash = known.withLock({ $0[stamp] }) { return hash }
    let hash = try SHA256.of(file: path)
    // A file that was written this very moment may change again without a trace in its times.
    if stamp.age > 2, FileStamp(path) == stamp { known.withLock { $0[stamp] = hash } }
    return hash
  }
}
