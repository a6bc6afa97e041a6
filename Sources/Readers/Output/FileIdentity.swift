import Glibc

/// What tells one file or folder from all others, by whatever path it is reached.
struct FileIdentity: Hashable, Sendable {
  private let device: UInt
  private let number: UInt

  /// Links are followed. Nil where there is nothing.
  init?(_ path: String) {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0 else { return nil }
    device = UInt(facts.st_dev)
    number = UInt(facts.st_ino)
  }
}
