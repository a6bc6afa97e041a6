import Volumetry

/// Whether the numbers of spectra are counts or counts in a time, and how many of ours one of them is.
struct CountUnit: Sendable, Hashable {
  /// Counts, or counts per second, in one of the unit.
  var factor: Double
  /// Whether the numbers are rates, which times the live time are counts.
  var isRate: Bool

  static let counts = CountUnit(factor: 1, isRate: false)

  /// The units that are understood, for messages.
  static let list =
    "counts, photons, events, cts, ph, also with k or M; the same per s, ms, min, ... (counts/s, count s-1, ph/ms); "
    + "cps, kcps, Mcps, Hz, 1/s"

  /// From a unit; nil where it is not understood.
  init?(_ spelling: String) {
    let text = Units.normalized(spelling).replacing("_", with: " ")
    if Self.isBare(text) {
      self = .counts
      return
    }
    if let rate = Self.rates[text.lowercased()] ?? Self.cased[text] {
      self.init(factor: rate, isRate: true)
      return
    }
    let words = Self.parts(text)
    guard let counted = Self.number(words.top) else { return nil }
    guard let below = words.bottom else {
      guard words.top.count > 1 else { return nil }
      self.init(factor: counted, isRate: false)
      return
    }
    if ["channel", "bin", "point", "pixel", "frame"].contains(below.lowercased()) {
      self.init(factor: counted, isRate: false)
      return
    }
    guard let seconds = Units.factor(below, .time), seconds > 0 else { return nil }
    self.init(factor: counted / seconds, isRate: true)
  }

  private init(factor: Double, isRate: Bool) {
    self.factor = factor
    self.isRate = isRate
  }

  /// From the name of a column: `counts (1/s)`, `counts_per_second`, `cps`.
  init?(in name: String) {
    if let whole = CountUnit(name), !Self.isBare(name) {
      self = whole
      return
    }
    guard let unit = Self.bracket(of: name), !Self.isBare(unit), let known = CountUnit(unit) else {
      return nil
    }
    self = known
  }

  /// Whether a unit says that there is none; the numbers are then taken as counts.
  static func isBare(_ spelling: String) -> Bool {
    [
      "", "1", "none", "null", "dimensionless", "unitless", "number", "a.u.", "a. u.", "au", "arb", "arb.",
      "arb. units",
      "arbitrary", "arbitrary units", "unknown", "any", "-",
    ].contains(Units.normalized(spelling).lowercased())
  }

  private static func bracket(of name: String) -> String? {
    name.lastIndex { $0 == "(" || $0 == "[" }.map { String(name[$0...]) }
  }

  /// Whether a column has a unit in brackets that looks like a rate and is not understood.
  static func isStrange(_ name: String) -> Bool {
    guard let unit = bracket(of: name), CountUnit(unit) == nil else { return false }
    return unit.contains("/") || unit.contains("-1") || unit.lowercased().contains("per ")
  }

  /// - Throws: `data` where the unit is not understood, with the list of those that are.
  static func read(_ spelling: String, file: String, place: String) throws(VoxelithError) -> CountUnit {
    if let known = CountUnit(spelling) { return known }
    throw VoxelithError(
      .data, "the unit '\(spelling.prefix(40))' of the counts is not understood", file: file, place: place,
      advice: "write there the unit that is meant; units that are understood: \(list)")
  }

  private static let rates: [String: Double] = [
    "cps": 1, "kcps": 1e3, "hz": 1, "khz": 1e3, "rate": 1, "countrate": 1, "count rate": 1, "ctps": 1,
    "cntps": 1,
    "cpm": 1 / 60.0,
  ]
  /// Where the case of the prefix tells mega from milli.
  private static let cased: [String: Double] = ["Mcps": 1e6, "MCPS": 1e6, "MHz": 1e6]

  /// Counts in one of a word for them; nil for other words.
  private static func number(_ word: String) -> Double? {
    let lower = word.lowercased()
    let words: Set<String> = [
      "", "1", "c", "counts", "count", "cts", "ct", "cnts", "cnt", "photons", "photon", "phot", "ph",
      "events", "event",
      "hits", "hit", "intensity",
    ]
    if words.contains(lower) { return 1 }
    for (prefix, value) in [("kilo", 1e3), ("mega", 1e6), ("k", 1e3)] where lower.hasPrefix(prefix) {
      if words.contains(lower.dropFirst(prefix.count).trimmed.lowercased()), lower != prefix { return value }
    }
    if word.hasPrefix("M"), word.count > 1, words.contains(word.dropFirst().lowercased()) { return 1e6 }
    return nil
  }

  /// What is counted, and the time that it is counted in: `counts/s`, `count s-1`, `counts per sec`, `1/s`, `s^-1`.
  private static func parts(_ text: String) -> (top: String, bottom: String?) {
    var text = text.replacing("\u{207B}\u{B9}", with: "-1").replacing("**", with: "^")
      .replacing("\u{B7}", with: " ").replacing("*", with: " ")
    for word in [" per ", "per "] where text.lowercased().contains(word) {
      if let range = text.lowercased().firstRange(of: word) {
        let start = text.lowercased().distance(from: text.lowercased().startIndex, to: range.lowerBound)
        text = String(text.prefix(start)) + "/" + String(text.dropFirst(start + word.count))
        break
      }
    }
    if let slash = text.firstIndex(of: "/") {
      return (String(text[..<slash].trimmed), String(text[text.index(after: slash)...].trimmed))
    }
    for mark in ["^-1", "^(-1)", "-1"] where text.hasSuffix(mark) {
      var body = text.dropLast(mark.count)
      if body.last == "." { body.removeLast() }
      let words = body.split { $0 == " " || $0 == "." }
      if words.count == 1, let only = words.first { return ("", String(only)) }
      if words.count == 2 { return (String(words[0]), String(words[1])) }
    }
    return (text, nil)
  }
}

extension CountUnit {
  /// - Throws: `data` where the numbers are rates and the live time is not known.
  func check(acquisition: Acquisition, file: String, place: String? = nil) throws(VoxelithError) {
    guard isRate, acquisition.liveTime == nil else { return }
    throw VoxelithError(
      .data, "the spectra are counts per second, and the counts cannot be known without the live time",
      file: file,
      place: place, advice: "give --live-time")
  }

  /// What was done with the numbers; nil where they are counts as they stand.
  func origin(_ spelling: String, _ source: String) -> GeometryOrigin? {
    let shown = Units.normalized(spelling)
    if isRate {
      let factor = factor == 1 ? "" : " times \(GeometryOrigin.text(factor))"
      return GeometryOrigin(
        "counts", "counts per second times the live time\(factor)", "\(source) (\(shown))")
    }
    if factor != 1 {
      return GeometryOrigin("counts", "times \(GeometryOrigin.text(factor))", "\(source) (\(shown))")
    }
    guard Self.isBare(spelling), !shown.isEmpty else { return nil }
    return GeometryOrigin("counts", "taken as they stand", "\(source) (\(shown)), which gives no counts")
  }
}
