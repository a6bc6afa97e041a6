import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Cyclers' files made after their makers' public formats.
@Suite struct CyclerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ name: String, _ text: String) throws -> String {
    let path = folder.file(name)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// 10 mA for an hour, rest of half an hour, -20 mA for half an hour: +36 C, then -36 C.
  private static let points: [(seconds: Double, volts: Double, amperes: Double, coulombs: Double)] = {
    var result: [(Double, Double, Double, Double)] = []
    for step in 0...60 {
      result.append((60 * Double(step), 3.0 + 0.01 * Double(step), 0.010, 0.6 * Double(step)))
    }
    for step in 1...30 { result.append((3600 + 60 * Double(step), 3.5, 0, 36)) }
    for step in 0...30 {
      result.append(
        (5400.001 + 60 * Double(step), 3.5 - 0.01 * Double(step), -0.020, 36 - 1.2 * Double(step)))
    }
    return result
  }()

  private func check(_ record: CyclerRecord, _ comment: Comment, within: Double = 1e-6) throws {
    #expect(record.seconds.count == Self.points.count, comment)
    for (index, point) in Self.points.enumerated() {
      #expect(abs(record.charge[index] - point.coulombs) < within, comment)
      #expect(abs((record.voltage?[index] ?? .nan) - point.volts) < 1e-6, comment)
    }
    let half = try record.state(at: 1830)
    #expect(abs(half.charge - 18.3) < within && abs((half.voltage ?? 0) - 3.305) < 1e-6, comment)
    #expect(abs(try record.state(at: 4500).charge - 36) < within, comment)
  }

  /// EC-Lab's text: a head of counted lines, tabs, exponents, Latin-1, here with decimal commas.
  private func bioLogic(decimal: String, charge: Bool = true) throws -> String {
    var head = [
      "EC-Lab ASCII FILE", "Nb header lines : 9                          ", "",
      "Galvanostatic Cycling with Potential Limitation", "",
      "Acquisition started on : 11/30/2026 09:12:44", "Electrode material : NMC811, 12,5 \u{B5}m", "",
    ]
    head.append(
      "mode\tox/red\terror\tcontrol changes\tNs changes\tcounter inc.\tNs\ttime/s\tcontrol/V/mA\tEcell/V\t<I>/mA\t"
        + (charge ? "(Q-Qo)/mA.h\t" : "") + "x\t")
    let rows = Self.points.map { point in
      func number(_ value: Double) -> String {
        String(format: "%.9E", value).replacingOccurrences(of: ".", with: decimal)
      }
      return "1\t1\t0\t0\t0\t0\t0\t" + number(point.seconds) + "\t" + number(1e3 * point.amperes) + "\t"
        + number(point.volts) + "\t" + number(1e3 * point.amperes)
        + (charge ? "\t" + number(point.coulombs / 3.6) : "") + "\t" + number(0) + "\t"
    }
    let path = folder.file("cell\(decimal)\(charge).mpt")
    try (head + rows).joined(separator: "\r\n").data(using: .isoLatin1)?.write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func readsBioLogic() throws {
    for decimal in [".", ","] {
      let record = try CyclerFile.read(try bioLogic(decimal: decimal))
      #expect(record.maker == .bioLogic && record.chargeSource == .column)
      #expect((record.disagreement ?? 1) < 0.4)
      try check(record, "decimal \(decimal)", within: 1e-5)
    }
    let integrated = try CyclerFile.read(try bioLogic(decimal: ".", charge: false))
    #expect(integrated.chargeSource == .current && (integrated.disagreement ?? 9) < 0.4)
    // The trapezoid from 0 to -20 mA over a millisecond holds nothing; that from 10 mA to rest over a minute is half of it.
    #expect(abs(try integrated.state(at: 3600).charge - 36) < 1e-6)
  }

  /// Neware's record sheet: counters that start anew with every step, clocks, units in brackets.
  @Test func readsNeware() throws {
    var lines = [
      "DataPoint,Cycle Index,Step Index,Step Type,Time,Total Time,Current(mA),Voltage(V),Capacity(mAh),Spec. Cap.(mAh/g),"
        + "Chg. Cap.(mAh),DChg. Cap.(mAh),Date,Power(W)"
    ]
    for (index, point) in Self.points.enumerated() {
      let step = index <= 60 ? 1 : index <= 90 ? 2 : 3
      let capacity = (step == 1 ? point.coulombs : step == 2 ? 0 : 36 - point.coulombs) / 3.6
      let whole = Int(point.seconds)
      let clock = String(
        format: "%d:%02d:%06.3f", whole / 3600, whole / 60 % 60,
        point.seconds - 60 * (point.seconds / 60).rounded(.down))
      lines.append(
        "\(index + 1),1,\(step),\(["CC Chg", "Rest", "CC DChg"][step - 1]),0:00:00.000,\(clock),\(1e3 * point.amperes),"
          + "\(point.volts),\(capacity),\(capacity * 80),\(step == 1 ? capacity : 0),\(step == 3 ? capacity : 0),"
          + "2026-11-30 10:00:00,0.03")
    }
    let record = try CyclerFile.read(try file("neware.csv", lines.joined(separator: "\n")))
    #expect(record.maker == .neware && record.chargeSource == .counters)
    try check(record, "plain")
  }

  /// Neware's headings in Chinese: UTF-8, GB 18030 as Windows writes them there, and brackets as wide as the letters.
  @Test func readsChineseNeware() throws {
    var lines = ["数据序号,工步类型,总时间(s),电流(mA),电压(V),充电容量(mAh),放电容量(mAh)"]
    for (index, point) in Self.points.enumerated() {
      let charge = (index <= 90 ? point.coulombs : 36) / 3.6
      let discharge = (index <= 90 ? 0 : 36 - point.coulombs) / 3.6
      lines.append(
        "\(index + 1),搁置,\(point.seconds),\(1e3 * point.amperes),\(point.volts),\(charge),\(discharge)")
    }
    let text = lines.joined(separator: "\n")
    try check(try CyclerFile.read(try file("utf8.csv", text)), "UTF-8", within: 1e-3)
    let wide = text.replacing("(", with: "（").replacing(")", with: "）")
    try check(try CyclerFile.read(try file("wide.csv", wide)), "wide brackets", within: 1e-3)
    // The headings and 搁置 in GB 18030 (iconv), the rest is ASCII.
    let words: [(String, [UInt8])] = [
      ("数据序号", [0xCA, 0xFD, 0xBE, 0xDD, 0xD0, 0xF2, 0xBA, 0xC5]),
      ("工步类型", [0xB9, 0xA4, 0xB2, 0xBD, 0xC0, 0xE0, 0xD0, 0xCD]),
      ("总时间", [0xD7, 0xDC, 0xCA, 0xB1, 0xBC, 0xE4]), ("电流", [0xB5, 0xE7, 0xC1, 0xF7]),
      ("电压", [0xB5, 0xE7, 0xD1, 0xB9]), ("搁置", [0xB8, 0xE9, 0xD6, 0xC3]),
      ("充电容量", [0xB3, 0xE4, 0xB5, 0xE7, 0xC8, 0xDD, 0xC1, 0xBF]),
      ("放电容量", [0xB7, 0xC5, 0xB5, 0xE7, 0xC8, 0xDD, 0xC1, 0xBF]),
    ]
    var bytes = Data(text.utf8)
    for (word, code) in words {
      while let range = bytes.range(of: Data(word.utf8)) { bytes.replaceSubrange(range, with: code) }
    }
    let path = folder.file("gb.csv")
    try bytes.write(to: URL(fileURLWithPath: path))
    try check(try CyclerFile.read(path), "GB 18030", within: 1e-3)
  }

  /// Marks of thousands in quotes do not make the last lines look as if they were still being written.
  @Test func keepsLastLinesWithMarksOfThousands() throws {
    var lines = ["time (s),voltage (V),current (mA)"]
    for point in Self.points {
      let whole = Int(point.seconds)
      let text = whole >= 1000 ? "\(whole / 1000),\(String(format: "%03d", whole % 1000)).0" : "\(whole).0"
      lines.append("\"\(text)\",\(point.volts),\(1e3 * point.amperes)")
    }
    let record = try CyclerFile.read(try file("thousands.csv", lines.joined(separator: "\n")))
    #expect(record.seconds.count == Self.points.count && record.notes.isEmpty, "\(record.notes)")
  }

  /// Neware's older sheet: records below steps below cycles, unsigned currents, times that start anew.
  @Test func readsNestedNeware() throws {
    var lines = [
      "Cycle ID,Cap_Chg(mAh),Cap_DChg(mAh),Energy_Chg(mWh)",
      ",Step ID,Step Name,Step Time(h:min:s.ms),Capacity(mAh)",
      ",,Record ID,Time(h:min:s.ms),Voltage(V),Current(mA),Temperature(\u{B0}C),Capacity(mAh),Realtime",
      "1,10.0000,10.0000,33.0",
    ]
    for (index, point) in Self.points.enumerated() {
      let step = index <= 60 ? 1 : index <= 90 ? 2 : 3
      if index == 0 { lines.append(",1,CC_Chg,1:00:00.000,10") }
      if index == 61 { lines.append(",2,Rest,0:30:00.000,0") }
      if index == 91 { lines.append(",3,CC_DChg,0:30:00.000,10") }
      let capacity = (step == 1 ? point.coulombs : step == 2 ? 0 : 36 - point.coulombs) / 3.6
      let own = Int(step == 1 ? point.seconds : step == 2 ? point.seconds - 3600 : point.seconds - 5400)
      let clock = String(format: "%d:%02d:%02d.000", own / 3600, own / 60 % 60, own % 60)
      let whole = Int(point.seconds)
      let date = String(format: "2026-11-30 %02d:%02d:%02d", 22 + whole / 3600, whole / 60 % 60, whole % 60)
      lines.append(
        ",,\(index + 1),\(clock),\(point.volts),\(1e3 * abs(point.amperes)),25.1,\(capacity),\(date)")
    }
    let path = try file("nested.csv", lines.joined(separator: "\r\n"))
    let record = try CyclerFile.read(path)
    #expect(record.maker == .neware && record.chargeSource == .counters)
    #expect(record.notes.contains { note in note.contains("no sign") }, "\(record.notes)")
    try check(record, "nested")
  }

  /// Arbin's channel sheet: counters that go on, or start anew with every cycle.
  @Test func readsArbin() throws {
    for spelling in [
      "Data_Point,Date_Time,Test_Time(s),Step_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),Charge_Capacity(Ah),Discharge_Capacity(Ah)",
      "Data Point,Date Time,Test Time (s),Step Time (s),Step Index,Cycle Index,Current (A),Voltage (V),Charge Capacity (Ah),Discharge Capacity (Ah)",
    ] {
      var lines = [spelling]
      for (index, point) in Self.points.enumerated() {
        let step = index <= 60 ? 1 : index <= 90 ? 2 : 3
        let up = min(point.coulombs, 36) / 3600
        let down = step == 3 ? (36 - point.coulombs) / 3600 : 0
        lines.append(
          "\(index + 1),\"11/30/2026 10:00:00.123\",\(point.seconds),0,\(step),1,\(point.amperes),\(point.volts),"
            + "\(step == 3 ? 0.01 : up),\(down)")
      }
      let record = try CyclerFile.read(try file("arbin.csv", lines.joined(separator: "\n") + "\n"))
      #expect(record.maker == .arbin && record.chargeSource == .counters)
      try check(record, "Arbin")
    }
  }

  @Test func readsTablesByTheirColumns() throws {
    let rows = Self.points.map {
      "\($0.seconds / 60);\(1e3 * $0.volts);\(1e3 * $0.amperes);\($0.coulombs / 3.6)"
    }
    let own = try CyclerFile.read(
      try file(
        "own.csv", "elapsed [min];Zelle [mV];Strom [mA];Ladung [mAh]\n" + rows.joined(separator: "\n")),
      columns: CyclerColumns(time: "elapsed", voltage: "Zelle [mV]", current: "strom", charge: "Ladung"))
    #expect(own.maker == .other && own.chargeSource == .column)
    try check(own, "named")
    let known = try CyclerFile.read(
      try file("known.csv", "time_min;voltage_mV;current_mA;charge_mAh\n" + rows.joined(separator: "\n")))
    try check(known, "known")
  }

  @Test func saysWhatItDoesNotUnderstand() throws {
    let wrong = [
      ("", "empty"), ("a,b\n1,2\n", "heading"), ("time (s),current (mA)\n", "no points"),
      ("time (s),current\n0,1\n1,1\n", "no unit"), ("time (parsec),current (mA)\n0,1\n1,1\n", "parsec"),
      ("time (s),current (mA)\n0,1\n1,much\n2,1\n", "line 3"),
      ("time (s),current (mA)\n0,1\n5,1\n4,1\n", "times fall"),
      ("time (s),voltage (V)\n0,1\n1,1\n", "charge or current"),
      ("time (s),current (mA)\n0,1\n1,\n2,1\n", "line 3"),
      ("time (s),current (mA)\n0,1\n1,inf\n2,1\n", "line 3"),
    ]
    for (text, words) in wrong {
      let path = try file("wrong.csv", text)
      let error = #expect(throws: VoxelithError.self, "\(text)") { try CyclerFile.read(path) }
      let said = error?.description ?? ""
      #expect(said.contains(words), "\(text): \(said)")
    }
    #expect(throws: VoxelithError.self) { try CyclerFile.read(folder.file("none.csv")) }
    let binary = folder.file("cell.mpr")
    try Data([0x42, 0, 0, 1, 2]).write(to: URL(fileURLWithPath: binary))
    #expect(throws: VoxelithError.self) { try CyclerFile.read(binary) }
    let path = try file("short.csv", "time (s),current (mA),voltage (V)\n0,1,3\n10,1,3\n")
    #expect(throws: VoxelithError.self) {
      try CyclerFile.read(path, columns: CyclerColumns(current: "amps"))
    }
    let record = try CyclerFile.read(path)
    for outside in [-1, 10.01, Double.nan] {
      #expect(throws: VoxelithError.self) { try record.state(at: outside) }
    }
  }

  @Test func refusesChargeAndCurrentThatDisagree() throws {
    // A charge in the wrong unit: a thousandth of the charge.
    let lines = (0...10).map { "\($0 * 60),10,\(Double($0) / 6 * 0.001)" }
    let path = try file(
      "units.csv", "time (s),current (mA),charge (mAh)\n" + lines.joined(separator: "\n"))
    let error = #expect(throws: VoxelithError.self) { try CyclerFile.read(path) }
    let said = error?.description ?? ""
    #expect(said.contains("differ"), "\(said)")
    let named = try CyclerFile.read(path, columns: CyclerColumns(current: "current"))
    let byCurrent = try named.state(at: 600).charge
    #expect(named.chargeSource == .current && abs(byCurrent - 6) < 1e-9)
    let other = try CyclerFile.read(path, columns: CyclerColumns(charge: "charge"))
    let byColumn = try other.state(at: 600).charge
    #expect(other.chargeSource == .column && abs(byColumn - 0.006) < 1e-9)
  }

  /// What exports of real cyclers do; each line once read as a number that was wrong without a word.
  @Test func readsWhatExportsLookLike() throws {
    func table(
      _ heading: String,
      _ row: (Int, (seconds: Double, volts: Double, amperes: Double, coulombs: Double)) -> String
    ) throws
      -> String
    {
      let rows = Self.points.enumerated().map { row($0.offset, $0.element) }
      return try file("export.csv", ([heading] + rows).joined(separator: "\n"))
    }
    // A charge beside a discharge, each without a sign.
    let pair = try table("time (s),voltage (V),charge (mAh),discharge (mAh)") { index, point in
      "\(point.seconds),\(point.volts),\(index > 90 ? 10 : point.coulombs / 3.6),\(index > 90 ? (36 - point.coulombs) / 3.6 : 0)"
    }
    try check(try CyclerFile.read(pair), "charge and discharge")
    // Counters that waver, and a discharge that is told as negative.
    let wavers = try table("Test_Time(s),Voltage(V),Charge_Capacity(mAh),Discharge_Capacity(mAh)") {
      index, point in
      "\(point.seconds),\(point.volts),\((index > 90 ? 10 : point.coulombs / 3.6) - (index == 40 ? 5e-4 : 0)),"
        + "\(index > 90 ? (point.coulombs - 36) / 3.6 : 0)"
    }
    let wavering = try CyclerFile.read(wavers)
    #expect(abs(wavering.charge[90] - 36) < 0.01 && abs(wavering.charge[121]) < 0.01)
    // The day first, as Europe writes it; the first of December, then the second.
    let dates = try table("date,voltage (V),current (mA),charge (mAh)") { _, point in
      let all = Int(point.seconds) + 23 * 3600 + 1800
      return String(
        format: "%02d/12/2026 %02d:%02d:%02d,%.9f,%.9f,%.9f", 1 + all / 86_400, all / 3600 % 24,
        all / 60 % 60, all % 60, point.volts,
        1e3 * point.amperes, point.coulombs / 3.6)
    }
    try check(try CyclerFile.read(dates), "European dates", within: 2e-3)
    // A column of row numbers without a heading, a hole in the voltage, a line that is still being written.
    let frame = try table(",time_s,voltage_V,current_mA,charge_mAh") { index, point in
      "\(index),\(point.seconds),\(index == 33 ? "nan" : "\(point.volts)"),\(1e3 * point.amperes),\(point.coulombs / 3.6)"
    }
    let cut = try String(contentsOfFile: frame, encoding: .utf8) + "\n122,7300.0,3.1"
    let open = try CyclerFile.read(try file("cut.csv", cut))
    #expect(
      open.seconds.count == Self.points.count && open.notes.contains { note in note.contains("not complete") }
    )
    let (hole, later) = (try open.state(at: 33 * 60).voltage, try open.state(at: 40 * 60).voltage)
    #expect(hole == nil && later != nil)
  }

  /// Times of day: over two midnights, with a date in a column of its own, and with a night that the clock does not show.
  @Test func goesOnOverMidnight() throws {
    func clock(_ seconds: Int) -> String {
      String(format: "%02d:%02d:%02d", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    }
    // Every ten minutes from 21:05 on, for 40 hours: midnights lie between points.
    let seconds = (0...240).map { 600 * $0 }
    let start = 21 * 3600 + 300
    let rows = seconds.map { "\(clock(start + $0)),10" }
    let record = try CyclerFile.read(
      try file("nights.csv", "time,current (mA)\n" + rows.joined(separator: "\n")))
    #expect(record.seconds == seconds.map(Double.init))
    #expect(record.notes.contains { $0.contains("midnight") && $0.contains("21:05:00") }, "\(record.notes)")
    let charge = try #require(record.charge.last)
    #expect(abs(charge - 1440) < 1e-9)
    let dated = seconds.map { "\(28 + (start + $0) / 86_400).11.2026,\(clock(start + $0)),10" }
    let known = try CyclerFile.read(
      try file("dated.csv", "date,time,current (mA)\n" + dated.joined(separator: "\n")))
    #expect(known.seconds == seconds.map(Double.init) && known.notes.isEmpty)
    // A total time that begins anew after 24 hours does not begin at its first point.
    let total = try CyclerFile.read(
      try file(
        "total.csv",
        "Total Time,current (mA)\n" + seconds.map { "\(clock(600 + $0)),10" }.joined(separator: "\n")))
    #expect(total.seconds == seconds.map { Double(600 + $0) })
    // A day of work: nothing falls, and what is taken for granted is told.
    let day = try CyclerFile.read(
      try file(
        "day.csv",
        "time,current (mA)\n" + (0..<20).map { "\(clock(33_000 + 600 * $0)),10" }.joined(separator: "\n")))
    #expect(day.seconds[0] == 33_000 && day.notes.contains { $0.contains("09:10:00") }, "\(day.notes)")
    // From the evening to the next morning nobody knows how many nights.
    let gap = [64_800, 65_400, 66_000, 66_600, 30_000, 30_600].map { "\(clock($0)),10" }
    let error = #expect(throws: VoxelithError.self) {
      try CyclerFile.read(try file("gap.csv", "time,current (mA)\n" + gap.joined(separator: "\n")))
    }
    let said = error?.description ?? ""
    #expect(said.contains("times fall") && said.contains("dates"), "\(said)")
  }

  @Test func refusesWhatCannotBeTold() throws {
    let rows = Self.points.map { "\($0.seconds),\($0.volts),\(abs(1e3 * $0.amperes))" }
    let unsigned = try file(
      "unsigned.csv", "time (s),voltage (V),current (mA)\n" + rows.joined(separator: "\n"))
    let signs = #expect(throws: VoxelithError.self) { try CyclerFile.read(unsigned) }
    let signsText = signs?.description ?? ""
    #expect(signsText.contains("no sign"), "\(signsText)")
    var order = Self.points.map { "\($0.seconds),\($0.volts),\(1e3 * $0.amperes)" }
    order.insert("2000,3.2,10", at: 70)
    let stray = try file("stray.csv", "time (s),voltage (V),current (mA)\n" + order.joined(separator: "\n"))
    let times = #expect(throws: VoxelithError.self) { try CyclerFile.read(stray) }
    let timesText = times?.description ?? ""
    #expect(timesText.contains("times fall"), "\(timesText)")
    let reset = Self.points.enumerated().map { index, point in
      "\(point.seconds),\(index > 60 ? point.coulombs / 3.6 - 10 : point.coulombs / 3.6)"
    }
    let jump = try file("jump.csv", "time (s),charge (mAh)\n" + reset.joined(separator: "\n"))
    let jumps = #expect(throws: VoxelithError.self) { try CyclerFile.read(jump) }
    let jumpsText = jumps?.description ?? ""
    #expect(jumpsText.contains("jumps"), "\(jumpsText)")
  }
}
