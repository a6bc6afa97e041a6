import Foundation
import Glibc
public import Volumetry

/// What a file says of its writer.
public enum WritingState: Sendable, Hashable {
  /// It was closed, and nobody holds it.
  case closed
  /// Its writer has not closed it: it writes, or was killed.
  case open
  /// Files of its kind do not say.
  case unknown

  /// HDF5 files of version 2 and 3 carry a flag while they are open for writing (File Format Specification, II.A); a writer of others holds a
  /// lock of the system, which Linux lists. No lock is tried: it would get in the way of a writer. Where no lock is listed that says
  /// nothing, since locks may be switched off, and another machine may write.
  ///
  /// - Throws: `missing` where the file is not there.
  public static func of(_ path: String) throws(VoxelithError) -> WritingState {
    let file = try InputFile(path)
    if isLocked(file) { return .open }
    guard let start = HDF5File.signatureOffset(file) else { return .unknown }
    guard let head = try? file.bytes(at: start, count: 12) else { return .open }
    guard head[8] >= 2 else { return .unknown }
    let forWriting: UInt8 = 0x01, forSWMR: UInt8 = 0x04
    return head[11] & (forWriting | forSWMR) == 0 ? .closed : .open
  }

  /// Whether a process of this machine holds the file for writing (`/proc/locks`, proc(5)).
  private static func isLocked(_ file: InputFile) -> Bool {
    var facts = stat()
    guard unsafe fstat(file.descriptor, &facts) == 0,
      let locks = FileManager.default.contents(atPath: "/proc/locks")
    else { return false }
    let ending = ":\(facts.st_ino)"
    return String(decoding: locks, as: UTF8.self).split(separator: "\n").contains { line in
      let words = line.split(separator: " ")
      return words.contains("WRITE") && words.contains { $0.hasSuffix(ending) }
    }
  }
}
