import Compton
import Readers
import Results
import Volumetry

/// Spectra that grow, opened anew at each renewal: what has not changed is kept open, and what is complete is not read again.
final class GrowingSpectra {
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

  /// - Parameters:
  ///   - input: how `map` would open the spectra. Voxels that nobody has measured yet are missing and no error.
  ///   - angle: scattering angle in degrees where nothing else tells it.
  init(_ input: SpectralInputSettings, angle: Double?, budget: Int) throws(VoxelithError) {
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
  func open(_ survey: InputSurvey) throws(VoxelithError) -> (any SpectralSource)? {
    waiting = []
    var kept: [String: Opened] = [:]
    var parts: [any DescribedSpectra] = []
    var paths: [String] = []
    for file in survey.files {
      do throws(VoxelithError) {
        var own = opened[file.path]
        if own == nil || own?.stamps != file.stamps {
          own = Opened(stamps: file.stamps, part: try SpectralImport.part(file.path, options: options))
        }
        guard let own else { continue }
        kept[file.path] = own
        parts.append(own.part)
        paths.append(file.path)
      } catch {
        // The writer is in the middle of something.
        waiting.append((file.path, error))
      }
    }
    opened = kept
    self.parts = zip(paths, parts).map { ("\($0) \(kept[$0]?.stamps.hashValue ?? 0)", $1) }
    guard !parts.isEmpty else { return nil }
    return try input.angled(try pooled(parts, survey), angle: angle)
  }

  private func pooled(
    _ parts: [any DescribedSpectra], _ survey: InputSurvey
  ) throws(VoxelithError) -> any SpectralSource {
    if parts.count == 1 {
      guard let framed = parts[0] as? any FramedSpectra, framed.frameCount > 1 else { return parts[0] }
      return try summed(framed)
    }
    let pool = try SpectralImport.pooled(parts, options: options)
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
    }
  }
}
