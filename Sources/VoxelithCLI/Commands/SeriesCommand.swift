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
        voxelith series a.nxs b.nxs -c calibration.json --at 0h,4h --cell cell.yaml -o series

      series.yaml lists the states: file, and if known name, at (90s, 15m, 4h), voltage_V, live_time_s. Each state
      gets a folder with its map, dx_first.tif and dx_previous.tif with their errors. The standards' errors are the
      same in all states and mostly cancel in differences. Writes common_mask.tif series.json series.csv series.png.

      A cell (--cell, or cell: in series.yaml) gives the lithium balance: x by the maps against x by the charge that
      passed, with balance.png. Its keys: cycler (BioLogic .mpt, Neware or Arbin CSV, or any CSV, with columns:),
      starts_at, active_material_mg with formula and weighed_x, or active_material_mmol, active_material_sigma_percent,
      initial_x, initial_x_sigma, electrode (positive or negative). Times of states are those of their middle.
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

  @Option(help: "What is known of the cell (YAML), for the balance of its lithium.")
  var cell: String?

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
    if isFile, at != nil || voltage != nil || cell != nil {
      throw ValidationError("times, voltages and the cell stand in the YAML file")
    }
    if !isFile, cell != nil, at == nil {
      throw ValidationError("--cell needs the times of the states: --at 0h,1h,2h")
    }
  }

  private var isFile: Bool {
    spectra.count == 1 && (spectra[0].hasSuffix(".yaml") || spectra[0].hasSuffix(".yml"))
  }

  func run() throws {
    let console = common.console
    let file = try isFile ? SeriesFile.read(spectra[0]) : nil
    let states = try file?.states ?? listed()
    let known = try cell.map { try CellRecord.read($0) } ?? file?.cell
    let place = cell ?? (isFile ? spectra[0] : "")
    let settings = choices.settings
    let performance = try Performance(
      "series",
      .folder(output, files: SeriesFolder.names + (known == nil ? [] : SeriesFolder.cellNames)), common,
      overwrite: outputOptions.overwrite,
      settings: [
        "map": settings, "spectra": input.settings, "correct_gain": correctGain, "at": at,
        "voltage": voltage?.values, "cell": known,
      ],
      inputs: states.map(\.file) + [calibration] + (isFile ? spectra : []) + (try settings.files())
        + input.settings.files + (try cellFiles(known, place: place)))
    let loaded = try CalibrationFile.read(calibration)
    let charge = try known.map {
      try CellCharge($0, namedIn: place, formula: loaded.formula.map { try ChemicalFormula($0) })
    }
    let (report, notice) = try performance.run { resources in
      let maps = try states.map {
        try map($0, calibration: loaded, settings: settings, resources: resources)
      }
      var series = try SeriesFolder(
        states: states, maps: maps, method: settings.method, calibration: loaded,
        withComponents: !loaded.methods.profile.components.isEmpty)
      series.isGainCorrected = correctGain
      series.cell = charge
      return (
        try series.write(to: output, overwrite: outputOptions.overwrite, resources: resources),
        VolumeFile.spacingNotice(maps[0].source.grid, file: states[0].file)
      )
    }.result
    if let notice { console.notice(notice) }
    try console.result(report)
    describe(report)
  }

  /// Files that tell of the cell.
  private func cellFiles(_ known: CellRecord?, place: String) throws -> [String] {
    guard let known else { return [] }
    return try (cell.map { [$0] } ?? []) + [Containment.path(known.cycler, namedIn: place)]
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
    if report.commonVoxels == 0 {
      console.notice(
        "without a voxel that is good in all states there is no mean and no difference: the map.json of each state counts the voxels that "
          + "are masked or outside the calibrated range")
    }
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
    if let balance = report.balance { describe(balance, names: report.states.map(\.state.name)) }
    console.say("wrote \(output)")
  }

  private func describe(_ balance: SeriesBalance, names: [String]) {
    let console = common.console
    console.say(
      "lithium balance against \(balance.cycler) (\(balance.maker)), \(Format.measured(balance.amount, balance.amountSigma)) mmol of active material"
    )
    console.say("state         charge / mAh  x by charge         x by map minus x by charge")
    for (state, name) in zip(balance.states, names) {
      console.say(
        name.padding(toLength: 14, withPad: " ", startingAt: 0)
          + Format.significant(state.charge, 4).padding(toLength: 14, withPad: " ", startingAt: 0)
          + Format.measured(state.x, state.xSigma).padding(toLength: 20, withPad: " ", startingAt: 0)
          + Format.measured(state.difference.value, state.difference.sigma))
    }
    let result = balance.result
    if let ratio = result.ratio, let interval = result.ratioInterval {
      console.say(
        "change of x by the maps over that by charge: \(Format.measured(ratio.value, ratio.sigma)), 95 % "
          + "[\(Format.significant(interval[0], 3)), \(Format.significant(interval[1], 3))]")
    }
    if let offset = result.offset {
      console.say("mean of x by the maps minus x by charge: \(Format.measured(offset.value, offset.sigma))")
    }
    if result.verdict == .differs { console.notice(balance.verdict) } else { console.say(balance.verdict) }
    for note in balance.notes + (result.note.map { [$0] } ?? []) { console.notice(note) }
  }
}
