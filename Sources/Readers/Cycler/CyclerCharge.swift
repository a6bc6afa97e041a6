import Volumetry

/// The charge passed at the points of a cycler's file.
struct CyclerCharge {
  let values: [Double]
  let source: CyclerRecord.ChargeSource
  let disagreement: Double?
  let notes: [String]

  /// Share of the charge passed by which charge and current may differ before one of them must be chosen.
  private static let largestDisagreement = 0.05

  init(
    _ table: CyclerTable, _ choice: CyclerChoice, _ numbers: CyclerNumbers, seconds: [Double], file: String
  ) throws(VoxelithError) {
    var notes: [String] = []
    var currents = try choice.current.map { (column) throws(VoxelithError) in
      try numbers.values(column, .current)
    }
    let types = choice.stepType.map { numbers.texts($0) } ?? table.rows.map { $0.stepType ?? "" }
    if let known = currents, known.allSatisfy({ $0 >= 0 }), known.contains(where: { $0 > 0 }) {
      if known.indices.contains(where: { known[$0] > 0 && Self.isDischarge(types[$0]) }) {
        currents = known.indices.map { Self.isDischarge(types[$0]) ? -known[$0] : known[$0] }
        notes.append("currents have no sign: those of discharging steps are taken as negative")
      } else if choice.charge == nil, choice.counters == nil, let column = choice.voltage {
        let voltage = try numbers.values(column, .voltage, allowsGaps: true)
        if let row = Self.firstFall(voltage, currents: known) {
          throw VoxelithError(
            .data, "no current is negative, yet the voltage falls while it flows: discharge has no sign here",
            file: file,
            place: "line \(table.rows[row].line)",
            advice: "give currents with their sign, or name a column of charge: columns: {charge: ...}")
        }
      }
    }
    if let column = choice.charge {
      let own = try numbers.values(column, .charge)
      values = own.map { $0 - own[0] }
      source = .column
    } else if let counters = choice.counters {
      let up = Self.counted(try numbers.values(counters.charge, .chargeCounter))
      let down = Self.counted(try numbers.values(counters.discharge, .dischargeCounter).map { abs($0) })
      values = up.indices.map { up[$0] - down[$0] }
      source = .counters
    } else if let column = choice.stepCounter, let currents {
      let steps = choice.step.map { numbers.texts($0) } ?? table.rows.map { "\($0.step)" }
      values = Self.signed(try numbers.values(column, .stepCounter), currents: currents, steps: steps)
      source = .counters
    } else {
      guard let currents else {
        throw VoxelithError(.data, "the file has no column of charge or current", file: file)
      }
      values = Self.integral(currents, seconds)
      source = .current
    }
    let passed = zip(values.dropFirst(), values).reduce(0) { $0 + abs($1.0 - $1.1) }
    guard let currents else {
      try Self.checkJump(values, seconds, table, file: file)
      (disagreement, self.notes) = (nil, notes)
      return
    }
    if source == .current {
      // What lies between the trapezoid and a current that changes at once.
      let open = zip(currents.dropFirst(), currents).enumerated().reduce(0.0) { sum, entry in
        sum + 0.5 * abs(entry.element.0 - entry.element.1)
          * (seconds[entry.offset + 1] - seconds[entry.offset])
      }
      disagreement = open
      if open > 0.02 * passed {
        notes.append(
          "the points are too sparse for the current: the charge may be off by \(GeometryOrigin.text(open / 3.6)) mAh of "
            + "\(GeometryOrigin.text(passed / 3.6)) mAh passed")
      }
    } else {
      let other = Self.integral(currents, seconds)
      let most = zip(values, other).map { abs($0 - $1) }.max() ?? 0
      disagreement = most
      let moved = max(passed, zip(other.dropFirst(), other).reduce(0) { $0 + abs($1.0 - $1.1) })
      let words =
        "the charge and the integral of the current differ by up to \(GeometryOrigin.text(most / 3.6)) mAh of "
        + "\(GeometryOrigin.text(moved / 3.6)) mAh passed"
      if most > Self.largestDisagreement * moved, !choice.isNamed {
        throw VoxelithError(
          .data, words, file: file,
          advice:
            "check signs, units and missing points, or name what is to be taken: columns: {charge: ...} or {current: ...}"
        )
      }
      if most > 0.02 * moved {
        notes.append(words + ": check signs and units, and whether points are missing")
      }
    }
    self.notes = notes
  }

  private static func isDischarge(_ type: String) -> Bool {
    let name = type.lowercased()
    return name == "d" || ["dchg", "dischar", "disch", "放电"].contains { name.contains($0) }
  }

  /// Where the voltage has fallen by 0.1 V over at least five points of one flow of current; nil where it never does.
  private static func firstFall(_ voltage: [Double], currents: [Double]) -> Int? {
    var start: Int?
    for index in voltage.indices {
      guard currents[index] > 0, voltage[index].isFinite else {
        start = nil
        continue
      }
      // A flow ends where the current changes.
      if let first = start, abs(currents[index] - currents[index - 1]) > 0.2 * currents[first] {
        start = index
      }
      let first = start ?? index
      start = first
      if index - first >= 5, voltage[first] - voltage[index] > 0.1 { return index }
    }
    return nil
  }

  /// - Throws: `data` where most of the charge comes at once, as where a column was set to zero, and there is no current to compare it with.
  private static func checkJump(
    _ values: [Double], _ seconds: [Double], _ table: CyclerTable, file: String
  ) throws(VoxelithError) {
    let range = (values.max() ?? 0) - (values.min() ?? 0)
    let steps = zip(values.dropFirst(), values).map { abs($0 - $1) }
    let times = zip(seconds.dropFirst(), seconds).map { $0 - $1 }
    guard steps.count > 20, range > 0, let place = steps.indices.max(by: { steps[$0] < steps[$1] }) else {
      return
    }
    let typical = steps.filter { $0 > 0 }.sorted()
    let pause = times.sorted()[times.count / 2]
    guard steps[place] > 0.2 * range, steps[place] > 20 * typical[typical.count / 2],
      times[place] <= 20 * pause
    else { return }
    throw VoxelithError(
      .data, "the charge jumps by \(GeometryOrigin.text(steps[place] / 3.6)) mAh from one point to the next",
      file: file,
      place: "line \(table.rows[place + 1].line)",
      advice: "where it was set to zero, give the current instead: columns: {current: ...}")
  }

  /// Sum of what a counter rose by; where it falls to less than half it was set to zero.
  private static func counted(_ values: [Double]) -> [Double] {
    var sum = 0.0
    return values.indices.map { index in
      if index > 0 {
        let rise = values[index] - values[index - 1]
        sum += rise >= 0 || values[index] > 0.5 * values[index - 1] ? rise : values[index]
      }
      return sum
    }
  }

  /// Sum of what an unsigned counter of each step rose by, with the sign of the current.
  private static func signed(_ values: [Double], currents: [Double], steps: [String]) -> [Double] {
    var sum = 0.0
    return values.indices.map { index in
      if index > 0 {
        let isNew = steps[index] != steps[index - 1] || values[index] < 0.5 * values[index - 1]
        let rise = isNew ? values[index] : values[index] - values[index - 1]
        sum += currents[index] < 0 ? -rise : rise
      }
      return sum
    }
  }

  /// The trapezoidal rule.
  private static func integral(_ currents: [Double], _ seconds: [Double]) -> [Double] {
    var sum = 0.0
    return currents.indices.map { index in
      if index > 0 {
        sum += 0.5 * (currents[index] + currents[index - 1]) * (seconds[index] - seconds[index - 1])
      }
      return sum
    }
  }
}
