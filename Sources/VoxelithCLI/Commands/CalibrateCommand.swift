import ArgumentParser
import Foundation
import Voxelith

/// Standards to calibration.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Learn how spectra tell lithium from samples of known x.",
    discussion: """
      Example:
        voxelith calibrate standards.yaml -o calibration.json

      standards.yaml names the beam energy, the scattering angle, the resolution, the formula and, for each
      standard, its spectrum (CSV energy_keV,counts), x, its error and the live time.
      """)

  @Argument(help: "The YAML file of the standards.")
  var standards: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The calibration to write (JSON).")
  var output: String

  @Option(
    name: [.customLong("window"), .customLong("fit-window")],
    help:
      "Momenta between which bins take part in the profile fit, as low,high in a.u.; chosen by the total error if not given."
  )
  var fitWindow: NumberPair?

  @Option(help: "Windows of the S-parameter as d,r in a.u.; chosen for the smallest error if not given.")
  var sWindows: NumberPair?

  @Option(
    help: "Windows of the valence-to-core ratio as inner,outer-from,outer-to in a.u.; chosen if not given.")
  var valenceWindows: NumberTriple?

  @Option(help: "Sides of the Compton peak that ratios use: both, positive or negative.")
  var side: MomentumWindows.Side = .both

  @Flag(help: "Take ratios of plain counts, without dividing by the cross-section.")
  var plainCounts = false

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    try OutputFile.check(output, overwrite: outputOptions.overwrite)
    let given = try StandardsFile.read(standards)
    if given.standards.map(\.x) != given.standards.map(\.x).sorted() {
      common.console.notice("the standards are not in the order of x; they were sorted")
    }
    var options = CalibrationOptions(
      fitWindow: fitWindow.map { $0.low...max($0.low, $0.high) }, side: side,
      correctsCrossSection: !plainCounts)
    options.sWindows = try sWindows.map { try .sParameter(d: $0.low, r: $0.high, side: side) }
    options.valenceWindows = try valenceWindows.map {
      try MomentumWindows(inner: $0.first, outerFrom: $0.second, outerTo: $0.third, side: side)
    }
    let calibration = try StandardsFile.calibration(standards, options: options)
    try CalibrationFile.write(calibration, to: output, overwrite: outputOptions.overwrite)
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
      "profile       window \(window(basis.window)) a.u., \(basis.fitRange.count) bins, "
        + goodness(basis.chiSquared, basis.degreesOfFreedom))
    describe(basis)
    if let cost = basis.costOfWindow {
      console.say("              sigma(x) by counts is \(Format.fixed(cost, 3)) times that of all bins")
    }
    if let weights = basis.weights {
      console.say(
        "              bins weighted by the spectra smoothed over \(Format.significant(weights.width, 2)) bins (sigma)"
      )
    }
    line("S-parameter", calibration.methods.sParameter)
    if let valence = calibration.methods.valenceCore {
      line("valence-core", valence)
    } else {
      console.say("valence-core  none: standards.yaml gives no formula")
    }
    let response = calibration.response
    if response.isLearnt == true {
      console.say(
        "detector      tail \(Format.significant(100 * response.tailFraction, 3)) % of "
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
      console.say("              amplitudes \(list.joined(separator: ", ")) by \(ground)")
      if amplitudes.source == .assumed {
        console.notice(
          "two standards of unknown amplitude leave x open between them, and sigma(x) holds that: give the formula, "
            + "monitor_counts and packing, or a third standard")
      }
    }
    guard let excess = basis.excess else { return }
    if let dispersion = excess.dispersion {
      console.notice(
        "the bins of the standards scatter \(Format.significant(dispersion, 3)) times as much as counts; their errors hold "
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

  private func line(_ name: String, _ line: RatioCalibration) {
    let w = line.windows
    common.console.say(
      name.padding(toLength: 14, withPad: " ", startingAt: 0)
        + "|pz| < \(w.inner) over \(w.outerFrom) < |pz| < \(w.outerTo) a.u. (\(w.side.rawValue)), slope "
        + Format.measured(line.slope, line.covariance[1][1].squareRoot()) + ", "
        + goodness(line.chiSquared, line.degreesOfFreedom))
    if let scatter = line.scatter {
      common.console.notice(
        "the standards scatter about the line of the \(name) by \(Format.significant(scatter, 2)), \(Format.significant(scatter / abs(line.slope), 2)) in x, beyond their errors; sigma(x) holds that"
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
