import Compton
import Readers
package import Results
package import Volumetry

/// Spectra that grow, opened anew at each renewal: what has not changed is kept open, and what is complete is not read again.
package final class GrowingSpectra {
  private struct Opened {
    let stamps: [String: FileStamp]
    let part: any DescribedSpectra
  }

  private let input: SpectralInputSettings
  private let options: SpectralOpenOptions
  private let angle: Double?
  private var opened: [String: Opened] = [:]
  private let sum: RunningSum
  /// The files that are open, each with what tells it from its earlier states.
  private(set) var parts: [(mark: String, part: any DescribedSpectra)] = []
  /// What could not be read yet, by file.
  private(set) var waiting: [(path: String, error: VoxelithError)] = []
  /// Files of folders that do not go with most others.
  package private(set) var strays: [String] = []

  /// Files that are of no scan of their own, one kind after the other, as far as maps failed with them.
  private enum Choice: Int {
    case all, alike, complete
  }
  private var choice = Choice.all

  private typealias Part = (path: String, part: any DescribedSpectra)

  /// - Parameters:
  ///   - input: how `map` would open the spectra. Voxels that nobody has measured yet are missing and no error.
  ///   - angle: scattering angle in degrees where nothing else tells it.
  package init(_ input: SpectralInputSettings, angle: Double?, budget: Int) throws(VoxelithError) {
    self.input = input
    self.angle = angle
    var options = try input.options()
    options.allowsMissing = true
    self.options = options
    sum = RunningSum(budget: budget)
  }

  /// The spectra as they are now; nil where no file can be read yet.
  ///
  /// - Throws: `data` where the files do not fit one another.
  package func open(_ survey: InputSurvey) throws(VoxelithError) -> (any SpectralSource)? {
    let all = read(survey)
    guard !all.isEmpty else { return nil }
    let (kept, pool) = try fitting(all, survey)
    parts = kept.map { ("\($0.path) \(opened[$0.path]?.stamps.hashValue ?? 0)", $0.part) }
    return try input.angled(try summed(pool, of: kept, survey), angle: angle)
  }

  /// Looks which files could be mapped together now.
  func look(_ survey: InputSurvey) { _ = try? fitting(read(survey), survey) }

  /// Leaves files out from now on that do not go with most others, or lack voxels that others have: no map can be made of all of them.
  ///
  /// - Returns: whether that makes a difference.
  package func leaveOutStrays(_ survey: InputSurvey) -> Bool {
    let (before, old) = (choice, strays)
    while let next = Choice(rawValue: choice.rawValue + 1) {
      choice = next
      look(survey)
      if strays.count > old.count { return true }
    }
    choice = before
    return false
  }

  /// Closes all files, or those that changed since they were opened. While one is open the library shows it as it was then, and with it the
  /// sources of its virtual datasets, to everyone who opens it once more.
  package func close(changedIn survey: InputSurvey? = nil) {
    guard let survey else {
      (opened, parts) = ([:], [])
      return
    }
    let changed = survey.files.filter { file in opened[file.path].map { $0.stamps != file.stamps } == true }
    guard !changed.isEmpty else { return }
    parts = []
    for file in changed { opened[file.path] = nil }
  }

  /// Whether a file that shows others has changed since it was opened.
  func showsChanges(_ survey: InputSurvey) -> Bool {
    survey.files.contains { file in
      file.stamps.count > 1 && opened[file.path].map { $0.stamps != file.stamps } == true
    }
  }

  /// Files of which one frame is mapped since no other is there yet, and nobody said what to do with several.
  var singleFrames: [String] {
    guard options.frame == nil else { return [] }
    return opened.filter { ($0.value.part as? any FramedSpectra)?.mayGetFrames == true }.keys.sorted()
  }

  /// What is left out of the sum, with the reason.
  var leftOut: [(path: String, reason: String)] {
    waiting.map { ($0.path, $0.error.message) }
      + strays.map { ($0, Self.whyStray) }
  }

  static let whyStray = "its voxels or energies are not those of most files, or it lacks some of them"

  /// Times the files that outputs need, which are left free: maps go on, and what reads beside them.
  private static let spared = 2

  private func read(_ survey: InputSurvey) -> [Part] {
    waiting = []
    close(changedIn: survey)
    var kept: [String: Opened] = [:]
    var parts: [Part] = []
    for file in survey.files {
      do throws(VoxelithError) {
        var own = opened[file.path]
        if own == nil || own?.stamps != file.stamps {
          guard OpenFileLimit.hasRoom(sparing: Self.spared) else {
            throw VoxelithError(
              .io, "there are more files than this process may hold open (\(OpenFileLimit.current))",
              file: file.path, advice: OpenFileLimit.advice)
          }
          own = Opened(stamps: file.stamps, part: try SpectralImport.part(file.path, options: options))
        }
        guard let own else { continue }
        kept[file.path] = own
        parts.append((file.path, own.part))
      } catch {
        // The writer is in the middle of something.
        waiting.append((file.path, error))
      }
    }
    opened = kept
    return parts
  }

  /// Files as one source; where strays are left out, those of a folder that go together.
  private func fitting(
    _ all: [Part], _ survey: InputSurvey
  ) throws(VoxelithError) -> (parts: [Part], pool: any DescribedSpectra) {
    var kept = choice != .all && survey.isFolder ? Self.majority(all) ?? all : all
    if choice == .complete {
      let complete = kept.filter { $0.part.absent == nil }
      if !complete.isEmpty { kept = complete }
    }
    let names = Set(kept.map(\.path))
    strays = all.map(\.path).filter { !names.contains($0) }
    return (kept, try SpectralImport.pooled(kept.map(\.part), options: options))
  }

  /// Those of one grid and one axis of energies, where they are more than half and not all.
  private static func majority(_ all: [Part]) -> [Part]? {
    for one in all {
      let alike = all.filter { $0.part.grid == one.part.grid && $0.part.energy == one.part.energy }
      if 2 * alike.count > all.count { return alike.count < all.count ? alike : nil }
    }
    return nil
  }

  private func summed(
    _ pool: any DescribedSpectra, of parts: [Part], _ survey: InputSurvey
  ) throws(VoxelithError) -> any SpectralSource {
    if parts.count == 1 {
      guard let framed = pool as? any FramedSpectra, framed.frameCount > 1 else { return pool }
      return try summed(framed)
    }
    guard let exposures = pool as? SpectralExposures else { return pool }
    return try summed(exposures, survey)
  }

  /// Frames of one file: the last one may not be complete.
  private func summed(_ framed: any FramedSpectra) throws(VoxelithError) -> any SpectralSource {
    let settled = framed.frameCount - 1
    let names = (0..<settled).map { "\(framed.name) \($0)" }
    try sum.take(names, grid: framed.grid, bins: framed.energy.count) {
      (frames, region, counts) throws(VoxelithError) in
      try framed.addFrames(frames, of: region, to: &counts)
    }
    let count = framed.frameCount
    return SummedSpectra(base: framed, sum: sum, parts: settled) { (region, counts) throws(VoxelithError) in
      try framed.addFrames(settled..<count, of: region, to: &counts)
    }
  }

  /// Exposures of several files: those that were closed are complete.
  private func summed(
    _ exposures: SpectralExposures, _ survey: InputSurvey
  ) throws(VoxelithError) -> any SpectralSource {
    let parts = exposures.parts
    let stamps = Dictionary(uniqueKeysWithValues: survey.files.map { ($0.path, $0.stamps) })
    var names: [String] = []
    for part in parts.dropLast() {
      guard let own = stamps[part.name],
        own.keys.allSatisfy({ (try? WritingState.of($0)).map { $0 != .open } ?? false })
      else { break }
      names.append("\(part.name) \(own.hashValue)")
    }
    guard !names.isEmpty else { return exposures }
    let settled = names.count
    try sum.take(names, grid: exposures.grid, bins: exposures.energy.count) {
      (range, region, counts) throws(VoxelithError) in
      try exposures.add(parts[range], of: region, to: &counts)
    }
    return SummedSpectra(base: exposures, sum: sum, parts: settled) {
      (region, counts) throws(VoxelithError) in
      try exposures.add(parts[settled...], of: region, to: &counts)
      exposures.clearAbsent(region, &counts)
    }
  }
}
