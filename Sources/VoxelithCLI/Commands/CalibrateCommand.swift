import ArgumentParser
import Foundation
import Voxelith

/// Standards to calibration.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Learn from standards of known x how the spectrum depends on lithium.",
    discussion: """
      Example:
        voxelith calibrate standards.yaml -o calibration.json

      standards.yaml names the beam energy, the scattering angle, the resolution, the formula and, for each
      standard, its spectrum (CSV energy_keV,counts), x, its error and the live time. Without standards, states of
      a cell serve: at (their time) instead of x, and cell: cycler, active_material_mg, initial_x.
      """)

  @Argument(help: "The YAML file of the standards.")
  var standards: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The calibration to write (JSON).")
  var output: String

  @Option(
    name: [.customLong("window"), .customLong("fit-window")], help: CalibrateSettings.text(.fitWindow))
  var fitWindow: NumberPair?

  @Option(help: CalibrateSettings.text(.sWindows))
  var sWindows: NumberPair?

  @Option(help: CalibrateSettings.text(.valenceWindows))
  var valenceWindows: NumberTriple?

  @Option(help: CalibrateSettings.text(.side))
  var side: MomentumWindows.Side?

  @Flag(help: CalibrateSettings.flag(.plainCounts))
  var plainCounts = false

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  private var settings: CalibrateSettings {
    var settings = CalibrateSettings()
    settings.fitWindow = fitWindow.map { [$0.low, $0.high] }
    settings.sWindows = sWindows.map { [$0.low, $0.high] }
    settings.valenceWindows = valenceWindows.map { [$0.first, $0.second, $0.third] }
    settings.side = side ?? settings.side
    settings.plainCounts = plainCounts
    return settings
  }

  func run() throws {
    let settings = settings
    let given = try StandardsFile.read(standards)
    let known = given.standards.compactMap(\.x)
    if known != known.sorted() {
      common.console.notice("the standards are not in the order of x; they were sorted")
    }
    let performance = try Performance(
      "calibrate", .file(output), common, overwrite: outputOptions.overwrite,
      settings: ["calibrate": settings],
      inputs: try StandardsFile.inputs(standards))
    let calibration = try performance.run { _ in
      try settings.write(standards, to: output, overwrite: outputOptions.overwrite)
    }.result
    try common.console.result(calibration)
    describe(calibration)
  }

  private func describe(_ calibration: Calibration) {
    let console = common.console
    let basis = calibration.methods.profile
    console.say(
      "\(calibration.standards.count) standards, x from \(calibration.range[0]) to \(calibration.range[1])")
    if basis.normalization != .liveTime {
      console.notice(
        "a live time is missing, so the standards are scaled by their \(basis.normalization.rawValue)")
    }
    console.say(
      "\(heading(MapMethod.profile.term))window \(window(basis.window)) a.u., \(basis.fitRange.count) bins, "
        + goodness(basis.chiSquared, basis.degreesOfFreedom))
    describe(basis)
    if let cost = basis.costOfWindow {
      console.say("\(heading())sigma(x) by counts is \(Format.fixed(cost, 3)) times that of all bins")
    }
    if let weights = basis.weights {
      console.say(
        "\(heading())bins weighted by the spectra smoothed over \(Format.significant(weights.width, 2)) bins (sigma)"
      )
    }
    line(MapMethod.sParameter.term, calibration.methods.sParameter)
    if let valence = calibration.methods.valenceCore {
      line(MapMethod.valenceCore.term, valence)
    } else {
      console.say("\(heading(MapMethod.valenceCore.term))none: standards.yaml gives no formula")
    }
    let response = calibration.response
    if response.isLearnt == true {
      console.say(
        "\(heading("detector"))tail \(Format.significant(100 * response.tailFraction, 3)) % of "
          + "\(Format.significant(response.tailLength, 2)) keV, sharing "
          + "\(Format.significant(100 * response.sharingFraction, 3)) %, by the sides of the profiles; other angles use it"
      )
    }
    console.say("standard              x     fitted x")
    for standard in calibration.standards {
      let name = standard.name.split(separator: "/").last.map(String.init) ?? standard.name
      console.say(
        name.padding(toLength: 16, withPad: " ", startingAt: 0) + "  " + Format.fixed(standard.x, 4) + "  "
          + Format.measured(standard.fittedX, standard.fittedSigma))
    }
    console.say("wrote \(output)")
  }

  /// Amplitudes of the standards, and by what their spectra disagree.
  private func describe(_ basis: ProfileBasis) {
    let console = common.console
    if let amplitudes = basis.amplitudes, amplitudes.source != .told {
      let list = zip(amplitudes.values, amplitudes.sigmas).map { Format.measured($0, $1) }
      let ground: String =
        switch amplitudes.source {
        case .told: "monitor and packing"
        case .shapes: "the shapes of the spectra"
        case .electrons: "shapes and the electrons of the formula"
        case .assumed: "nothing: live times are taken to be right within 20 %"
        }
      console.say("\(heading())amplitudes \(list.joined(separator: ", ")) by \(ground)")
      if amplitudes.contradictsTold == true { console.notice(ProfileBasis.contradiction) }
      if amplitudes.source == .assumed {
        console.notice(
          "two standards of unknown amplitude leave x open between them, and sigma(x) includes that: give the formula, "
            + "monitor_counts and packing, or a third standard")
      }
    }
    guard let excess = basis.excess else { return }
    if let dispersion = excess.dispersion {
      console.notice(
        "the bins of the standards scatter \(Format.significant(dispersion, 3)) times as much as counts; their errors include "
          + "that. Give raw counts, or counts_per_unit")
    }
    if excess.hasMisfit {
      console.notice(
        "the spectra of the standards do not lie on lines in x: chi2/dof \(Format.significant(excess.reducedChiSquared, 4)) "
          + "(p = \(Format.significant(excess.probability, 2))); it enters their errors of x as "
          + excess.xSigmas.map { Format.significant($0, 2) }.joined(separator: ", ")
          + ". Check their energies, backgrounds, lines and x")
    }
  }

  /// The left column of the table.
  private func heading(_ name: String = "") -> String {
    name.padding(toLength: 23, withPad: " ", startingAt: 0)
  }

  private func line(_ name: String, _ line: RatioCalibration) {
    let w = line.windows
    common.console.say(
      heading(name)
        + "|pz| < \(w.inner) over \(w.outerFrom) < |pz| < \(w.outerTo) a.u. (\(w.side.rawValue)), slope "
        + Format.measured(line.slope, line.covariance[1][1].squareRoot()) + ", "
        + goodness(line.chiSquared, line.degreesOfFreedom))
    if let scatter = line.scatter {
      common.console.notice(
        "the standards scatter about the line of the \(name) by \(Format.significant(scatter, 2)), \(Format.significant(scatter / abs(line.slope), 2)) in x, beyond their errors; sigma(x) includes that"
      )
    }
  }

  private func goodness(_ chiSquared: Double, _ dof: Int) -> String {
    guard dof > 0 else { return "two standards leave nothing to test the line with" }
    let p = Distributions.chiSquaredTail(chiSquared, dof: Double(dof))
    return
      "chi2/dof \(Format.fixed(chiSquared / Double(dof), 3)) with \(dof) dof (p = \(Format.significant(p, 2)))"
  }

  private func window(_ window: [Double]) -> String {
    "\(Format.fixed(window[0], 2)) to \(Format.fixed(window[1], 2))"
  }
}
