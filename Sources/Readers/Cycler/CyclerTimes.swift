import Volumetry

/// Times of the points of a cycler's file.
struct CyclerTimes {
  /// Seconds on the record's own clock.
  let seconds: [Double]
  /// What was taken for granted.
  let notes: [String]

  /// A time that starts anew with every step is added up over the steps, unless there are dates. A clock that falls at midnight goes on, and a
  /// date beside the time of day belongs to it.
  init(
    _ table: CyclerTable, _ choice: CyclerChoice, _ numbers: CyclerNumbers, file: String
  ) throws(VoxelithError) {
    guard let column = choice.time else {
      notes = []
      if let column = choice.date {
        seconds = try Self.dates(numbers.texts(column), table, column: column, file: file)
      } else if let column = choice.stepTime {
        seconds = try Self.added(
          try Self.read(column, table, numbers, file: file), isTotal: false, table, choice, numbers,
          file: file)
      } else {
        seconds = []
      }
      return
    }
    let name = CyclerColumn.parts(table.headings[column]).name
    let isTotal = !["time", "t", "时间"].contains(name)
    let isClock = table.rows[0].field(column).contains(0x3A)
    if isClock, !isTotal, let date = choice.date {
      let (days, clocks) = (numbers.texts(date), numbers.texts(column))
      if !days.contains(where: { $0.contains(":") || Double($0) != nil }) {
        seconds = try Self.dates(
          zip(days, clocks).map { "\($0) \($1)" }, table, column: date, file: file)
        notes = []
        return
      }
    }
    let own = try Self.read(column, table, numbers, file: file)
    let typical = Self.typicalRise(own)
    guard own.indices.dropFirst().contains(where: { own[$0] < own[$0 - 1] }) else {
      seconds = own
      let isLate = isClock && !isTotal && own[0] < Self.day && own[0] > max(60, 10 * typical)
      notes =
        isLate
        ? [
          "the column '\(table.headings[column])' begins at \(Self.clock(own[0])), which is taken as the time since the record's "
            + "start: where it is the time of day, give starts_at or a column with dates"
        ] : []
      return
    }
    if !isTotal, let date = choice.date {
      seconds = try Self.dates(numbers.texts(date), table, column: date, file: file)
      notes = []
    } else if isClock, let days = Self.acrossMidnight(own, typical: typical) {
      seconds = isTotal ? days.seconds : days.seconds.map { $0 - days.seconds[0] }
      notes = [
        "the column '\(table.headings[column])' falls from \(Self.clock(own[days.first - 1])) to \(Self.clock(own[days.first])) at line "
          + "\(table.rows[days.first].line), which is taken as midnight"
          + (isTotal ? "" : ": the record's time 0 is its first point, at \(Self.clock(own[0]))")
      ]
    } else {
      seconds = try Self.added(own, isTotal: isTotal, table, choice, numbers, file: file)
      notes = []
    }
  }

  private static let day = 86_400.0

  private static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(whole / 3600)):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  private static func typicalRise(_ times: [Double]) -> Double {
    let rises = zip(times.dropFirst(), times).map { $0 - $1 }.filter { $0 > 0 }.sorted()
    return rises.isEmpty ? 0 : rises[rises.count / 2]
  }

  /// A clock of 24 hours that goes on over midnight; nil where a fall leaves a longer gap than any between other points and ten usual ones,
  /// so that a day or more may lie there, or none at all.
  private static func acrossMidnight(
    _ times: [Double], typical: Double
  ) -> (seconds: [Double], first: Int)? {
    guard times.allSatisfy({ $0 < day }) else { return nil }
    let largest = max(10 * typical, zip(times.dropFirst(), times).reduce(0) { max($0, $1.0 - $1.1) })
    var first: Int?
    var before = 0.0
    var result: [Double] = []
    result.reserveCapacity(times.count)
    for index in times.indices {
      if index > 0, times[index] < times[index - 1] {
        guard day + times[index] - times[index - 1] <= min(largest, day / 2) else { return nil }
        before += day
        first = first ?? index
      }
      result.append(before + times[index])
    }
    return first.map { (result, $0) }
  }

  private static func falling(_ table: CyclerTable, _ index: Int, file: String) -> VoxelithError {
    VoxelithError(
      .data, "the times fall", file: file, place: "line \(table.rows[index].line)",
      advice: "give the points in the order in which they were measured, and times of day with their dates")
  }

  /// Numbers with a unit, clocks such as 1:02:03, or dates.
  private static func read(
    _ column: Int, _ table: CyclerTable, _ numbers: CyclerNumbers, file: String
  ) throws(VoxelithError) -> [Double] {
    let first = table.rows[0].field(column)
    guard first.contains(0x3A) else { return try numbers.values(column, .time) }
    let texts = numbers.texts(column)
    guard CyclerClock.seconds(texts[0]) != nil else {
      return try dates(texts, table, column: column, file: file)
    }
    var result: [Double] = []
    result.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() {
      guard let value = CyclerClock.seconds(text) else {
        throw VoxelithError(
          .data, "'\(text.prefix(40))' in the column '\(table.headings[column])' is not a time", file: file,
          place: "line \(table.rows[index].line)")
      }
      result.append(value)
    }
    return result
  }

  /// Seconds since the first of some dates. Whether months or days come first is decided for all of them together: by numbers above 12, by times that
  /// fall, and by the smaller largest step.
  private static func dates(
    _ texts: [String], _ table: CyclerTable, column: Int, file: String
  ) throws(VoxelithError) -> [Double] {
    var sound: [[Double]] = []
    var fall: Int?
    var wrong: Int?
    for order in CyclerClock.DateOrder.allCases {
      let times = texts.map { CyclerClock.date($0, order: order) }
      if let index = times.firstIndex(of: nil) {
        wrong = max(wrong ?? 0, index)
        continue
      }
      let known = times.compactMap { $0 }
      if let index = known.indices.dropFirst().first(where: { known[$0] < known[$0 - 1] }) {
        fall = max(fall ?? 0, index)
        continue
      }
      sound.append(known.map { $0 - known[0] })
    }
    guard let best = sound.min(by: { largestStep($0) < largestStep($1) }) else {
      if let fall { throw falling(table, fall, file: file) }
      throw VoxelithError(
        .data,
        "'\(texts[wrong ?? 0].prefix(40))' in the column '\(table.headings[column])' is not a date with a time",
        file: file,
        place: "line \(table.rows[wrong ?? 0].line)")
    }
    if sound.count == 2, sound[0] != sound[1], largestStep(sound[0]) == largestStep(sound[1]) {
      throw VoxelithError(
        .data, "nothing tells whether '\(texts[0])' has the month or the day first", file: file,
        advice: "write dates with the year first, or name a column of seconds: columns: {time: ...}")
    }
    return best
  }

  private static func largestStep(_ times: [Double]) -> Double {
    zip(times.dropFirst(), times).reduce(0) { max($0, $1.0 - $1.1) }
  }

  /// One clock from times that start anew with each step.
  ///
  /// - Throws: `data` where a time falls and no new step explains it.
  private static func added(
    _ times: [Double], isTotal: Bool, _ table: CyclerTable, _ choice: CyclerChoice, _ numbers: CyclerNumbers,
    file: String
  ) throws(VoxelithError) -> [Double] {
    let steps = choice.step.map { numbers.texts($0) } ?? table.rows.map { "\($0.step)" }
    let hasSteps = Set(steps).count > 1
    let typical = typicalRise(times)
    var before = 0.0
    var last = times[0]
    var result: [Double] = []
    result.reserveCapacity(times.count)
    for (index, time) in times.enumerated() {
      if time < last {
        let isNew = hasSteps ? steps[index] != steps[index - 1] : time <= 1.5 * typical && time < 0.1 * last
        guard !isTotal, isNew else { throw falling(table, index, file: file) }
        before += last
      }
      last = time
      result.append(before + time)
    }
    return result
  }
}
