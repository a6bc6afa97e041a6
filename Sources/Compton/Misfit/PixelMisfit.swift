import Volumetry

/// What is left over in the summed spectra of single groups of pixels after the map's own corrections: gain and width that differ
/// from pixel to pixel.
struct PixelMisfit: Sendable {
  /// The group whose spectrum is described worst.
  private(set) var worst: (index: Int, chiSquaredPerDOF: Double)?
  /// What each group's own gain and width add to x.
  private(set) var shifts: [Double]
  /// Standard deviations from group to group where they are beyond noise.
  private(set) var spread: [String: Double] = [:]
  /// Variance of the mean of x by the errors of these corrections.
  private(set) var variance = 0.0

  var isCorrected: Bool { !spread.isEmpty }

  private static let leastCounts = 1e5
  /// Deviations of the groups' chi-squared from its mean, in standard deviations, that call for own corrections.
  private static let leastSignificance = 5.0

  init(_ spectra: [SummedSpectrum], fit: InstrumentFit, place: [Int]) {
    shifts = [Double](repeating: 0, count: spectra.count)
    guard spectra.count > 1 else { return }
    let own = [InstrumentEffect.gain, .width].filter { fit.effects.contains($0) }
    var found: [(index: Int, values: [Double], variances: [Double], pull: [Double])] = []
    for (index, spectrum) in spectra.enumerated() where spectrum.total > Self.leastCounts {
      let shapes = fit.shapes[place[index]]
      let amounts = fit.amounts[place[index]]
      guard spectrum.bins == fit.spectra[place[index]].bins,
        let equations = Self.relative(spectrum, shapes: shapes, fit: fit, own: own, amounts: amounts)
      else { continue }
      let perDOF = equations.chiSquared / Double(max(1, spectrum.bins - 2 - spectrum.components.count))
      if perDOF > worst?.chiSquaredPerDOF ?? 0 { worst = (index, perDOF) }
      guard let factor = Cholesky(equations.normal) else { continue }
      let covariance = factor.inverse
      found.append(
        (
          index, factor.solve(equations.right), own.indices.map { covariance[$0, $0] }, equations.pull
        ))
    }
    guard found.count > 2 else { return }
    for (k, effect) in own.enumerated() {
      let weights = found.map { 1 / $0.variances[k] }
      let total = weights.reduce(0, +)
      let mean = zip(found, weights).reduce(0.0) { $0 + $1.1 * $1.0.values[k] } / total
      let chi = zip(found, weights).reduce(0.0) {
        $0 + $1.1 * ($1.0.values[k] - mean) * ($1.0.values[k] - mean)
      }
      let dof = Double(found.count - 1)
      guard chi > dof + Self.leastSignificance * (2 * dof).squareRoot() else { continue }
      let noise = found.reduce(0.0) { $0 + $1.variances[k] } / Double(found.count)
      let square = found.reduce(0.0) { $0 + ($1.values[k] - mean) * ($1.values[k] - mean) } / dof
      let true2 = max(0, square - noise)
      spread[effect == .gain ? "gain" : "width"] = true2.squareRoot()
      for one in found {
        // Drawn to the mean of all by what its own counts do not tell.
        let kept = true2 / (true2 + one.variances[k])
        shifts[one.index] -= one.pull[k] * kept * (one.values[k] - mean)
        let left = one.pull[k] * (kept * one.variances[k]).squareRoot() / Double(found.count)
        variance += left * left
      }
    }
  }

  /// The equations of gain and width of one group about the map's corrections.
  private static func relative(
    _ spectrum: SummedSpectrum, shapes: EffectShapes, fit: InstrumentFit, own: [InstrumentEffect],
    amounts: [Double]
  ) -> GroupEquations? {
    let scale = spectrum.total / max(1, GroupEquations.plain(spectrum, amounts).reduce(0, +))
    let start = amounts.map { $0 * scale }
    let plain = GroupEquations.plain(spectrum, start)
    var corrected = spectrum
    let change = fit.change(plain, shapes, values: fit.values)
    corrected.offset = zip(spectrum.offset, change).map(+)
    return try? GroupEquations(
      corrected, shapes: shapes, effects: own, values: own.map { _ in 0 }, amounts: start, standards: 1)
  }
}

extension Misfit {
  /// Takes in what is corrected for single pixels.
  mutating func take(_ pixels: PixelMisfit) {
    guard pixels.isCorrected else { return }
    pixelSpread = pixels.spread
    sigma = (sigma * sigma + pixels.variance).squareRoot()
    if verdict == .described { verdict = .corrected }
    let words = pixels.spread.sorted { $0.key < $1.key }.map { "\($0.key) by \(Self.percent($0.value))" }
    let text = "pixels differ in \(words.joined(separator: " and ")); corrected for each"
    notice = notice.map { $0 + "; " + text } ?? text
  }
}
