import Foundation
import TestSupport
import Testing
import Voxelith

/// `validate`, `plan`, `calibrate-energy` and `series` as a user runs them.
@Suite struct PlanningCommandTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func run(_ arguments: String...) throws -> Program { try Program.run(arguments, in: folder) }

  @Test func validateWritesWhatItPrints() throws {
    let output = folder.file("v")
    let arguments = [
      "validate", twin.calibration, "--counts", "1e5", "--voxels", "120", "--repeats", "12", "--case",
      "clean",
      "-o", output, "--json",
    ]
    let first = try Program.run(arguments, in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let printed = try JSONDecoder().decode(ValidationReport.self, from: Data(first.output.utf8))
    #expect(printed.results.count == 3 && printed.results.allSatisfy { $0.voxels + $0.masked == 120 })
    #expect(printed.instrument.bins == 400)
    for name in ValidationFolder.files {
      #expect(FileManager.default.fileExists(atPath: output + "/" + name), "\(name)")
    }
    let again = try Program.run(arguments, in: folder)
    #expect(again.status == 73 && again.errors.contains("exists already"), "\(again.errors)")
    #expect(try run("validate", "--counts", "0", "-o", folder.file("w")).status == 64)
    #expect(try run("validate", folder.file("nowhere.json"), "-o", folder.file("w")).status == 66)
    #expect(try run("validate", "--formula", "NiO2", "-o", folder.file("w")).status == 65)
  }

  @Test func planTellsTimes() throws {
    let figure = folder.file("plan.pdf")
    let result = try run(
      "plan", twin.calibration, "--target", "0.05", "--rate", "500", "--time", "15m", "--figure", figure,
      "--json")
    #expect(result.status == 0, "\(result.errors)")
    let plan = try JSONDecoder().decode(MeasurementPlan.self, from: Data(result.output.utf8))
    #expect(plan.seconds == 900 && plan.methods.count == 3 && plan.binnings.count == 4)
    #expect(FileManager.default.fileExists(atPath: figure))
    #expect(try run("plan", twin.calibration).status == 64)
    #expect(try run("plan", twin.calibration, "--target", "-1").status == 64)
    #expect(
      try run("plan", twin.calibration, "--target", "0.05", "--rate", "5", "--figure", figure).status == 73)
    let measured = try run(
      "plan", twin.calibration, "--target", "0.05", "--spectra", twin.path("xcs.nxs"), "--voxel-size", "10")
    #expect(measured.status == 0 && measured.output.contains("profile"), "\(measured.errors)")
  }

  @Test func planByTheoryNeedsNoStandards() throws {
    let output = folder.file("theory.json")
    let result = try run(
      "plan", "--formula", "all", "--formula", "Li1.3Nb0.3Mn0.4O2", "--target", "0.02", "-o", output)
    #expect(result.status == 0 && result.output.contains("by theory"), "\(result.errors)")
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 82 }, "\(result.output)")
    let table = try JSONDecoder().decode(
      TheoryTable.self, from: try Data(contentsOf: URL(fileURLWithPath: output)))
    #expect(table.isTheory && table.materials.count == CathodeFormula.known.count + 1)
    #expect(table.materials.last?.material.range == 0...1.3)
    for wrong in [
      ["plan", "--target", "0.02"], ["plan", twin.calibration, "--formula", "LFP", "--target", "0.02"],
      ["plan", "--formula", "LFP", "--voxels", "10"], ["plan", "--formula", "LFP", "--rate", "10"],
      ["plan", twin.calibration, "--target", "0.02", "--resolution", "1"],
      ["plan", "--formula", "NiO2"], ["plan", "--formula", "LFP", "--dataset", "a"],
    ] {
      let refused = try Program.run(wrong, in: folder)
      #expect(refused.status == 64, "\(wrong) \(refused.errors)")
    }
    #expect(try run("plan", "--formula", "Lix(Ni").status == 65)
  }

  @Test func calibrateEnergyWritesMatricesThatReadersTake() throws {
    var random = SeededGenerator(seed: 3)
    var text = "adu,p0,p1\n"
    for bin in 0..<400 {
      let place = 1600 + 5 * Double(bin)
      let counts = [0.029, 0.0295].map { gain -> Int in
        let mean = [59.3182, 74.9694, 84.936].reduce(10.0) { sum, line in
          let z = (gain * place + 1.0 - line) / 0.4
          return sum + 4000 * Foundation.exp(-0.5 * z * z)
        }
        return random.poisson(mean)
      }
      text += "\(place),\(counts[0]),\(counts[1])\n"
    }
    let input = folder.file("lines.csv")
    try text.write(toFile: input, atomically: true, encoding: .utf8)
    let output = folder.file("energy.json")
    let arguments = [
      "calibrate-energy", input, "--lines", "W-Ka1,Pb-Ka1,peak:84.936", "--gain", "0.025,0.033", "-o", output,
    ]
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let read = try HexitecCalibration.read(
      gain: folder.file("energy_gain.txt"), intercept: folder.file("energy_intercept.txt"))
    #expect(read.width == 2 && read.height == 1 && read.deadCount == 0)
    #expect(abs(read.gain[0] - 0.029) < 2e-5 && abs(read.gain[1] - 0.0295) < 2e-5)
    #expect(try Program.run(arguments, in: folder).status == 73)
    for wrong in [["Pb-Ka1"], ["Pb-Ka1,Zz-Ka1"], ["a:10,b:20"]] {
      let failed = try Program.run(
        ["calibrate-energy", input, "--lines"] + wrong + ["-o", folder.file("e.json")], in: folder)
      #expect(failed.status != 0 && failed.errorLines <= 2, "\(wrong): \(failed.errors)")
    }
  }

  @Test func seriesOfTwoStates() throws {
    let output = folder.file("series")
    let spectra = twin.path("xcs.nxs")
    let result = try run(
      "series", spectra, spectra, "-c", twin.calibration, "--at", "0h,2h", "-o", output, "--json")
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSONDecoder().decode(SeriesReport.self, from: Data(result.output.utf8))
    #expect(report.states.count == 2 && report.states[1].state.seconds == 7200)
    #expect(report.states[1].sinceFirst?.value == 0 && report.states[1].drift?.sinceFirst == 0)
    #expect(try run("series", spectra, "-c", twin.calibration, "-o", folder.file("s")).status == 64)
    #expect(
      try run("series", spectra, spectra, "-c", twin.calibration, "--at", "0h", "-o", folder.file("s")).status
        == 64)
    #expect(try run("series", spectra, spectra, "-c", twin.calibration, "-o", output).status == 73)
  }
}
