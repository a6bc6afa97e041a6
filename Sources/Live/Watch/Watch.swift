import Compton
import Foundation
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
        seen = survey
        changedAt = elapsed
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
          if error.code == .cancelled || error.code == .cannotCreate { throw error }
          // What is there so far makes no map, or was read while it was written.
          let text = error.description
          if waiting != text { tell(.waiting(text)) }
          waiting = text
          view.publish(waiting: text)
        }
        took = elapsed - renewedAt
        if let wait = spectra.waiting.first, waiting == nil {
          waiting = wait.error.description
          tell(.waiting(wait.error.description))
        }
      }
      end = reason(survey, quiet: elapsed - changedAt, isStopped: isStopped())
      if end == nil { Thread.sleep(forTimeInterval: Self.look) }
    }
    return try finish(end ?? .interrupted, seen ?? input.survey())
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
      switch survey.state {
      case .closed where isWhole(survey): return .closed
      // Files that do not say whether they were closed have to be still for longer.
      case .unknown where quiet >= max(settings.settle, Self.stillness) && isWhole(survey): return .closed
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

  /// Seconds for which a file that does not say whether it was closed must not change.
  private static let stillness = 5.0

  /// Whether the last renewal gave no voxel its first value.
  private var isSteady = false

  /// Maps what is there; whether there was anything.
  private func renew(_ survey: InputSurvey) throws(VoxelithError) -> Bool {
    let began = elapsed
    guard let source = try spectra.open(survey) else { return false }
    let report = try maker.make(
      source, memory: memory, lock: lock, overwrite: overwrite, resources: resources)
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
    history.add(
      CountHistory.Moment(
        seconds: began, counts: now.totalCounts, mapped: now.mapped, changed: changes.changed,
        spread: now.spread))
    facts = now
    let use = memory.takeUse()
    status.renewal += 1
    status.seconds = elapsed
    status.renewalSeconds = elapsed - began
    status.files = survey.paths.map { PathName.last(of: $0) }
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
    status.liveTimeSeconds = source.acquisition.liveTime
    status.isRaster = history.isRaster
    status.notices = report.notices
  }

  /// The map that `map` would make now.
  private func finish(_ end: WatchEnd, _ last: InputSurvey) throws(VoxelithError) -> WatchOutcome {
    var notices: [String] = []
    let survey = last.files.isEmpty ? input.survey() : last
    guard !survey.files.isEmpty else {
      throw VoxelithError(
        .missing, "no spectra came", file: survey.missing.first, advice: "\(end.text)")
    }
    // Files that were never readable are left out: their writer was stopped before they held anything.
    let unread = Set(spectra.waiting.map(\.path))
    var paths = survey.paths
    if paths.count > unread.count, !unread.isEmpty {
      paths.removeAll { unread.contains($0) }
      notices += spectra.waiting.map { "\($0.path): is left out: \($0.error.message)" }
    }
    let began = elapsed
    let (source, report, notice) = try lastMap(paths)
    if let notice { notices.append(notice) }
    overwrite = true
    let now = try MapFacts(maker.output, report: report, budget: resources.memory / 16)
    note(report, now, source: source, survey: survey, began: began)
    if let exposures = report.exposures {
      status.drift = exposures.verdict.rawValue
      status.driftNotice = exposures.notice
    }
    status.end = end
    view.publish(status, facts: now, history: history, spectra: source)
    return WatchOutcome(report: report, status: status, end: end, files: paths, notices: notices)
  }

  private func lastMap(
    _ paths: [String]
  ) throws(VoxelithError) -> (source: any SpectralSource, report: MapReport, notice: String?) {
    func make(_ source: any SpectralSource) throws(VoxelithError) -> MapReport {
      try maker.make(source, memory: nil, lock: lock, overwrite: overwrite, resources: resources)
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
