import Compton
import Foundation
import Glibc
public import Readers
import Results
public import Volumetry

/// Follows spectra while they are written: renews the map when something came, and leaves what `map` would have left.
///
/// Renewals take the spectra as they are, and fit only blocks whose counts changed. The last one takes nothing from before: the files are
/// opened and mapped by the functions of `map`, so that its bytes are those of `map` whatever was seen on the way.
public final class Watch {
  private let maker: MapMaker
  private let settings: WatchSettings
  private let resources: Resources
  private let lock: ResultsLock
  private let input: WatchedInput
  private let spectra: GrowingSpectra
  private let memory: MapMemory
  private let drift: DriftWatch
  private let view: LiveView
  private let start = ContinuousClock.now

  private var history = CountHistory()
  private var facts: MapFacts?
  private var status = WatchStatus()
  /// Whether files of a map may be replaced: those of this watch always.
  private var overwrite: Bool
  /// What the last renewal wrote.
  private let renewed = RenewedFiles()
  private var trace = WriterTrace()
  /// The longest time that files were still before they changed again.
  private var longestPause = 0.0
  /// What was told, so that it is told once.
  private var told: Set<String> = []

  /// Seconds between two looks at the files.
  private static let look = 0.1
  /// Seconds for which files must be still before they are mapped, and after which they are mapped though they are not: a writer changes a
  /// file several times for each frame.
  private static let pause = 0.15
  private static let longestPause = 1.0
  /// Seconds up to which renewals follow one another without a rest; longer ones rest for what they take beyond.
  private static let brief = 2.0

  /// - Parameters:
  ///   - places: files and folders; what is not there yet is waited for.
  ///   - lock: of the folder of the map.
  ///   - view: what pages look at.
  /// - Throws: `usage` where settings make no sense.
  public init(
    _ places: [String], maker: MapMaker, settings: WatchSettings, lock: ResultsLock, overwrite: Bool,
    view: LiveView = LiveView(), resources: Resources
  ) throws(VoxelithError) {
    try settings.validate()
    self.maker = maker
    self.settings = settings
    self.resources = resources
    self.lock = lock
    self.overwrite = overwrite
    self.view = view
    input = WatchedInput(places, options: try maker.input.options())
    spectra = try GrowingSpectra(
      maker.input, angle: maker.calibration.scatteringAngle, budget: resources.memory / 4)
    memory = MapMemory(budget: resources.memory / 8)
    drift = DriftWatch(maker.calibration)
    view.open(maker)
  }

  private var elapsed: Double { start.duration(to: .now) / .seconds(1) }

  /// Watches until the end.
  ///
  /// - Parameters:
  ///   - isStopped: whether somebody asked to stop; the last map is still made.
  ///   - tell: is told what happens.
  /// - Throws: what `map` of the files would throw at the end.
  public func run(
    isStopped: () -> Bool, tell: (WatchEvent) -> Void
  ) throws(VoxelithError) -> WatchOutcome {
    var seen: InputSurvey?
    var (changedAt, pendingSince) = (0.0, 0.0)
    var mappedSurvey: InputSurvey?
    var (renewedAt, took) = (-Double.infinity, 0.0)
    var waiting: String?
    var end: WatchEnd?
    while end == nil {
      try resources.cancellation.check()
      let survey = input.survey()
      if survey != seen {
        if seen == mappedSurvey { pendingSince = elapsed }
        if seen?.files.isEmpty == false { longestPause = max(longestPause, elapsed - changedAt) }
        seen = survey
        changedAt = elapsed
        trace.note(survey)
        for path in survey.aliases {
          note("\(path): is another name of a file that is there, and is left out", tell)
        }
      }
      let isStill = elapsed - changedAt >= Self.pause || elapsed - pendingSince >= Self.longestPause
      let isDue =
        isStill && elapsed - renewedAt >= max(settings.interval, took + max(0, took - Self.brief))
      if survey != mappedSurvey, !survey.files.isEmpty, isDue {
        renewedAt = elapsed
        do throws(VoxelithError) {
          if try renew(survey) {
            mappedSurvey = survey
            waiting = nil
            tell(.renewed(status))
          }
        } catch {
          let isChanged = error.code == .cannotCreate && renewed.changed != nil
          let isFinal = error.code == .cannotCreate && !isChanged && !Self.isShortage(error)
          if error.code == .cancelled || isFinal { throw error }
          if isChanged { note(error.description, tell) }
          // What is there so far makes no map, or was read while it was written.
          let text = error.description
          if waiting != text { tell(.waiting(text)) }
          waiting = text
          view.publish(waiting: text)
        }
        took = elapsed - renewedAt
        for path in spectra.strays {
          note("\(path): is left out: \(GrowingSpectra.whyStray)", tell)
        }
        for path in spectra.singleFrames {
          note(
            "\(path): is mapped as one frame, though its array may get more: give --frames sum to add up those that come",
            tell)
        }
        if let wait = spectra.waiting.first, waiting == nil {
          waiting = wait.error.description
          tell(.waiting(wait.error.description))
          view.publish(waiting: wait.error.description)
        }
      }
      // A writer is in the middle of something for a moment only.
      if let waiting, elapsed - renewedAt >= Self.moment, survey == mappedSurvey || survey == seen {
        note("cannot be read so far: \(waiting)", tell)
      }
      end = reason(survey, quiet: elapsed - changedAt, isStopped: isStopped())
      if end == nil { Thread.sleep(forTimeInterval: Self.look) }
    }
    let last = seen ?? input.survey()
    let text = text(end ?? .interrupted, last, quiet: elapsed - changedAt)
    return try finish(end ?? .interrupted, text, last)
  }

  /// Whether an output failed for want of what others may give back: files that may be open.
  private static func isShortage(_ error: VoxelithError) -> Bool {
    [EMFILE, ENFILE].contains { unsafe error.cause?.contains(String(cString: strerror($0))) == true }
  }

  private func note(_ text: String, _ tell: (WatchEvent) -> Void) {
    if told.insert(text).inserted { tell(.note(text)) }
  }

  /// Why the watch ended, as far as the files tell it.
  private func text(_ end: WatchEnd, _ survey: InputSurvey, quiet: Double) -> String {
    let isNamed = !survey.isFolder && survey.missing.isEmpty && !survey.files.isEmpty
    guard isNamed, end == .patience || end == .closed else { return end.text }
    switch (end, survey.writers(trace)) {
    case (.closed, .released): return "its writer holds the file no longer"
    case (.patience, .open):
      return end.text + ", and the file was not closed: its writer may have been killed"
    case (.patience, .unknown):
      return "the file was still for \(Int(quiet)) s; it does not tell whether it was closed"
    case (.patience, _) where !isWhole(survey):
      return end.text + ", and parts of the spectra are not there: its writer may have been killed"
    default: return end.text
    }
  }

  private func reason(_ survey: InputSurvey, quiet: Double, isStopped: Bool) -> WatchEnd? {
    if isStopped { return .interrupted }
    if let duration = settings.duration, elapsed >= duration { return .time }
    if let wanted = settings.untilSigma, let sigma = facts?.sigma(of: settings.sigmaOf), sigma <= wanted,
      isSteady
    {
      return .sigma
    }
    if !survey.isFolder, survey.missing.isEmpty, !survey.files.isEmpty, quiet >= settings.settle,
      quiet >= Self.look
    {
      switch survey.writers(trace) {
      case .closed where isWhole(survey): return .closed
      // Files that do not say whether they were closed have to be still for longer.
      case .released
      where quiet >= max(settings.settle, Self.stillness, Self.pauses * longestPause) && isWhole(survey):
        return .closed
      case .unknown where quiet < Self.pauses * longestPause: return nil
      default: break
      }
    }
    return quiet >= settings.patience ? .patience : nil
  }

  /// Whether all files are there that the spectra lie in: those of a master may be still to come.
  private func isWhole(_ survey: InputSurvey) -> Bool {
    if let known = whole, known.survey == survey { return known.isWhole }
    var isWhole = true
    do throws(VoxelithError) { _ = try maker.open(survey.paths) } catch { isWhole = error.code != .missing }
    whole = (survey, isWhole)
    return isWhole
  }

  private var whole: (survey: InputSurvey, isWhole: Bool)?

  /// Seconds after which what cannot be read is told.
  private static let moment = 5.0

  /// Seconds for which a file that does not say whether it was closed, and is held no longer, must not change; and the same in pauses that
  /// it made before.
  private static let stillness = 5.0
  private static let pauses = 3.0

  /// Whether the last renewal gave no voxel its first value.
  private var isSteady = false

  /// Maps what is there; whether there was anything. Where files of a folder do not go together, those that most go with.
  private func renew(_ survey: InputSurvey) throws(VoxelithError) -> Bool {
    do throws(VoxelithError) {
      return try mapNow(survey)
    } catch {
      guard error.code == .data, spectra.leaveOutStrays(survey) else { throw error }
      return try mapNow(survey)
    }
  }

  private func mapNow(_ survey: InputSurvey) throws(VoxelithError) -> Bool {
    let began = elapsed
    try renewed.check()
    if spectra.showsChanges(survey) { view.closeSpectra() }
    guard let source = try spectra.open(survey) else { return false }
    let report = try maker.make(
      source, memory: memory, lock: lock, renewed: renewed, overwrite: overwrite, resources: resources)
    overwrite = true
    let now = try MapFacts(maker.output, report: report, budget: resources.memory / 16)
    note(report, now, source: source, survey: survey, began: began)
    status.drift = nil
    if let found = drift.look(spectra.parts, resources: resources) {
      status.drift = found.verdict.rawValue
      status.driftNotice = found.notice
    }
    view.publish(status, facts: now, history: history, spectra: source)
    return true
  }

  private func note(
    _ report: MapReport, _ now: MapFacts, source: any SpectralSource, survey: InputSurvey, began: Double
  ) {
    let changes = now.changes(since: facts)
    isSteady = facts != nil && changes.new == 0
    history.add(now, seconds: began, changed: changes.changed)
    facts = now
    let use = memory.takeUse()
    status.renewal += 1
    status.seconds = elapsed
    status.renewalSeconds = elapsed - began
    let leftOut = spectra.leftOut
    let names = Set(leftOut.map(\.path))
    status.files = survey.paths.filter { !names.contains($0) }.map { PathName.last(of: $0) }
    status.shape = report.shape
    status.voxelSizeUm = report.voxelSize
    (status.voxels, status.mapped) = (report.voxels, report.mapped)
    (status.fitted, status.kept) = (use.fitted, use.kept)
    (status.meanX, status.meanXSigma) = (report.meanX, report.meanXSigma)
    status.medianSigma = now.sigma(of: .all)
    status.worstSigma = now.sigma(of: .worst)
    status.misfit = report.misfit?.verdict.rawValue
    status.misfitNotice = report.misfit?.notice
    status.chiSquaredPerDOF = report.misfit?.chiSquaredPerDOF
    status.counts = now.totalCounts
    let rate = history.rate
    (status.countsPerSecond, status.countsPerSecondSigma) = (rate?.value, rate?.sigma)
    status.rateNotice = rate?.notice
    status.liveTimeSeconds = source.acquisition.liveTime
    status.isRaster = history.isRaster
    status.notices = report.notices + leftOut.map { "\($0.path): is left out: \($0.reason)" }
  }

  /// The map that `map` would make now.
  private func finish(
    _ end: WatchEnd, _ text: String, _ seen: InputSurvey
  ) throws(VoxelithError) -> WatchOutcome {
    var notices: [String] = []
    let survey = seen.files.isEmpty ? input.survey() : seen
    guard !survey.files.isEmpty else {
      throw VoxelithError(
        .missing, "no spectra arrived", file: survey.missing.first, advice: text)
    }
    let began = elapsed
    let (paths, source, report, notice) = try lastMap(survey)
    let leftOut = Set(survey.paths).subtracting(paths)
    notices += spectra.leftOut.filter { leftOut.contains($0.path) }.map {
      "\($0.path): is left out: \($0.reason)"
    }
    notices += survey.unreadable.map { "\($0): is left out: it cannot be read" }
    if let notice { notices.append(notice) }
    overwrite = true
    let now = try MapFacts(maker.output, report: report, budget: resources.memory / 16)
    note(report, now, source: source, survey: survey, began: began)
    if let exposures = report.exposures {
      status.drift = exposures.verdict.rawValue
      status.driftNotice = exposures.notice
    }
    (status.end, status.endText) = (end, text)
    view.publish(status, facts: now, history: history, spectra: source)
    return WatchOutcome(
      report: report, status: status, end: end, endText: text, files: paths, notices: notices)
  }

  /// The map of all files but those that are left out, whose writers were stopped before they held anything, or that do not go with the
  /// others.
  private func lastMap(
    _ survey: InputSurvey
  ) throws(VoxelithError) -> (paths: [String], source: any SpectralSource, report: MapReport, notice: String?)
  {
    var paths: [String] {
      let leftOut = Set(spectra.leftOut.map(\.path))
      let kept = survey.paths.filter { !leftOut.contains($0) }
      return kept.isEmpty ? survey.paths : kept
    }
    spectra.look(survey)
    let first = paths
    spectra.close()
    view.closeSpectra()
    do throws(VoxelithError) {
      let made = try lastMap(first)
      return (first, made.source, made.report, made.notice)
    } catch {
      guard error.code == .data, spectra.leaveOutStrays(survey) else { throw error }
      let second = paths
      let made = try lastMap(second)
      return (second, made.source, made.report, made.notice)
    }
  }

  private func lastMap(
    _ paths: [String]
  ) throws(VoxelithError) -> (source: any SpectralSource, report: MapReport, notice: String?) {
    func make(_ source: any SpectralSource) throws(VoxelithError) -> MapReport {
      try maker.make(
        source, memory: nil, lock: lock, renewed: renewed, overwrite: overwrite, resources: resources)
    }
    do throws(VoxelithError) {
      let source = try maker.open(paths)
      return (source, try make(source), nil)
    } catch {
      // A scan that was stopped lacks voxels that `map` would ask for.
      guard error.code == .data || error.code == .missing, maker.input.scan?.allowMissing != true,
        let partial = try? maker.open(paths, allowsMissing: true)
      else { throw error }
      let notice =
        "the scan is not complete (\(error.message)): the map is that of what is there, as with --allow-missing"
      return (partial, try make(partial), notice)
    }
  }
}
