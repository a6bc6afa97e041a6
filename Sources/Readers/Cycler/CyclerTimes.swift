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
      guard let fall = own.indices.dropFirst().first(where: { own[$0] < own[$0 - 1] }) else { return own }
      if choice.date == nil || CyclerColumn.parts(table.headings[column]).name != "time" {
        // Only a clock of the steps may start anew.
        guard own[fall] <= 0.5 * own[fall - 1] else { throw falling(table, fall, file: file) }
      }
      if choice.date == nil { return added(own) }
    }
    if let column = choice.date {
      let dates = numbers.texts(column)
      var result: [Double] = []
      result.reserveCapacity(dates.count)
      for (index, text) in dates.enumerated() {
        guard let value = CyclerClock.date(text) else {
          throw VoxelithError(
            .data, "'\(text.prefix(40))' in the column '\(table.headings[column])' is not a date with a time",
            file: file,
            place: "line \(table.rows[index].line)")
        }
        if let last = result.last, value < last { throw falling(table, index, file: file) }
        result.append(value)
      }
      return result.map { $0 - result[0] }
    }
    guard let column = choice.stepTime else { return [] }
    return added(try read(column, table, numbers, file: file))
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
    let isDate = CyclerClock.seconds(texts[0]) == nil
    var result: [Double] = []
    result.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() {
      guard let value = isDate ? CyclerClock.date(text) : CyclerClock.seconds(text) else {
        throw VoxelithError(
          .data, "'\(text.prefix(40))' in the column '\(table.headings[column])' is not a time", file: file,
          place: "line \(table.rows[index].line)")
      }
      result.append(value)
    }
    return isDate ? result.map { $0 - result[0] } : result
  }

  /// One clock from times that start anew.
  private static func added(_ times: [Double]) -> [Double] {
    var before = 0.0
    var last = 0.0
    return times.map { time in
      if time < last { before += last }
      last = time
      return before + time
    }
  }
}
