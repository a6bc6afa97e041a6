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

  /// Seconds since 1970 of `2026-11-30 09:12:01.25`, `2026/11/30 9:12:01`, `11/30/2026 09:12:01 AM` or `30.11.2026 09:12:01`, without a time
  /// zone; nil for anything else. Of two numbers before a slash the first is the month, unless it is above 12.
  static func date(_ text: String) -> Double? {
    let pieces = text.replacing("T", with: " ").split(separator: " ")
    guard pieces.count >= 2, let clock = seconds(String(pieces[1])) else { return nil }
    guard let mark = pieces[0].first(where: { "-/.".contains($0) }) else { return nil }
    let numbers = pieces[0].split(separator: mark).compactMap { Int($0) }
    guard numbers.count == 3 else { return nil }
    var (year, month, day) = (numbers[0], numbers[1], numbers[2])
    if year < 1000 {
      (month, day, year) =
        mark == "." ? (numbers[1], numbers[0], numbers[2]) : (numbers[0], numbers[1], numbers[2])
      if month > 12 { (month, day) = (day, month) }
    }
    guard (1...12).contains(month), (1...31).contains(day), (1900...2200).contains(year) else { return nil }
    var time = clock
    if pieces.count > 2 {
      let half = pieces[2].lowercased()
      if half == "pm", time < 43_200 { time += 43_200 }
      if half == "am", time >= 43_200 { time -= 43_200 }
    }
    return 86_400 * Double(dayNumber(year, month, day)) + time
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
