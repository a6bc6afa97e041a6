import Voxelith

/// Several states of one sample.
enum Series: Operation {
  static let name = "series"
  static let summary = "Map several states of one sample and tell what changed, with its error."
  static let sections =
    [
      Section("map", MapSettings.self, "How x is found."),
      Section(
        "spectra", SpectralInputSettings.self, "How the spectra were measured, and how files are opened."),
      Section(
        "states",
        "The states in their order: a list of name, and if known time_s, voltage_V, live_time_s. Each is the input spectra.NAME."
      ), Section("correct_gain", "Map every state with the gain that its summed spectrum tells."),
      Section(
        "cell",
        "What is known of the cell, for the balance of its lithium: the keys of cell in series.yaml; states then need time_s."
      ),
    ] + Section.output
  static let inputs = [
    "spectra.NAME": "Counts (z, y, x, bin) of a state, or a file; two or more.",
    "energy": "Centres of the bins in keV, with arrays of counts.",
    "energy.NAME": "The same of one state.",
    "scattering_angle": "Scattering angle of each pixel (y, x) in degrees, where it differs.",
    "scattering_angle.NAME": "The same of one state.",
    "calibration": "The calibration (JSON file).",
  ]

  private struct Entry: Decodable {
    let name: String
    let seconds: Double?
    let voltage: Double?
    let liveTime: Double?

    enum CodingKeys: String, CodingKey {
      case name
      case seconds = "time_s"
      case voltage = "voltage_V"
      case liveTime = "live_time_s"
    }
  }

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(MapSettings.self, "map")
    let opening = try job.request.settings(SpectralInputSettings.self, "spectra")
    let correctsGain = try job.request.flag("correct_gain")
    guard !correctsGain || opening.pixelGain == nil else {
      throw VoxelithError(.usage, "correct_gain is for spectra on the calibration's axis, without pixel_gain")
    }
    let entries = try job.request.value([Entry].self, "states") ?? []
    guard Set(entries.map(\.name)) == Set(job.names("spectra")),
      Set(entries.map(\.name)).count == entries.count
    else {
      throw VoxelithError(
        .usage, "the states are not those that have spectra", advice: "list each spectra.NAME once in states")
    }
    let calibration = try CalibrationFile.read(try job.path("calibration"))
    let charge = try job.request.value(CellRecord.self, "cell").map { (cell) throws(VoxelithError) in
      try CellCharge(
        cell,
        formula: try calibration.formula.map { (text) throws(VoxelithError) in try ChemicalFormula(text) })
    }
    var states: [SeriesState] = []
    var opened: [(source: any SpectralSource, input: SpectralInputSettings)] = []
    for entry in entries {
      var own = opening
      if let time = entry.liveTime { own.liveTime = time }
      let source = try SpectralInput.open(
        job, own, angle: calibration.scatteringAngle, named: entry.name)
      states.append(
        SeriesState(
          name: entry.name, file: source.name, seconds: entry.seconds, voltage: entry.voltage,
          liveTime: entry.liveTime))
      opened.append((source, own))
    }
    let named = try SeriesState.named(states)
    let grid = opened[0].source.grid
    // Said before the first state is mapped, which may take hours.
    for state in opened where state.source.grid.shape != grid.shape {
      throw VoxelithError(
        .data, "the state has \(state.source.grid.shape) voxels, the first one \(grid.shape)",
        file: state.source.name, advice: "all states of a series must lie on one grid")
    }
    if let notice = VolumeFile.spacingNotice(grid, file: opened[0].source.name) { job.outcome.notice(notice) }
    let maps = try opened.map { (state) throws(VoxelithError) in
      try settings.map(
        state: state.source, input: state.input, calibration: calibration, correctsGain: correctsGain,
        resources: job.resources)
    }
    var made = try SeriesFolder(
      states: named, maps: maps, method: settings.method, calibration: calibration,
      withComponents: !calibration.methods.profile.components.isEmpty)
    made.isGainCorrected = correctsGain
    made.cell = charge
    let series = made
    try job.folder(report: "series.json", parts: named.map(\.name), grid: grid) {
      (folder, overwrite) throws(VoxelithError) in
      let report = try series.write(to: folder, overwrite: overwrite, resources: job.resources)
      for state in report.states {
        if let notice = state.misfit?.notice { job.outcome.notice("\(state.state.name): \(notice)") }
      }
      for note in report.balance?.notes ?? [] { job.outcome.notice(note) }
    }
  }
}
