import Volumetry

/// A text of `key = value` lines in sections, as instruments write beside their volumes; sections and keys in lower case.
struct SettingsText {
  private(set) var values: [String: [String: String]] = [:]

  init(_ text: String) {
    var section = ""
    for raw in text.split(whereSeparator: \.isNewline) {
      let line = raw.trimmed
      if let first = line.first, let last = line.last,
        (first == "[" && last == "]") || (first == "{" && last == "}")
      {
        section = line.dropFirst().dropLast().lowercased()
        continue
      }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        values[section, default: [:]][parts[0].trimmed.lowercased()] = String(parts[1].trimmed)
      }
    }
  }

  /// Reads a file of at most a megabyte; nil where it is larger or not there.
  static func read(_ path: String) -> SettingsText? {
    guard let file = try? InputFile(path), file.size <= 1 << 20,
      let bytes = try? file.bytes(at: 0, count: file.size),
      !bytes.contains(0)
    else { return nil }
    return SettingsText(FileText.decode(bytes))
  }

  subscript(section: String, key: String) -> String? { values[section]?[key] }

  func numbers(_ section: String, _ key: String) -> [Double]? {
    values[section]?[key].map {
      $0.split(whereSeparator: { $0.isWhitespace || $0 == "," }).compactMap { Double($0) }
    }
  }
}
