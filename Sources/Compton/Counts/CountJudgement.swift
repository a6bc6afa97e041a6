import Volumetry

/// Spectra as a map uses them: counts, or what comes nearest to them.
struct CountJudgement {
  let source: any SpectralSource
  /// What the numbers were found to be; nil where nobody asked.
  let statistics: CountStatistics?
  /// Counts at which bins are saturated.
  let saturation: Float?
  /// Bins that no fit may use.
  var leftOut: Set<Int> {
    Set((statistics?.leftOut ?? []).flatMap { Array($0.first...$0.last) })
  }

  /// - Parameters:
  ///   - countsPerUnit: counts in one unit of the numbers, where the caller knows; what they scatter by is then told, but
  ///     they are counts by his word.
  ///   - isChecked: whether the numbers are looked at.
  /// - Throws: `usage` for a factor that is not positive; errors of the source.
  init(
    _ given: any SpectralSource, countsPerUnit: Double?, isChecked: Bool, acrossPixels: Bool
  ) throws(VoxelithError) {
    if let countsPerUnit {
      guard countsPerUnit > 0, countsPerUnit.isFinite else {
        throw VoxelithError(
          .usage, "\(countsPerUnit) counts in a unit make no sense",
          advice:
            "--counts-per-unit is the number that turns the file's numbers into counts: the live time in s for "
            + "counts per second")
      }
      let scaled = ScaledSource(given, factor: countsPerUnit)
      var found = isChecked ? try CountStatistics(scaled, acrossPixels: acrossPixels) : nil
      found?.isTold = true
      statistics = found
      saturation = statistics?.saturation.map { Float($0) }
      let rest = statistics.map { $0.areCounts ? 1 : $0.scale } ?? 1
      // What is left of the scatter is no matter of units.
      source = rest == 1 ? scaled : ScaledSource(given, factor: countsPerUnit * rest, timeFactor: rest)
      return
    }
    guard isChecked else {
      source = given
      statistics = nil
      saturation = nil
      return
    }
    let found = try CountStatistics(given, acrossPixels: acrossPixels)
    let scale = found.scale
    statistics = found
    saturation = found.saturation.map { Float($0 * scale) }
    source = scale == 1 ? given : ScaledSource(given, factor: scale, timeFactor: found.timeScale)
  }
}
