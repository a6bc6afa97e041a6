import Foundation
import Volumetry

/// Files that are the slices of one volume, in their order, with what is odd about them.
struct SliceSeries: Sendable {
  /// Paths by slice; nil where the number of a slice has no file.
  let slices: [String?]
  let notes: [String]

  var paths: [String] { slices.compactMap { $0 } }
  var missing: Int { slices.count { $0 == nil } }

  /// Finds the order of files.
  ///
  /// The number that counts the slices is one that no two names share, the first without gaps; it may be negative or have
  /// decimals. A copy that is equal byte by byte is left out, with a note.
  ///
  /// - Parameters:
  ///   - allowsMissing: whether numbers without a file are slices without values.
  ///   - ignoresGaps: whether the files follow one another whatever their numbers.
  /// - Throws: `data` where the files are of several series, numbers are missing, or two files have one number.
  init(
    _ files: [String], of path: String, notes: [String] = [], allowsMissing: Bool = false,
    ignoresGaps: Bool = false
  ) throws(VoxelithError) {
    var notes = notes
    var names = Self.signed(files.sorted { NaturalOrder.precedes($0, $1) }.map { SliceName($0) })
    try Self.checkOne(names, of: path, notes: &notes)
    try Self.dropCopies(&names, notes: &notes)
    guard names.count > 1, let column = try Self.column(names, of: path) else {
      slices = names.map(\.path)
      self.notes = notes
      return
    }
    names.sort { $0.numbers[column] < $1.numbers[column] }
    let numbers = names.map { $0.numbers[column] }
    let teeth = Self.teeth(numbers)
    guard let teeth, !ignoresGaps else {
      if !ignoresGaps {
        notes.append(
          "the numbers of the slices have no even step: they are taken in their order, one after another")
      }
      slices = names.map(\.path)
      self.notes = notes
      return
    }
    let absent = (teeth.last ?? 0) + 1 - teeth.count
    if absent > 0 && !allowsMissing { throw Self.gap(names, numbers, teeth, absent: absent, of: path) }
    var slices = [String?](repeating: nil, count: (teeth.last ?? 0) + 1)
    for (tooth, name) in zip(teeth, names) { slices[tooth] = name.path }
    if let step = Self.step(numbers, teeth), step > 1, step == step.rounded() {
      notes.append(
        "the numbers of the slices go up by \(GeometryOrigin.text(step)): the files are taken as neighbours, \(GeometryOrigin.text(step)) "
          + "times as far apart as slices that are numbered one by one")
    }
    if absent > 0 {
      notes.append("\(absent) of \(slices.count) slices have no file: their voxels are missing")
    }
    self.slices = slices
    self.notes = notes
  }

  /// Distance of the numbers of neighbours.
  private static func step(_ numbers: [Double], _ teeth: [Int]) -> Double? {
    guard let first = numbers.first, let last = numbers.last, let end = teeth.last, end > 0 else {
      return nil
    }
    return (last - first) / Double(end)
  }

  /// The names with their signs where a series has numbers with a minus and others with a plus or nothing before them.
  private static func signed(_ names: [SliceName]) -> [SliceName] {
    let all = Set(names.map(\.skeleton))
    return names.map { name in
      guard let signed = name.signed else { return name }
      if all.contains(signed.skeleton) { return signed }
      let number = signed.skeleton.lastIndex(of: "#") ?? signed.skeleton.endIndex
      let other = ["-", "+"].allSatisfy { mark in
        all.contains(signed.skeleton[..<number] + mark + signed.skeleton[number...])
      }
      return other ? signed : name
    }
  }

  /// - Throws: `data` where the names are of several series.
  private static func checkOne(
    _ names: [SliceName], of path: String, notes: inout [String]
  ) throws(VoxelithError) {
    let groups = Dictionary(grouping: names, by: \.skeleton)
    guard groups.count > 1 else { return }
    if groups.values.allSatisfy({ $0.allSatisfy(\.numbers.isEmpty) }) {
      notes.append("the names of the slices have no numbers: they are taken in alphabetical order")
      return
    }
    let series = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    let shown = series.prefix(4).map { key, files in
      files.count == 1 ? files[0].file : "\(key) (\(files.count) files)"
    }
    let first = series[0].key.prefix { $0 != "#" }
    throw VoxelithError(
      .data,
      "the files are of \(series.count) series: " + shown.joined(separator: ", ")
        + (series.count > 4 ? ", ..." : ""), file: path,
      advice: "name the slices of one volume by a pattern such as '\(folder(of: path))\(first)*'")
  }

  private static func folder(of path: String) -> String {
    if path.contains(where: { "*?[".contains($0) }) {
      let parent = PathName.folder(of: path)
      return parent.isEmpty ? "" : parent + "/"
    }
    return path.hasSuffix("/") ? path : path + "/"
  }

  /// Leaves out copies that are equal to what they are copies of.
  ///
  /// - Throws: `data` where two files have one number and differ.
  private static func dropCopies(
    _ names: inout [SliceName], notes: inout [String]
  ) throws(VoxelithError) {
    let groups = Dictionary(grouping: names) { $0.numbers }
    let lengths = Dictionary(grouping: names) { $0.file.count }.mapValues(\.count)
    func rank(_ name: SliceName) -> (Int, Int, String) {
      (name.isCopy ? 1 : 0, -(lengths[name.file.count] ?? 0), name.file)
    }
    var dropped = Set<String>()
    for (numbers, group) in groups where group.count > 1 && !numbers.isEmpty {
      // The name that is like most of the others is that of the slice.
      let ordered = group.sorted { rank($0) < rank($1) }
      for other in ordered.dropFirst() {
        guard FileManager.default.contentsEqual(atPath: ordered[0].path, andPath: other.path) else {
          throw VoxelithError(
            .data, "\(other.file) and \(ordered[0].file) have the same number and are not the same",
            file: other.path,
            advice: "move one of them away")
        }
        dropped.insert(other.path)
      }
    }
    guard !dropped.isEmpty else { return }
    names.removeAll { dropped.contains($0.path) }
    let shown = dropped.sorted().prefix(3).map { PathName.last(of: $0) }.joined(separator: ", ")
    let count = dropped.count == 1 ? "a copy is" : "\(dropped.count) copies are"
    notes.append("\(count) left out: \(shown)" + (dropped.count > 3 ? ", ..." : ""))
  }

  /// The place of the number that counts the slices; nil where the names have none.
  ///
  /// - Throws: `data` where several numbers differ and none counts alone.
  private static func column(_ names: [SliceName], of path: String) throws(VoxelithError) -> Int? {
    guard let first = names.first, !first.numbers.isEmpty,
      names.allSatisfy({ $0.numbers.count == first.numbers.count })
    else { return nil }
    let columns = first.numbers.indices
    let unique = columns.filter { column in Set(names.map { $0.numbers[column] }).count == names.count }
    // Of an index and a place or a time, the one that counts without gaps.
    let even = unique.first { column in
      teeth(names.map { $0.numbers[column] }.sorted())?.last == names.count - 1
    }
    if let column = even ?? unique.first { return column }
    let varying = columns.filter { column in Set(names.map { $0.numbers[column] }).count > 1 }
    let counts = varying.map { column in Set(names.map { $0.numbers[column] }).count }
    throw VoxelithError(
      .data,
      "the names of the \(names.count) files have \(varying.count) numbers that differ (\(counts.map(String.init).joined(separator: " x ")) values): they are of several series",
      file: path, advice: "name the slices of one volume by a pattern such as '\(folder(of: path))*_0_*.tif'")
  }

  /// The numbers as multiples of their smallest step from the first; nil where they have none in common.
  private static func teeth(_ numbers: [Double]) -> [Int]? {
    let steps = zip(numbers, numbers.dropFirst()).map { $1 - $0 }
    guard let step = steps.min(), step > 0, let first = numbers.first, let last = numbers.last else {
      return nil
    }
    let places = numbers.map { ($0 - first) / step }
    guard places.allSatisfy({ abs($0 - $0.rounded()) < 1e-3 }),
      (last - first) / step < 3 * Double(numbers.count) + 16
    else { return nil }
    return places.map { Int($0.rounded()) }
  }

  private static func gap(
    _ names: [SliceName], _ numbers: [Double], _ teeth: [Int], absent: Int, of path: String
  ) -> VoxelithError {
    let place =
      zip(teeth, teeth.dropFirst()).enumerated().first { $0.element.1 - $0.element.0 > 1 }?.offset ?? 0
    return VoxelithError(
      .data,
      "\(absent) of \(teeth.count + absent) slices are missing: nothing lies between \(names[place].file) and "
        + "\(names[place + 1].file)", file: path,
      advice:
        "put them there, or read them as missing with --allow-missing, or take the files as they follow with "
        + "--ignore-gaps")
  }
}
