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

  /// Nothing found of `count` groups.
  init(none count: Int) { shifts = [Double](repeating: 0, count: count) }

  /// - Parameters:
  ///   - sums: of the groups.
  ///   - left: groups that take no part.
  init(_ sums: PixelSums, fit: InstrumentFit, place: [Int], without left: Set<Int>) throws(VoxelithError) {
    shifts = [Double](repeating: 0, count: sums.count)
    guard sums.count > 1 else { return }
    let own = Reference.own.filter { fit.effects.contains($0) }
    var found: [(index: Int, test: GroupTest.Own)] = []
    let references = fit.spectra.indices.map { Reference(fit, place: $0) }
    let members = (0..<sums.count).filter { !left.contains($0) }.map { [$0] }
    let tests = try sums.tests(
      members, references: references, place: place, relative: false, least: Self.leastCounts)
    for (own, test) in zip(members, tests) {
      guard let test else { continue }
      let perDOF = test.chiSquared / test.degreesOfFreedom
      if perDOF > worst?.chiSquaredPerDOF ?? 0 { worst = (own[0], perDOF) }
      if let effects = test.own { found.append((own[0], effects)) }
    }
    guard found.count > 2 else { return }
    for (k, effect) in own.enumerated() {
      let weights = found.map { 1 / $0.test.variances[k] }
      let total = weights.reduce(0, +)
      let mean = zip(found, weights).reduce(0.0) { $0 + $1.1 * $1.0.test.values[k] } / total
      let chi = zip(found, weights).reduce(0.0) {
        $0 + $1.1 * ($1.0.test.values[k] - mean) * ($1.0.test.values[k] - mean)
      }
      let dof = Double(found.count - 1)
      guard chi > dof + Self.leastSignificance * (2 * dof).squareRoot() else { continue }
      let noise = found.reduce(0.0) { $0 + $1.test.variances[k] } / Double(found.count)
      let square = found.reduce(0.0) { $0 + ($1.test.values[k] - mean) * ($1.test.values[k] - mean) } / dof
      let true2 = max(0, square - noise)
      spread[effect == .gain ? "gain" : "width"] = true2.squareRoot()
      for (index, one) in found {
        // Drawn to the mean of all by what its own counts do not tell.
        let kept = true2 / (true2 + one.variances[k])
        shifts[index] -= one.pull[k] * kept * (one.values[k] - mean)
        let left = one.pull[k] * (kept * one.variances[k]).squareRoot() / Double(found.count)
        variance += left * left
      }
    }
  }

  /// What the map's own fit expects of the groups of one place, from which theirs is told.
  struct Reference {
    /// What pixels may differ in.
    static let own = [InstrumentEffect.gain, .width]

    let spectrum: SummedSpectrum
    let amounts: [Double]
    /// Counts that the map's corrections add, and shapes of gain and width.
    private let change: [Double]
    let shapes: [[Double]]
    let total: Double
    /// What the corrections leave of the counts.
    private let left: [Double]

    init(_ fit: InstrumentFit, place: Int) {
      let own = Self.own.filter { fit.effects.contains($0) }
      spectrum = fit.spectra[place]
      amounts = fit.amounts[place]
      let plain = GroupEquations.plain(spectrum, amounts)
      total = max(1, spectrum.sum(plain))
      let change = fit.change(plain, fit.shapes[place], values: fit.values)
      self.change = change
      let counts = spectrum.counts
      left = counts.indices.map { counts[$0] - plain[$0] - change[$0] }
      let all = fit.shapes[place](plain).shapes
      shapes = own.map { effect in fit.shapes[place].effects.firstIndex(of: effect).map { all[$0] } ?? change
      }
    }

    /// What is known to be added to the spectrum.
    ///
    /// - Parameter relative: whether what no correction describes in all groups belongs to it.
    func second(relative: Bool) -> [Double] {
      relative ? change.indices.map { change[$0] + left[$0] } : change
    }

    /// The equations of gain and width of one group about the map's corrections.
    ///
    /// - Parameter relative: whether only what differs from the others counts, so that what no correction describes in all of
    ///   them is none, and neither are errors of the standards.
    /// - Returns: nil where the group has other bins.
    func equations(_ group: SummedSpectrum, relative: Bool = false) -> GroupEquations? {
      guard group.bins == spectrum.bins, group.firstBin == spectrum.firstBin else { return nil }
      let start = amounts.map { $0 * group.total / max(1, group.sum(GroupEquations.plain(group, amounts))) }
      let part = group.total / total
      return try? GroupEquations(
        group, own: shapes.map { $0.map { $0 * part } },
        second: second(relative: relative).map { part * $0 },
        values: shapes.map { _ in 0 }, amounts: start,
        variances: group.counts.indices.map {
          relative ? part * part * max(0, spectrum.counts[$0]) : GroupEquations.standards(group, start, $0)
        })
    }
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
