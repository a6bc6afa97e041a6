import ArgumentParser
import Foundation
import Voxelith

/// Spectra to lithium while they are measured.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Map spectra while a detector writes them, and say how much longer to count.",
    discussion: """
      Examples:
        voxelith watch scan.nxs -c calibration.json -o map --serve
        voxelith watch frames/ -c calibration.json -o map --until-sigma 0.05 --for 4h

      Follows HDF5 files that are being written (also by SWMR), masters with virtual datasets, folders that receive frames
      or scans, and successive .hxt files. New rows and frames are mapped; exposures of the same voxels are added up. The
      files of map are replaced as a set. The watch ends when the writer closes the file, at --until-sigma, after --for,
      when nothing has come for the time of --patience, or by Ctrl-C, and leaves exactly what map would write. Only provenance.json, and the
      RO-Crate made from it, say that it was a watch.
      --serve shows map, errors, spectra and the time left on a page of this machine; at another --address it needs the token
      that is printed, or that of the variable VOXELITH_TOKEN (16 characters or more).
      """)

  @Argument(help: "The spectra: files that are or will be written, or folders of them.")
  var spectra: [String]

  @Option(name: [.short, .long], help: "The calibration (JSON).")
  var calibration: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the map.")
  var output: String

  @Option(help: WatchSettings.text(.untilSigma))
  var untilSigma: Double?

  @Option(help: WatchSettings.text(.sigmaOf))
  var sigmaOf: SigmaTarget?

  @Option(name: .customLong("for"), help: WatchSettings.text(.duration))
  var duration: Duration?

  @Option(help: "\(WatchSettings.help(.settle)) (default: 2s)")
  var settle: Duration?

  @Option(help: "\(WatchSettings.help(.patience)) (default: 10m)")
  var patience: Duration?

  @Option(help: "\(WatchSettings.help(.interval)) (default: 0.5s)")
  var interval: Duration?

  @Flag(help: "Serve a page that shows the map while it grows.")
  var serve = false

  @Option(
    help:
      "Where the page is served, as HOST:PORT or PORT; only this machine by default (default: 127.0.0.1:8642)."
  )
  var address: ServerAddress?

  @Option(help: MapSettings.text(.copies))
  var copies: VolumeCopies?

  @Option(help: MapSettings.text(.format))
  var format: MapFormat?

  @OptionGroup var choices: MapChoices
  @OptionGroup var denoise: DenoiseOptions
  @OptionGroup var input: SpectralInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  /// A time as people write it.
  struct Duration: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
      guard let seconds = TimeText.seconds(argument) else { return nil }
      self.seconds = seconds
    }
  }

  func validate() throws {
    try watchSettings.checkOptions()
    guard serve || address == nil else { throw ValidationError("--address is for --serve") }
  }

  private var watchSettings: WatchSettings {
    var settings = WatchSettings()
    settings.untilSigma = untilSigma
    settings.sigmaOf = sigmaOf ?? settings.sigmaOf
    settings.duration = duration?.seconds
    settings.settle = settle?.seconds ?? settings.settle
    settings.patience = patience?.seconds ?? settings.patience
    settings.interval = interval?.seconds ?? settings.interval
    if ReplayCommand.isRunning { settings.patience = min(settings.patience, 1) }
    return settings
  }

  func run() throws {
    let console = common.console
    var settings = choices.settings
    denoise.apply(to: &settings)
    settings.copies = copies
    settings.format = format ?? settings.format
    let ready = settings
    let opening = input.settings
    let watching = watchSettings
    let loaded = try CalibrationFile.read(calibration)
    let performance = try Performance(
      "watch", .folder(output, files: try ready.outputs()), common, overwrite: outputOptions.overwrite,
      settings: ["map": ready, "spectra": opening, "watch": watching],
      inputs: [calibration] + (try ready.files()) + opening.files, crate: crate)
    let lock = try ResultsLock(output)
    let view = LiveView()
    let server = try serve && !ReplayCommand.isRunning ? startServer(view, console) : nil
    defer { server?.stop() }
    let outcome = try performance.run(more: { $0.files }) { given in
      var resources = given
      // A bar for each renewal says nothing.
      resources.progress = .silent
      let watch = try Watch(
        spectra, maker: MapMaker(ready, input: opening, calibration: loaded, output: output),
        settings: watching, lock: lock, overwrite: outputOptions.overwrite, view: view, resources: resources)
      return try Interrupt.gently { isStopped in
        try watch.run(isStopped: isStopped) { event in tell(event, console) }
      }
    }.result
    for notice in outcome.notices { console.notice(notice) }
    try console.result(outcome.report)
    MapCommand.describe(outcome.report, console: console)
    let renewals = "\(outcome.status.renewal) renewal" + (outcome.status.renewal == 1 ? "" : "s")
    console.say("ended after \(renewals): \(outcome.endText); wrote \(output)")
  }

  private func startServer(_ view: LiveView, _ console: Console) throws -> PageServer {
    let server = try PageServer(
      view, at: address ?? .loopback, token: ProcessInfo.processInfo.environment["VOXELITH_TOKEN"]
    ) { console.notice($0) }
    console.notice("the map is shown at \(server.url)")
    return server
  }

  private func tell(_ event: WatchEvent, _ console: Console) {
    switch event {
    case .waiting(let text): console.detail("waiting: \(text)")
    case .note(let text): console.notice(text)
    case .renewed(let status):
      var line = "renewal \(status.renewal): \(status.mapped) of \(status.voxels) voxels"
      if let sigma = status.medianSigma { line += ", sigma(x) \(Format.significant(sigma, 2)) in the median" }
      if let rate = status.countsPerSecond { line += ", \(Format.significant(rate, 3)) counts/s" }
      line += " (\(status.fitted) voxels fitted in \(Format.significant(status.renewalSeconds, 2)) s)"
      console.detail(line)
    }
  }
}
