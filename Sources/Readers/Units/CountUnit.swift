/// Whether the numbers of spectra are counts or counts per second.
enum CountUnit: Sendable, Hashable {
  case counts, perSecond

  /// From a unit; nil for any other.
  init?(_ spelling: String) {
    let text = Units.normalized(spelling).lowercased().replacing("_", with: "").replacing(" ", with: "")
    switch text {
    case "counts", "count", "cts", "photons", "events", "intensity": self = .counts
    case "counts/s", "count/s", "cts/s", "counts/sec", "counts/second", "countspersecond", "countspers",
      "countspersec",
      "cps", "1/s", "s-1", "s^-1", "hz", "events/s", "photons/s", "ctspersecond", "ctspers", "countss-1",
      "counts.s-1",
      "countss^-1", "countrate", "rate":
      self = .perSecond
    default: return nil
    }
  }

  /// From the name of a column: `counts (1/s)`, `counts_per_second`, `cps`.
  init?(in name: String) {
    if let whole = CountUnit(name) {
      self = whole
      return
    }
    guard let open = name.lastIndex(where: { $0 == "(" || $0 == "[" }),
      let unit = CountUnit(String(name[open...]))
    else { return nil }
    self = unit
  }
}
