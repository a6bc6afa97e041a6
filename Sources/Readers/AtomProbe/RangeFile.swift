import Foundation
public import Volumetry

/// Ranges of mass-to-charge of an atom probe measurement, each with the atoms of its ion: the text format `.rrng`.
public struct RangeFile: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    /// In Da (mass over charge).
    public let range: ClosedRange<Double>
    /// Atoms of each element in one ion of the range.
    public let atoms: [String: Int]
  }

  /// Elements in the order in which the file names them.
  public let elements: [String]
  /// In rising order; they do not overlap.
  public let entries: [Entry]

  /// - Throws: `missing`; `data` where a line of the ranges is not understood, a range is empty or reversed, or two overlap.
  public static func read(_ path: String) throws(VoxelithError) -> RangeFile {
    let file = try InputFile(path)
    guard file.size <= 4 << 20 else {
      throw VoxelithError(.data, "a range file of \(file.size) bytes is none", file: path)
    }
    let text = String(decoding: try file.bytes(at: 0, count: file.size), as: UTF8.self)
    var elements: [String] = []
    var entries: [Entry] = []
    var promised: Int?
    var isInRanges = false
    for (number, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let line = raw.trimmingCharacters(in: .whitespaces)
      if line.hasPrefix("[") {
        isInRanges = line.lowercased() == "[ranges]"
        continue
      }
      guard isInRanges, let equals = line.firstIndex(of: "=") else { continue }
      let key = line[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
      let value = line[line.index(after: equals)...]
      if key == "number" {
        promised = Int(value.trimmingCharacters(in: .whitespaces))
        continue
      }
      guard key.hasPrefix("range") else { continue }
      let entry = try self.entry(value, file: path, line: number + 1)
      entries.append(entry.entry)
      for element in entry.order where !elements.contains(element) { elements.append(element) }
    }
    guard !entries.isEmpty else {
      throw VoxelithError(
        .data, "holds no ranges", file: path,
        advice: "a .rrng file has a section [Ranges] with lines Range1=LO HI Vol:V El:N Color:C")
    }
    guard promised == nil || promised == entries.count else {
      throw VoxelithError(
        .data, "says that it has \(promised ?? 0) ranges and has \(entries.count)", file: path)
    }
    entries.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (left, right) in zip(entries, entries.dropFirst())
    where right.range.lowerBound < left.range.upperBound {
      throw VoxelithError(
        .data,
        "the ranges from \(left.range.lowerBound) and from \(right.range.lowerBound) Da overlap", file: path)
    }
    return RangeFile(elements: elements, entries: entries)
  }

  private static func entry(
    _ text: Substring, file: String, line: Int
  ) throws(VoxelithError) -> (entry: Entry, order: [String]) {
    let place = "line \(line)"
    let words = text.split { $0 == " " || $0 == "\t" }
    guard words.count >= 3, let low = Double(words[0]), let high = Double(words[1]), low.isFinite,
      high.isFinite
    else {
      throw VoxelithError(.data, "is not a range LO HI El:N", file: file, place: place)
    }
    guard low >= 0, low < high else {
      throw VoxelithError(
        .data, "the range \(low) to \(high) Da is empty or reversed", file: file, place: place)
    }
    var atoms: [String: Int] = [:]
    var order: [String] = []
    for word in words.dropFirst(2) {
      let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      if ["vol", "color", "name"].contains(parts[0].lowercased()) { continue }
      guard let count = Int(parts[1]), count > 0, count < 1000 else {
        throw VoxelithError(.data, "'\(word)' is not an element and a number", file: file, place: place)
      }
      atoms[parts[0], default: 0] += count
      order.append(parts[0])
    }
    guard !atoms.isEmpty else {
      throw VoxelithError(.data, "the range names no element", file: file, place: place)
    }
    return (Entry(range: low...high, atoms: atoms), order)
  }
}
