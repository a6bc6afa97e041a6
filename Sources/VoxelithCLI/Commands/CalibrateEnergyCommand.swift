import ArgumentParser
import Foundation
import Voxelith

/// Detector units to keV.
struct CalibrateEnergyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate-energy",
    abstract: "Find gain and offset of every pixel from lines of known energy.",
    discussion: """
      Examples:
        voxelith calibrate-energy pixels.hxt --bins 0,10 --gain 0.025,0.033 \\
          --lines Pb-Ka1,W-Ka1,Pb-Kb1,elastic:115.6 -o energy.json
        voxelith calibrate-energy spectrum.csv --lines W-Ka1,Pb-Ka1 -o energy.csv

      keV = gain x place on the axis + offset. Beside the JSON or CSV file two matrices are written,
      energy_gain.txt and energy_intercept.txt, with 0 for a pixel that shows fewer than two lines.
      Spectra of a volume are added up over z, so that there is one for each detector pixel (y, x).
      """)

  @Argument(help: "Files of spectra: NeXus/HDF5, HEXITEC .hxt or text.")
  var spectra: [String]

  @Option(
    help:
      "Lines, separated by commas: element and line as Pb-Ka1 (energies of xraylib), or name and keV as elastic:115.6."
  )
  var lines: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write (JSON or CSV).")
  var output: String

  @Option(help: "Where the gain is sought, as low,high in keV per unit of the axis.")
  var gain = NumberPair(0.9, 1.1)

  @Option(help: "Where the offset is sought, as low,high in keV.")
  var offset = NumberPair(-5, 5)

  @Option(help: "Expected width of a line in keV (FWHM).")
  var resolution: Double = 1

  @Option(
    help: "Centre of the first bin and width of the bins in detector units; by default the file's axis.")
  var bins: NumberPair?

  @Option(help: "Path of the counts within an HDF5 file.")
  var dataset: String?

  @Option(help: "Path of the axis within an HDF5 file.")
  var energyDataset: String?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard gain.low > 0, gain.low < gain.high, offset.low < offset.high else {
      throw ValidationError("--gain and --offset need the smaller number first, and a gain above 0")
    }
    guard resolution > 0, resolution.isFinite else { throw ValidationError("--resolution must be positive") }
    guard bins.map({ $0.high > 0 }) ?? true else { throw ValidationError("--bins needs a positive width") }
    guard !spectra.isEmpty else { throw ValidationError("give a file of spectra") }
  }

  func run() throws {
    try EnergyCalibrationFiles.check(output, overwrite: outputOptions.overwrite)
    let names = try EnergyCalibrationFiles.names(output)
    let wanted = try lines.split(separator: ",").map {
      try EmissionLine($0.trimmingCharacters(in: .whitespaces))
    }
    let options = try EnergyCalibrationOptions(
      lines: wanted, resolution: resolution, gainRange: gain.low...gain.high,
      offsetRange: offset.low...offset.high)
    var open = SpectralOpenOptions()
    open.dataset = dataset
    open.energyDataset = energyDataset
    let opening = open
    let performance = try Performance(
      "calibrate-energy", .file(names.main, others: [names.gain, names.intercept]), common,
      overwrite: outputOptions.overwrite,
      settings: [
        "lines": lines, "gain": [gain.low, gain.high], "offset_keV": [offset.low, offset.high],
        "resolution_keV": resolution, "bins": bins.map { [$0.low, $0.high] }, "dataset": dataset,
        "energy_dataset": energyDataset,
      ], inputs: spectra)
    let report = try performance.run { resources in
      var measured: [(file: String, pixels: PixelCalibration)] = []
      for path in spectra {
        let source = try DetectorSpectra.open(path, options: opening, axis: bins.map { ($0.low, $0.high) })
        measured.append((path, try PixelCalibration(source, options: options, resources: resources)))
      }
      let report = EnergyCalibrationReport(measured, lines: options.lines)
      try report.requireResult()
      try EnergyCalibrationFiles.write(report, to: output, overwrite: outputOptions.overwrite)
      return report
    }.result
    try common.console.result(report)
    describe(report)
  }

  private func describe(_ report: EnergyCalibrationReport) {
    let console = common.console
    for file in report.files {
      let total = file.pixels.count
      console.say(
        "\(file.file): \(file.good) of \(total) calibrated, \(file.tooFewLines) with too few lines, \(file.empty) empty"
      )
      if total == 1, let one = file.pixels.first, one.status == .good {
        console.say(
          "  gain \(Format.measured(one.gain, one.gainSigma)) keV/unit, offset \(Format.measured(one.offset, one.offsetSigma)) keV"
        )
      } else {
        console.say(
          "  median gain \(Format.significant(file.medianGain, 7)) keV/unit, offset \(Format.fixed(file.medianOffset, 4)) keV"
        )
      }
    }
    console.say("line            keV       pixels  residual / eV  of counting  FWHM / keV")
    for line in report.lines {
      func cell(_ text: String, _ width: Int) -> String {
        text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
      }
      console.say(
        cell(line.name, 16) + cell(Format.fixed(line.energy, 4), 10) + cell("\(line.pixels)", 8)
          + cell(Format.fixed(line.meanResidual, 2), 15) + cell(Format.fixed(line.meanResidualSigma, 2), 13)
          + Format.fixed(line.medianFWHM, 3) + (line.rejected > 0 ? "  \(line.rejected) rejected" : ""))
    }
    let names = (try? EnergyCalibrationFiles.names(output)).map { "\($0.main) \($0.gain) \($0.intercept)" }
    console.say("wrote \(names ?? output)")
  }
}
