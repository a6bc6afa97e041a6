import Foundation
import Volumetry

/// Sources of a virtual dataset whose files have a number in their name (`scan_%b.h5`). The library takes them up to the first
/// that is missing, and leaves out without a word what lies behind it.
enum NumberedSources {
  /// What is wrong where a file is missing and others with higher numbers are there; nil where none is, or nobody knows.
  static func problem(_ pattern: String, of master: HDF5ArrayHead, search: SourceFolders) -> VoxelithError? {
    let name = PathName.last(of: pattern)
    guard let mark = name.firstRange(of: "%b") else { return nil }
    let (before, after) = (String(name[..<mark.lowerBound]), String(name[mark.upperBound...]))
    let inside = PathName.folder(of: pattern)
    guard !before.contains("%"), !after.contains("%"), !inside.contains("%") else { return nil }
    let folders =
      pattern.hasPrefix("/")
      ? [inside]
      : [search.real, search.beside].compactMap { $0 }.map { inside.isEmpty ? $0 : PathName.join($0, inside) }
        + [inside]
    for folder in folders {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
      let numbers = names.compactMap { found -> Int? in
        guard found.hasPrefix(before), found.hasSuffix(after), found.count > before.count + after.count else {
          return nil
        }
        let digits = found.dropFirst(before.count).dropLast(after.count)
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits),
          "\(number)" == digits
        else {
          return nil
        }
        return number
      }.sorted()
      guard let last = numbers.last else { continue }
      guard let gap = numbers.indices.first(where: { numbers[$0] != $0 }) else { return nil }
      let missing = PathName.join(folder, "\(before)\(gap)\(after)")
      return VoxelithError(
        .missing,
        "the data are in numbered files, of which \(missing) is missing while others up to number \(last) are there",
        file: master.file.path, place: master.path,
        advice: "put the file there, or make the virtual dataset anew from the files that are there")
    }
    return nil
  }
}
