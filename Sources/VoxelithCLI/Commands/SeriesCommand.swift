import ArgumentParser
import Foundation
import Voxelith

/// Several states of one sample.
struct SeriesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "series",
    abstract: "Map several states of one sample and report what changed, with errors.",
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

  @Flag(help: "Map every state with the gain found from its summed spectrum.")
  var correctGain = false

  @OptionGroup var choices: MapChoices
  @OptionGroup var input: SpectralInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !spectra.isEmpty else { throw ValidationError("give the spectra of the states") }
    if correctGain, input.pixelGain != nil {
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
    let states = try isFile ? SeriesFile.read(spectra[0]) : listed()
    let settings = choices.settings
    let performance = try Performance(
      "series",
      .folder(output, files: ["common_mask.tif", "series.json", "series.csv", "series.png"]), common,
      overwrite: outputOptions.overwrite,
      settings: [
        "map": settings, "spectra": input.settings, "correct_gain": correctGain, "at": at,
        "voltage": voltage?.values,
      ],
      inputs: states.map(\.file) + [calibration] + (isFile ? spectra : []) + (try settings.files())
        + input.settings.files)
    let loaded = try CalibrationFile.read(calibration)
    let (report, notice) = try performance.run { resources in
      let maps = try states.map {
        try map($0, calibration: loaded, settings: settings, resources: resources)
      }
      var series = try SeriesFolder(
        states: states, maps: maps, method: settings.method, calibration: loaded,
        withComponents: !loaded.methods.profile.components.isEmpty)
      series.isGainCorrected = correctGain
      return (
        try series.write(to: output, overwrite: outputOptions.overwrite, resources: resources),
        VolumeFile.spacingNotice(maps[0].source.grid, file: states[0].file)
      )
    }.result
    if let notice { console.notice(notice) }
    try console.result(report)
    describe(report)
  }

  private func listed() throws -> [SeriesState] {
    let seconds = try (at ?? "").split(separator: ",").map { text in
      guard let value = TimeText.seconds(String(text)) else {
        throw ValidationError("'\(text)' in --at is not a time: write 90s, 15m, 4h or 2d")
      }
      return value
    }
    return try SeriesState.states(spectra, seconds: seconds, voltages: voltage?.values ?? [])
  }

  /// The map of one state, as `map` would make it.
  private func map(
    _ state: SeriesState, calibration: Calibration, settings: MapSettings, resources: Resources
  ) throws -> LithiumMap {
    var opening = input.settings
    if let time = state.liveTime { opening.liveTime = time }
    let source = try opening.open(state.file, angle: calibration.scatteringAngle)
    return try settings.map(
      state: source, input: opening, calibration: calibration, correctsGain: correctGain,
      resources: resources)
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
