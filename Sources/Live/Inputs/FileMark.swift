import Glibc

/// What tells one file from all others, by whatever name it is reached, and its bytes from those that it had before.
package struct FileMark: Sendable, Hashable {
  package struct Place: Sendable, Hashable {
    private let device: UInt
    private let number: UInt

    fileprivate init(_ facts: stat) { (device, number) = (UInt(facts.st_dev), UInt(facts.st_ino)) }
  }

  package let place: Place
  private let numbers: [Int]

  /// Links are followed. Nil where there is nothing.
  package init?(_ path: String) {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0 else { return nil }
    place = Place(facts)
    numbers = [Int(facts.st_size), facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec]
  }
}
