import Volumetry

/// Times of the points of a cycler's file.
enum CyclerTimes {
  /// Seconds on the record's own clock.
  ///
  /// A time that starts anew with every step is added up over the steps, unless there are dates.
  static func seconds(
    _ table: CyclerTable, _ choice: CyclerChoice, _ numbers: CyclerNumbers, file: String
  ) throws(VoxelithError) -> [Double] {
    if let column = choice.time {
      let own = try read(column, table, numbers, file: file)
      guard own.indices.dropFirst().contains(where: { own[$0] < own[$0 - 1] }) else { return own }
      let name = CyclerColumn.parts(table.headings[column]).name
      guard let date = choice.date, ["time", "时间"].contains(name) else {
        return try added(
          own, isTotal: !["time", "t", "时间"].contains(name), table, choice, numbers, file: file)
      }
      return try dates(numbers.texts(date), table, column: date, file: file)
    }
    if let column = choice.date { return try dates(numbers.texts(column), table, column: column, file: file) }
    guard let column = choice.stepTime else { return [] }
    return try added(
      try read(column, table, numbers, file: file), isTotal: false, table, choice, numbers, file: file)
  }

  private static func falling(_ table: CyclerTable, _ index: Int, file: String) -> VoxelithError {
    VoxelithError(
      .data, "the times fall", file: file, place: "line \(table.rows[index].line)",
      advice: "give the points in the order in which they were measured")
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
    let rises = zip(times.dropFirst(), times).map { $0 - $1 }.filter { $0 > 0 }.sorted()
    let typical = rises.isEmpty ? 0 : rises[rises.count / 2]
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
