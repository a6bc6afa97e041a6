import Compton
import Foundation
import Phantoms
import Readers
import Results
import TestSupport
import Testing
import Volumetry

/// The balance of lithium of a cell, and a calibration from the cell itself, on spectra of a simulator that is none of ours.
@Suite struct CellTests {
  private static let axis = EnergyAxis(first: 80.1, width: 0.2, count: 140)
  private static let formula = "LixNi0.8Mn0.1Co0.1O2"
  private static let shape = Shape(z: 3, y: 4, x: 4)
  /// Times of the states in hours, and the current of the cell in mA: charged for four hours.
  private static let hours = [0.0, 1.5, 3, 4]
  private static let current = 0.05
  /// mmol that were put in: 0.05 mA for 4 h are 0.2 mAh, 7.46 umol of electrons.
  private static let amount = 0.0149

  private static func counts(
    _ x: Double, total: Double, twin: InstrumentTwin = InstrumentTwin(), random: inout SeededGenerator
  ) -> [Double] {
    let unit = 1 / twin.expected(0.5, on: axis).reduce(0, +)
    return twin.expected(x, on: axis).map { Double(random.poisson(total * unit * $0)) }
  }

  private static func calibration(xSigma: Double, random: inout SeededGenerator) throws -> Calibration {
    let standards = try [0.3, 0.6, 0.9].map { x in
      Standard(
        name: "\(x)", x: x, xSigma: xSigma,
        spectrum: try Spectrum(
          energy: axis, counts: counts(x + xSigma * random.normal(), total: 1e7, random: &random),
          liveTime: 2000))
    }
    return try Calibration(
      try StandardSet(
        geometry: try ScatteringGeometry(incidentEnergy: 115.6, angle: 90),
        response: try DetectorResponse(resolution: InstrumentTwin().fwhm),
        formula: try ChemicalFormula(formula),
        standards: standards))
  }

  private static func map(
    _ x: Double, twin: InstrumentTwin = InstrumentTwin(), calibration: Calibration,
    random: inout SeededGenerator
  ) throws -> LithiumMap {
    try LithiumMap(source: try state(x, twin: twin, random: &random), calibration: calibration)
  }

  private static func state(
    _ x: Double, twin: InstrumentTwin = InstrumentTwin(), random: inout SeededGenerator
  ) throws -> SpectralVolume {
    var all: [Float] = []
    for _ in 0..<shape.count { all += counts(x, total: 3e5, twin: twin, random: &random).map { Float($0) } }
    return try SpectralVolume(
      grid: Grid(shape: shape, spacing: SIMD3(repeating: 50)), energy: axis,
      acquisition: Acquisition(incidentEnergy: 115.6, liveTime: 60), counts: all)
  }

  /// A cycler's file of four hours, and the cell that it belongs to.
  private static func cell(_ folder: TemporaryFolder) throws -> CellRecord {
    let path = folder.file("cell.csv")
    let lines = (0...240).map { minute in
      "\(60 * minute),\(3.5 + 0.7 * Double(minute) / 240),\(current),\(current * Double(minute) / 60)"
    }
    try ("time (s),voltage (V),current (mA),charge (mAh)\n" + lines.joined(separator: "\n")).write(
      toFile: path, atomically: true, encoding: .utf8)
    var cell = CellRecord(cycler: path)
    cell.amount = amount
    cell.amountSigma = 2
    cell.initialX = 0.9
    cell.initialXSigma = 0.01
    return cell
  }

  /// x at a time where the cell holds `factor` times what was weighed.
  private static func truth(_ hours: Double, initial: Double, factor: Double) -> Double {
    initial - 3.6 * current * hours / (96_485.33212 * 1e-3 * amount * factor)
  }

  /// The balance of a cell whose first x and amount differ from what was told by chance.
  ///
  /// - Parameter instrument: draws what all states have in common, and gives what draws the twin of each.
  private static func balance(
    seed: Int, in folder: TemporaryFolder,
    instrument: (inout SeededGenerator) -> (inout SeededGenerator) -> InstrumentTwin
  ) throws -> SeriesBalance {
    var random = SeededGenerator(seed: UInt64(seed))
    let calibration = try calibration(xSigma: 0.01, random: &random)
    let initial = 0.9 + 0.01 * random.normal()
    let factor = 1 + 0.02 * random.normal()
    let twin = instrument(&random)
    let maps = try hours.map { hours in
      let own = twin(&random)
      return try map(
        truth(hours, initial: initial, factor: factor), twin: own, calibration: calibration, random: &random)
    }
    var series = try SeriesFolder(
      states: try SeriesState.states(["a", "b", "c", "d"], seconds: hours.map { 3600 * $0 }), maps: maps,
      method: .profile, calibration: calibration)
    series.cell = try CellCharge(try cell(folder), formula: nil)
    let report = try series.write(to: folder.file("series"), overwrite: false, resources: Resources())
    return try #require(report.balance)
  }

  @Test func balancesOfTwinsCover() throws {
    let seeds = Soak.isLong ? 100 : 12
    var ratios = 0
    var offsets = 0
    var agreed = 0
    var pulls = 0.0
    for seed in 0..<seeds {
      let folder = try TemporaryFolder()
      let balance = try Self.balance(seed: 4000 + seed, in: folder) { _ in { _ in InstrumentTwin() } }
      let ratio = try #require(balance.result.ratio)
      let interval = try #require(balance.result.ratioInterval)
      let offset = try #require(balance.result.offsetInterval)
      if interval[0] <= 1, 1 <= interval[1] { ratios += 1 }
      if offset[0] <= 0, 0 <= offset[1] { offsets += 1 }
      if balance.result.verdict == .agrees { agreed += 1 }
      pulls += ((ratio.value - 1) / ratio.sigma) * ((ratio.value - 1) / ratio.sigma)
      guard seed == 0 else { continue }
      #expect(balance.states.map { ($0.charge * 1e6).rounded() / 1e6 } == [0, 0.075, 0.15, 0.2])
      #expect(balance.states.map { (($0.voltage ?? 0) * 1e6).rounded() / 1e6 } == [3.5, 3.7625, 4.025, 4.2])
      for name in SeriesFolder.cellNames {
        #expect(FileManager.default.fileExists(atPath: folder.file("series/" + name)))
      }
      let table = try String(contentsOfFile: folder.file("series/series.csv"), encoding: .utf8)
      #expect(table.contains("x_minus_x_by_charge_sigma"))
    }
    print(
      "balance: ratio \(ratios), offset \(offsets), agreed \(agreed) of \(seeds), pull \((pulls / Double(seeds)).squareRoot())"
    )
    let least = Soak.isLong ? 90 : 10
    #expect(ratios >= least && offsets >= least && agreed >= least)
    let pull = (pulls / Double(seeds)).squareRoot()
    #expect(pull > 0.6 && pull < 1.5, "\(pull)")
    if Soak.isLong { #expect(ratios <= 98) }
  }

  /// An instrument that differs from that of the standards in all states, and changes a little between them.
  @Test func whatTheInstrumentDoesToAllStatesIsLostInTheBalance() throws {
    let seeds = Soak.isLong ? 100 : 10
    var ratios = 0
    var offsets = 0
    for seed in 0..<seeds {
      let folder = try TemporaryFolder()
      let balance = try Self.balance(seed: 7000 + seed, in: folder) { random in
        let common = (0..<3).map { _ in random.normal() }
        return { random in
          var twin = InstrumentTwin()
          let fault = common.map { $0 + 0.2 * random.normal() }
          twin.gain = 2e-4 * fault[0]
          twin.fwhm *= 1 + 0.02 * fault[1]
          twin.flat = 0.002 * abs(fault[2])
          return twin
        }
      }
      let interval = try #require(balance.result.ratioInterval)
      let offset = try #require(balance.result.offsetInterval)
      if interval[0] <= 1, 1 <= interval[1] { ratios += 1 }
      if offset[0] <= 0, 0 <= offset[1] { offsets += 1 }
    }
    print("balance with faults: ratio \(ratios), offset \(offsets) of \(seeds)")
    let least = Soak.isLong ? 90 : 8
    #expect(ratios >= least && offsets >= least)
  }

  /// An electrode of which a fifth takes no part: x changes less than charge says.
  @Test func aWrongAmountIsFound() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 77)
    let calibration = try Self.calibration(xSigma: 0.003, random: &random)
    let maps = try Self.hours.map { hours in
      try Self.map(Self.truth(hours, initial: 0.9, factor: 1.25), calibration: calibration, random: &random)
    }
    var series = try SeriesFolder(
      states: try SeriesState.states(["a", "b", "c", "d"], seconds: Self.hours.map { 3600 * $0 }), maps: maps,
      method: .profile, calibration: calibration)
    series.cell = try CellCharge(try Self.cell(folder), formula: nil)
    let balance = try #require(
      try series.write(to: folder.file("series"), overwrite: false, resources: Resources()).balance)
    let ratio = try #require(balance.result.ratio)
    #expect(abs(ratio.value - 0.8) < 2.5 * ratio.sigma, "\(ratio)")
    #expect(balance.result.verdict == .differs)
    var late = series
    var cell = try Self.cell(folder)
    cell.startsAt = "1h"
    late.cell = try CellCharge(cell, formula: nil)
    #expect(throws: VoxelithError.self) {
      try late.write(to: folder.file("late"), overwrite: false, resources: Resources())
    }
  }

  /// States of the cell as standards: x by charge, with the errors of the amount and of the first x in common.
  @Test func statesOfTheCellServeAsStandards() throws {
    var square = 0.0
    var said = 0.0
    let seeds = Soak.isLong ? 60 : 12
    for seed in 0..<seeds {
      let folder = try TemporaryFolder()
      var random = SeededGenerator(seed: UInt64(900 + seed))
      let initial = 0.9 + 0.01 * random.normal()
      let factor = 1 + 0.02 * random.normal()
      var cell = try Self.cell(folder)
      cell.cycler = "cell.csv"
      var lines = [
        "incident_energy_keV: 115.6", "scattering_angle_deg: 90",
        "energy_resolution_keV: \(InstrumentTwin().fwhm)",
        "formula: \(Self.formula)",
        "cell: {cycler: cell.csv, active_material_mmol: \(Self.amount), active_material_sigma_percent: 2, initial_x: 0.9, initial_x_sigma: 0.01}",
        "standards:",
      ]
      for (index, hours) in Self.hours.enumerated() {
        let x = Self.truth(hours, initial: initial, factor: factor)
        try SpectrumFile.write(
          try Spectrum(
            energy: Self.axis, counts: Self.counts(x, total: 2e7, random: &random), liveTime: 4000),
          to: folder.file("s\(index).csv"), overwrite: false)
        lines.append("  - {file: s\(index).csv, at: \(hours)h, live_time_s: 4000}")
      }
      let path = folder.file("standards.yaml")
      try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      let calibration = try StandardsFile.calibration(path)
      #expect(calibration.isFromCharge == true)
      let again = try JSONDecoder().decode(Calibration.self, from: JSONEncoder().encode(calibration))
      #expect(again.isFromCharge == true)
      let x = Self.truth(2, initial: initial, factor: factor)
      let report = try MapFolder.write(
        try Self.map(x, calibration: calibration, random: &random), method: .profile,
        calibration: calibration,
        to: folder.file("map"), overwrite: false, resources: Resources())
      let mean = try #require(report.meanX)
      let sigma = try #require(report.meanXSigma)
      // The error of the first x moves every x by as much and cannot be less.
      #expect(sigma > 0.01)
      square += (mean - x) * (mean - x)
      said += sigma * sigma
    }
    let ratio = (square / said).squareRoot()
    print("calibration from the cell: error over sigma", ratio)
    #expect(ratio < (Soak.isLong ? 1.2 : 1.5) && ratio > 0.4, "\(ratio)")
  }

  @Test func cellsAreChecked() throws {
    let folder = try TemporaryFolder()
    let good = try Self.cell(folder)
    for change: (inout CellRecord) -> Void in [
      { $0.amount = nil }, { $0.mass = 10 }, { $0.amount = 0 }, { $0.amount = -1 }, { $0.amountSigma = -1 },
      { $0.initialX = .nan }, { $0.initialX = nil }, { $0.initialXSigma = -1 }, { $0.startsAt = "soon" },
      { $0.weighedX = 1 }, { ($0.amount, $0.mass, $0.initialX, $0.initialXSigma) = (nil, 10, nil, nil) },
      { ($0.amount, $0.mass) = (nil, 10) }, { $0.cycler = "none.csv" },
    ] {
      var cell = good
      change(&cell)
      #expect(throws: VoxelithError.self, "\(cell)") { try CellCharge(cell, formula: nil) }
    }
    var weighed = good
    (weighed.amount, weighed.mass, weighed.formula) = (nil, 10, "LiFePO4")
    let moles = try CellCharge(weighed, formula: nil).moles
    #expect(abs(moles - 0.010 / 157.757) < 1e-8, "\(moles)")
    var negative = good
    negative.electrode = .negative
    #expect(try CellCharge(negative, formula: nil).state(at: 3600).change > 0)
    #expect(try CellCharge(good, formula: nil).state(at: 3600).change < 0)
    let path = folder.file("standards.yaml")
    let head = "incident_energy_keV: 115.6\nscattering_angle_deg: 90\n"
    for wrong in [
      "standards:\n  - {file: a.csv, at: 1h}\n  - {file: b.csv, at: 2h}",
      "cell: {cycler: cell.csv, active_material_mmol: 1, initial_x: 1}\nstandards:\n  - {file: a.csv, x: 1}\n  - {file: b.csv, x: 0}",
      "cell: {cycler: cell.csv, active_material_mmol: 1}\nstandards:\n  - {file: a.csv, at: 1h}\n  - {file: b.csv, at: 2h}",
      "cell: {cycler: cell.csv, active_material_mmol: 1, initial_x: 1}\nstandards:\n  - {file: a.csv, at: 1h, x: 1}\n  - {file: b.csv, at: 2h}",
      "cell: {cyclr: cell.csv}\nstandards:\n  - {file: a.csv, at: 1h}\n  - {file: b.csv, at: 2h}",
      "voxels: a.tif\nstandards:\n  - {file: a.csv, x: 0}\n  - {file: b.csv, x: 1}",
    ] {
      try (head + wrong).write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: VoxelithError.self, "\(wrong)") { try StandardsFile.calibration(path) }
    }
  }
}
