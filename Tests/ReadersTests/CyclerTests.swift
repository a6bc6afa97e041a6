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
    #expect(integrated.chargeSource == .current && integrated.disagreement == nil)
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
      ("time (s),current (mA)\n0,1\n1,much\n", "line 3"),
      ("time (s),current (mA)\n0,1\n5,1\n4,1\n", "times fall"),
      ("time (s),voltage (V)\n0,1\n1,1\n", "charge or current"),
      ("time (s),current (mA)\n0,1\n1,\n", "line 3"),
      ("time (s),current (mA)\n0,1\n1,inf\n", "line 3"),
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

  @Test func tellsWhereChargeAndCurrentDisagree() throws {
    // A current in the wrong unit: 1000 times the charge.
    let lines = (0...10).map { "\($0 * 60),10,\(Double($0) / 6 * 0.001)" }
    let record = try CyclerFile.read(
      try file("units.csv", "time (s),current (mA),charge (mAh)\n" + lines.joined(separator: "\n")))
    #expect(record.notes.contains { note in note.contains("differ") })
  }
}
