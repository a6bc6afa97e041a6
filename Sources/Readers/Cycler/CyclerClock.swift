/// Times as cyclers write them.
enum CyclerClock {
  /// Seconds of `1:02:03.5`, `26:00:00`, `1d 02:03:04` or `1-02:03:04`; nil for anything else.
  static func seconds(_ text: String) -> Double? {
    var text = text[...]
    var days = 0.0
    for mark: Character in ["d", "-"] {
      guard let place = text.firstIndex(of: mark), let value = Double(text[..<place].filter { $0 != " " })
      else { continue }
      days = value
      text = text[text.index(after: place)...]
      break
    }
    let parts = text.filter { $0 != " " }.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    var sum = 0.0
    for part in parts {
      guard let value = Double(part.replacing(",", with: ".")), value >= 0, value.isFinite else { return nil }
      sum = 60 * sum + value
    }
    return 86_400 * days + sum
  }

  /// Whether the month or the day comes first where the year comes last: a file has one of both.
  enum DateOrder: CaseIterable {
    case monthFirst, dayFirst
  }

  /// Seconds since 1970 of `2026-11-30 09:12:01.25`, `2026/11/30 9:12:01`, `11/30/2026 09:12:01 AM`, `30.11.2026 09:12:01`, with `Z` or `+01:00` behind
  /// them or not, and of days since 1900 as spreadsheets count them; nil for anything else.
  static func date(_ text: String, order: DateOrder) -> Double? {
    if let serial = Double(text) {
      // Day 25569 is 1 January 1970.
      return (20_000...80_000).contains(serial) ? 86_400 * (serial - 25_569) : nil
    }
    let pieces = text.replacing("T", with: " ").split(separator: " ")
    guard pieces.count >= 2, let (clock, offset) = zoned(String(pieces[1])), let time = seconds(clock) else {
      return nil
    }
    guard let mark = pieces[0].first(where: { "-/.".contains($0) }) else { return nil }
    let numbers = pieces[0].split(separator: mark).compactMap { Int($0) }
    guard numbers.count == 3 else { return nil }
    var (year, month, day) = (numbers[0], numbers[1], numbers[2])
    if year < 1000 {
      let isDayFirst = mark == "." || order == .dayFirst
      (month, day, year) =
        isDayFirst ? (numbers[1], numbers[0], numbers[2]) : (numbers[0], numbers[1], numbers[2])
    }
    guard (1...12).contains(month), (1...31).contains(day), (1900...2200).contains(year) else { return nil }
    var half = 0.0
    if pieces.count > 2 {
      let name = pieces[2].lowercased()
      if name == "pm", time < 43_200 { half = 43_200 }
      if name == "am", time >= 43_200 { half = -43_200 }
    }
    return 86_400 * Double(dayNumber(year, month, day)) + time + half - offset
  }

  /// A clock without its time zone, and how many seconds the zone is ahead.
  private static func zoned(_ text: String) -> (clock: String, offset: Double)? {
    if text.hasSuffix("Z") { return (String(text.dropLast()), 0) }
    guard let mark = text.lastIndex(where: { $0 == "+" || $0 == "-" }), mark > text.startIndex else {
      return (text, 0)
    }
    let zone = text[text.index(after: mark)...].filter { $0 != ":" }
    guard let number = Int(zone), zone.count == 4 || zone.count == 2 else { return nil }
    let hours = Double(zone.count == 4 ? number / 100 : number)
    let minutes = Double(zone.count == 4 ? number % 100 : 0)
    return (String(text[..<mark]), (text[mark] == "-" ? -1 : 1) * (3600 * hours + 60 * minutes))
  }

  /// Days since 1 January 1970 in the Gregorian calendar, by the count of days from 1 March.
  private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let ofEra = y - 400 * era
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return 146_097 * era + 365 * ofEra + ofEra / 4 - ofEra / 100 + ofYear - 719_468
  }
}
