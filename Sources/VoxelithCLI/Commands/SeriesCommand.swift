import ArgumentParser
import Foundation
import Voxelith

/// Several states of one sample.
struct SeriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "series",
    abstract: "Map several states of one sample and tell what changed, with its error.",
    discussion: """
      Examples:
        voxelith series a.nxs b.nxs c.nxs -c calibration.json --at 0h,1h,2h -o series
        voxelith series series.yaml -c calibration.json -o series

      series.yaml lists the states: file, and if known name, at (90s, 15m, 4h), voltage_V, live_time_s. Each state
      gets a folder with its map, dx_first.tif and dx_previous.tif with their errors. The standards' errors are the
      same in all states and mostly cancel in differences. Writes common_mask.tif series.json series.csv series.png.
      """)

  @Argument(help: "The states' spectra in order, or one YAML file that lists them.")
  var spectra: [String]

  @Option(name: [.short, .long], help: "The calibration (JSON).")
  var calibration: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the series.")
  var output: String

  @Option(help: "Times of the states, separated by commas: 0h,1h,2h.")
  var at: String?

  @Option(help: "Voltages of the states, separated by commas.")
  var voltage: NumberList?

  @Option(help: "How x is found: profile, s-parameter or valence-core.")
  var method: MapMethod = .profile

  @Option(help: "Counts below which a voxel is masked.")
  var minimumCounts: Double = 50

  @Option(help: "Flag a voxel whose x lies outside the calibrated range by more than this many sigma.")
  var rangeSigmas: Double = 3

  @Flag(help: "Map every state with the gain that its summed spectrum tells.")
  var correctGain = false

  @Option(
    help:
      "By how much (one sigma) the instrument may differ from that of the standards, as gain=5e-4 or width=0.1; names as in validate --systematics. May be given several times."
  )
  var mayDiffer: [String] = []

  @OptionGroup var phases: PhaseOptions
  @OptionGroup var pixels: PixelOptions
  @OptionGroup var input: SpectralInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !spectra.isEmpty else { throw ValidationError("give the spectra of the states") }
    guard minimumCounts >= 0, rangeSigmas >= 0 else {
      throw ValidationError("--minimum-counts and --range-sigmas must not be negative")
    }
    if correctGain, pixels.pixelGain != nil {
      throw ValidationError("--correct-gain is for spectra on the calibration's axis, without --pixel-gain")
    }
    if isFile, at != nil || voltage != nil {
      throw ValidationError("times and voltages stand in the YAML file")
    }
  }

  private var isFile: Bool {
    spectra.count == 1 && (spectra[0].hasSuffix(".yaml") || spectra[0].hasSuffix(".yml"))
  }

  func run() throws {
    let console = common.console
    let resources = common.resources()
    let states = try isFile ? SeriesFile.read(spectra[0]) : listed()
    let loaded = try CalibrationFile.read(calibration)
    var options = MapOptions(method: method, minimumCounts: minimumCounts, rangeSigmas: rangeSigmas)
    for text in mayDiffer { try options.instrument.set(text) }
    phases.apply(to: &options)
    options.wantsFractionPulls = true
    let maps = try states.map {
      try map($0, calibration: loaded, options: options, resources: resources)
    }
    if let notice = VolumeFile.spacingNotice(maps[0].source.grid, file: states[0].file) {
      console.notice(notice)
    }
    var series = try SeriesFolder(
      states: states, maps: maps, method: method, calibration: loaded,
      withComponents: !loaded.methods.profile.components.isEmpty)
    series.isGainCorrected = correctGain
    var provenance = try Provenance(
      command: CommandLine.arguments,
      inputs: states.map(\.file) + [calibration] + (isFile ? spectra : []) + (try phases.inputs())
        + pixels.inputs, threads: resources.threads)
    let report = try provenance.timed("series") { () throws(VoxelithError) in
      try series.write(to: output, overwrite: outputOptions.overwrite, resources: resources)
    }
    try provenance.write(to: output, overwrite: true)
    try console.result(report)
    describe(report)
  }

  private func listed() throws -> [SeriesState] {
    let seconds = try (at ?? "").split(separator: ",").map { text in
      guard let value = TimeText.seconds(String(text)) else {
        throw ValidationError("'\(text)' in --at is no time: write 90s, 15m, 4h or 2d")
      }
      return value
    }
    return try SeriesState.states(spectra, seconds: seconds, voltages: voltage?.values ?? [])
  }

  /// The map of one state, as `map` would make it.
  private func map(
    _ state: SeriesState, calibration: Calibration, options: MapOptions, resources: Resources
  ) throws -> LithiumMap {
    var open = input.options
    if let time = state.liveTime { open.acquisition.liveTime = time }
    let source = try pixels.seenByCamera(
      try SpectralFile.open(state.file, options: open), fallback: calibration.scatteringAngle)
    let shape = source.grid.shape
    var energies = try pixels.energies(shape)
    if correctGain {
      let drift = try DriftFit(
        source, calibration: calibration, withComponents: !calibration.methods.profile.components.isEmpty,
        resources: resources)
      energies = try PixelEnergies(height: shape.y, width: shape.x, drift: drift)
    }
    return try LithiumMap(
      source: source, calibration: calibration, options: options, fractions: try phases.openFractions(),
      energies: energies, deadPixels: try pixels.deadMask(),
      absorption: try phases.openAbsorption(source.grid), resources: resources)
  }

  private func describe(_ report: SeriesReport) {
    let console = common.console
    console.say(
      "\(report.commonVoxels) of \(report.voxels) voxels are good in all \(report.states.count) states")
    func cell(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
    }
    let widths = [22, 20, 20, 20, 22]
    console.say(
      zip(
        ["state", "mean x", "since first", "since previous", "gain since first / ppm", "intensity"],
        widths + [0]
      )
      .map { cell($0, $1) }.joined())
    for state in report.states {
      let cells = [
        state.state.name, Format.measured(state.meanX, state.meanXSigma),
        Format.measured(state.sinceFirst?.value, state.sinceFirst?.sigma),
        Format.measured(state.sincePrevious?.value, state.sincePrevious?.sigma),
        Format.measured(
          state.drift.map { 1e6 * $0.sinceFirst }, state.drift.map { 1e6 * $0.sinceFirstSigma }),
        Format.measured(state.intensity?.value, state.intensity?.sigma),
      ]
      console.say(zip(cells, widths + [0]).map { cell($0, $1) }.joined())
    }
    for state in report.states {
      guard let misfit = state.misfit else { continue }
      if let notice = misfit.notice { console.notice("\(state.state.name): \(notice)") }
    }
    console.say("wrote \(output)")
  }
}
