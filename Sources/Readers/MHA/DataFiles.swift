import Volumetry

/// The files of the voxels as headers of MetaImage and NRRD name them: one, a list, or a pattern of numbers.
enum DataFiles {
  /// Files above which a list is nonsense.
  private static let most = 1 << 20

  /// Names in their order along the slowest axis; nil where the text names one file.
  ///
  /// - Parameters:
  ///   - text: `LIST`, or `slice%03d.raw FIRST LAST STEP`; a number of axes behind either tells what the files hold, which
  ///     their number tells, too.
  ///   - list: names that follow a `LIST`.
  ///   - file: the header.
  /// - Throws: `data` where the pattern is not one of whole numbers, or the list is empty.
  static func names(
    _ text: String, list: [String], file: String, place: String
  ) throws(VoxelithError) -> [String]? {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    if isList(text) {
      guard !list.isEmpty else {
        throw VoxelithError(.data, "the list of files is empty", file: file, place: place)
      }
      return list
    }
    // A name may hold a percent sign of its own.
    guard words.count >= 3, let sign = words.firstIndex(where: { $0.contains("%") }) else { return nil }
    let numbers = words[(sign + 1)...].compactMap { Int($0) }
    guard numbers.count == words.count - sign - 1, numbers.count >= 2 else { return nil }
    let (first, last, step) = (numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 1)
    let name = words[...sign].joined(separator: " ")
    let bound = 1 << 40
    guard abs(first) < bound, abs(last) < bound, abs(step) < bound, step != 0, (last - first) / step >= 0,
      (last - first) / step < most
    else {
      throw VoxelithError(
        .data, "'\(text)' is not a pattern of up to \(most) numbered files", file: file, place: place)
    }
    var names: [String] = []
    for number in stride(from: first, through: last, by: step) {
      guard let found = numbered(name, number) else {
        throw VoxelithError(
          .data, "'\(name)' has no place for one whole number, such as %03d", file: file, place: place)
      }
      names.append(found)
    }
    return names
  }

  /// Whether names follow on the next lines.
  static func isList(_ text: String) -> Bool {
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.count <= 2 && words.first?.uppercased() == "LIST"
  }

  /// A name with a number in the place of its `%d`, `%i` or `%u`, with leading zeros as `%03d` asks for them.
  private static func numbered(_ name: String, _ number: Int) -> String? {
    let parts = name.split(separator: "%", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let width = parts[1].prefix { $0.isASCII && $0.isNumber }
    let rest = parts[1].dropFirst(width.count)
    guard let kind = rest.first, "diu".contains(kind), width.count <= 2 else { return nil }
    let digits = String(abs(number))
    let sign = number < 0 ? "-" : ""
    let missing = max(0, (Int(width) ?? 0) - digits.count - sign.count)
    let filled =
      width.hasPrefix("0")
      ? sign + String(repeating: "0", count: missing) + digits
      : String(repeating: " ", count: missing) + sign + digits
    return parts[0] + filled + rest.dropFirst()
  }

  /// A file that a header names, from the folder of the header.
  static func path(_ name: String, of header: String) -> String {
    let folder = PathName.folder(of: header)
    return name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
  }

  /// Lines without blanks around them, of those that hold anything.
  static func lines(_ bytes: ArraySlice<UInt8>) -> [String] {
    bytes.split(separator: 10).map { String(FileText.decode($0)[...].trimmed) }.filter { !$0.isEmpty }
  }
}
