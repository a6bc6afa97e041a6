import Volumetry

/// What a column of a cycler's file holds, in which unit.
struct CyclerColumn: Equatable {
  enum Quantity: Equatable {
    case time, stepTime, date, voltage, current, charge, chargeCounter, dischargeCounter, stepCounter
    case step, stepType
  }

  let quantity: Quantity
  /// Factor to seconds, volts, amperes or coulombs; 1 for what has no unit.
  let factor: Double

  /// Names without units, spaces and case, by the makers' manuals and exports.
  private static let names: [String: Quantity] = [
    "time": .time, "testtime": .time, "totaltime": .time, "elapsedtime": .time, "runtime": .time, "t": .time,
    "总时间": .time, "测试时间": .time, "时间": .time,
    "steptime": .stepTime, "relativetime": .stepTime, "工步时间": .stepTime,
    "绝对时间": .date, "日期": .date, "系统时间": .date,
    "date": .date, "datetime": .date, "realtime": .date, "realtimedate": .date, "absolutetime": .date,
    "ecell": .voltage, "ewe-ece": .voltage, "ewe": .voltage, "voltage": .voltage, "potential": .voltage,
    "v": .voltage, "vol": .voltage, "cur": .current, "cap": .stepCounter, "u": .voltage, "e": .voltage,
    "cellvoltage": .voltage,
    "电压": .voltage,
    "i": .current, "current": .current, "电流": .current,
    "q-qo": .charge, "charge": .charge, "chargepassed": .charge, "q": .charge,
    "chargecapacity": .chargeCounter, "chg.cap.": .chargeCounter, "capchg": .chargeCounter,
    "qcharge": .chargeCounter,
    "chargecap": .chargeCounter,
    "dischargecapacity": .dischargeCounter, "dchg.cap.": .dischargeCounter, "capdchg": .dischargeCounter,
    "qdischarge": .dischargeCounter, "dischargecap": .dischargeCounter,
    "discharge": .dischargeCounter, "充电容量": .chargeCounter, "放电容量": .dischargeCounter,
    "capacity": .stepCounter, "容量": .stepCounter,
    "stepindex": .step, "stepid": .step, "step": .step, "ns": .step,
    "工步序号": .step, "工步号": .step, "工步类型": .stepType, "工步名称": .stepType,
    "steptype": .stepType, "stepname": .stepType, "status": .stepType, "state": .stepType,
  ]

  private static let units: [Quantity: [String: Double]] = {
    let times = [
      "s": 1.0, "sec": 1, "seconds": 1, "ms": 1e-3, "min": 60, "m": 60, "h": 3600, "hr": 3600, "d": 86_400,
    ]
    let voltages = ["v": 1.0, "mv": 1e-3]
    let currents = ["a": 1.0, "ma": 1e-3, "ua": 1e-6]
    let charges = [
      "ah": 3600.0, "a.h": 3600, "mah": 3.6, "ma.h": 3.6, "uah": 3.6e-3, "ua.h": 3.6e-3, "c": 1, "mc": 1e-3,
      "as": 1,
      "mas": 1e-3,
    ]
    return [
      .time: times, .stepTime: times, .voltage: voltages, .current: currents, .charge: charges,
      .chargeCounter: charges, .dischargeCounter: charges, .stepCounter: charges,
    ]
  }()

  /// Reads a heading such as `Ecell/V`, `<I>/mA`, `(Q-Qo)/mA.h`, `Test_Time(s)`, `Voltage [V]` or `current_mA`; nil where it is
  /// another quantity. The unit is nil where the heading has none.
  static func parse(_ heading: String) -> (quantity: Quantity, unit: String?)? {
    let (name, unit) = parts(heading)
    guard let quantity = names[name] else { return nil }
    return (quantity, unit)
  }

  /// The name in lower case without spaces, underscores and the brackets of a mean, and the unit behind it.
  static func parts(_ heading: String) -> (name: String, unit: String?) {
    var text = FileText.narrow(heading).filter { !$0.isWhitespace || $0 == " " }
      .trimmingSpaces()
    var unit: String?
    for (open, close) in [("(", ")"), ("[", "]")] where text.hasSuffix(close) {
      if let start = text.lastIndex(of: Character(open)), start > text.startIndex {
        unit = String(text[text.index(after: start)...].dropLast())
        text = String(text[..<start])
      }
    }
    if unit == nil, let slash = text.lastIndex(of: "/"), slash > text.startIndex {
      unit = String(text[text.index(after: slash)...])
      text = String(text[..<slash])
    }
    func plain(_ text: String) -> String {
      text.lowercased().filter { !" _<>()".contains($0) }
    }
    if unit == nil, names[plain(text)] == nil, let mark = text.lastIndex(where: { $0 == "_" || $0 == " " }) {
      let (head, tail) = (String(text[..<mark]), String(text[text.index(after: mark)...]))
      if let quantity = names[plain(head)], units[quantity]?[unitName(tail)] != nil {
        (text, unit) = (head, tail)
      }
    }
    return (plain(text), unit)
  }

  private static func unitName(_ text: String) -> String {
    text.lowercased().filter { $0 != " " }
      .replacing("\u{B5}", with: "u").replacing("\u{3BC}", with: "u").replacing("\u{B7}", with: ".")
      .replacing("*", with: ".")
  }

  /// - Throws: `data` where the unit is missing or none of the quantity's.
  init(
    _ quantity: Quantity, unit: String?, heading: String, file: String
  ) throws(VoxelithError) {
    self.quantity = quantity
    guard let known = Self.units[quantity] else {
      factor = 1
      return
    }
    let list = known.keys.sorted().joined(separator: ", ")
    guard let unit else {
      throw VoxelithError(
        .data, "the column '\(heading)' has no unit", file: file,
        advice: "write the unit behind its name, as in 'current (mA)': one of \(list)")
    }
    guard let factor = known[Self.unitName(unit)] else {
      throw VoxelithError(
        .data, "the unit '\(unit)' of the column '\(heading)' is not known", file: file,
        advice: "write one of \(list)")
    }
    self.factor = factor
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    var piece = self[...]
    while piece.first == " " { piece = piece.dropFirst() }
    while piece.last == " " { piece = piece.dropLast() }
    return String(piece)
  }
}
