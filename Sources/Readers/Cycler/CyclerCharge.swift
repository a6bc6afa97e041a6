import Volumetry

/// The charge passed at the points of a cycler's file.
struct CyclerCharge {
  let values: [Double]
  let source: CyclerRecord.ChargeSource
  let disagreement: Double?
  let notes: [String]

  init(
    _ table: CyclerTable, _ choice: CyclerChoice, _ numbers: CyclerNumbers, seconds: [Double], file: String
  ) throws(VoxelithError) {
    var notes: [String] = []
    var currents = try choice.current.map { (column) throws(VoxelithError) in
      try numbers.values(column, .current)
    }
    let types = choice.stepType.map { numbers.texts($0) } ?? table.rows.map { $0.stepType ?? "" }
    if let known = currents, known.allSatisfy({ $0 >= 0 }),
      known.indices.contains(where: { known[$0] > 0 && Self.isDischarge(types[$0]) })
    {
      currents = known.indices.map { Self.isDischarge(types[$0]) ? -known[$0] : known[$0] }
      notes.append("currents have no sign: those of discharging steps are taken as negative")
    }
    if let column = choice.charge {
      let own = try numbers.values(column, .charge)
      values = own.map { $0 - own[0] }
      source = .column
    } else if let counters = choice.counters {
      let up = Self.counted(try numbers.values(counters.charge, .chargeCounter))
      let down = Self.counted(try numbers.values(counters.discharge, .dischargeCounter))
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
    if source != .current, let currents {
      let other = Self.integral(currents, seconds)
      let most = zip(values, other).map { abs($0 - $1) }.max() ?? 0
      let passed = zip(values.dropFirst(), values).reduce(0) { $0 + abs($1.0 - $1.1) }
      disagreement = most
      if most > 0.02 * passed {
        notes.append(
          "the charge and the integral of the current differ by up to \(GeometryOrigin.text(most / 3.6)) mAh of \(GeometryOrigin.text(passed / 3.6)) mAh passed: "
            + "check signs and units, and whether points are missing")
      }
    } else {
      disagreement = nil
    }
    self.notes = notes
  }

  private static func isDischarge(_ type: String) -> Bool {
    let name = type.lowercased()
    return name.contains("dchg") || name.contains("dischar") || name.contains("disch")
  }

  /// Sum of what a counter rose by; where it falls it was set to zero.
  private static func counted(_ values: [Double]) -> [Double] {
    var sum = 0.0
    return values.indices.map { index in
      if index > 0 {
        let rise = values[index] - values[index - 1]
        sum += rise >= 0 ? rise : values[index]
      }
      return sum
    }
  }

  /// Sum of what an unsigned counter of each step rose by, with the sign of the current.
  private static func signed(_ values: [Double], currents: [Double], steps: [String]) -> [Double] {
    var sum = 0.0
    return values.indices.map { index in
      if index > 0 {
        let isNew = steps[index] != steps[index - 1] || values[index] < values[index - 1]
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
