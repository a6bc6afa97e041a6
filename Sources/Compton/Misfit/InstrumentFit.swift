import Volumetry

/// The fit of what the instrument did to summed spectra: amplitude and x of each spectrum are free, the effects are common.
///
/// All bins of the fit's window count, weighted by the variance of the counts and of the standards. Noise in the standards is taken
/// out of the amplitudes' information (Fuller, Measurement Error Models (1987), section 2.2).
struct InstrumentFit: Sendable {
  /// What was found of one effect.
  struct Found: Sendable {
    var effect: InstrumentEffect
    var value: Double
    var sigma: Double
    /// What it did to the mean of x before it was corrected.
    var bias: Double
  }

  private(set) var effects: [InstrumentEffect] = []
  /// Values of all effects, zero for those that were not chosen.
  private(set) var values: [Double] = []
  private(set) var found: [Found] = []
  /// x of each summed spectrum with the effects taken out.
  private(set) var x: [Double] = []
  /// Amplitudes of each spectrum: constant, slope, components.
  private(set) var amounts: [[Double]] = []
  /// Mean of x over the spectra, weighted by voxels, before and after.
  private(set) var plainMean = 0.0
  private(set) var mean = 0.0
  /// Variance of the mean by the effects: by their own errors, by the choice among sets, by their shapes.
  private(set) var variance = 0.0
  /// The part of it that other sets of effects than the chosen one leave open.
  private(set) var openVariance = 0.0
  /// Variance of the mean by counts and standards as the sum tells it.
  private(set) var fixedVariance = 0.0
  /// Expected counts of each spectrum.
  private(set) var expected: [[Double]] = []
  /// Residuals of all spectra added bin by bin of the file, over their standard deviation.
  private(set) var residuals: [(bin: Int, energy: Double, value: Double)] = []
  private(set) var chiSquared = 0.0
  private(set) var degreesOfFreedom = 0
  /// Columns of all effects that were chosen.
  private(set) var parameters = 0
  /// Chi-squared before any correction.
  private(set) var plainChiSquared = 0.0
  let spectra: [SummedSpectrum]
  let shapes: [EffectShapes]
  /// What explains the sum as well or better than what was chosen, and cannot be corrected.
  private(set) var rival: RivalCauses.Rival?

  private static let rounds = 6

  /// - Throws: `data` where the settings name what does not exist, or the spectra do not tell their amplitudes.
  init(
    _ spectra: [SummedSpectrum], response: DetectorResponse, settings: InstrumentSettings, middle: Double,
    phases: ForeignPhases? = nil
  ) throws(VoxelithError) {
    self.spectra = spectra
    shapes = try spectra.map { (spectrum) throws(VoxelithError) in
      try EffectShapes(spectrum, response: response, settings: settings, phases: phases, withRivals: true)
    }
    let lists = shapes.map { Set($0.effects) }
    let shared = (shapes.first?.effects ?? []).filter { effect in lists.allSatisfy { $0.contains(effect) } }
    effects = shared
    values = [Double](repeating: 0, count: shared.count)
    amounts = spectra.map { spectrum in
      let own = spectrum.sum(zip(spectrum.constant, spectrum.slope).map { $0 + middle * $1 })
      let start = max(1e-6, (spectrum.total - spectrum.sum(spectrum.offset)) / max(own, 1e-300))
      return [start, middle * start]
        + (spectrum.knownAmounts?.amounts.map { $0 } ?? spectrum.components.map { _ in 0 })
    }
    let voxels = Double(spectra.reduce(0) { $0 + $1.voxels })
    var solution: EffectSystem.Solution?
    var seen: [EffectSystem.Solution] = []
    var noise = 1.0
    for round in 0..<Self.rounds {
      var system = EffectSystem(effects, settings: settings)
      var rough = system
      var linear: [GroupEquations] = []
      var fixed = 0.0
      var start = 0.0
      for index in spectra.indices {
        let equations = try GroupEquations(
          spectra[index], shapes: shapes[index], effects: effects, values: values, amounts: amounts[index],
          standards: shareOfStandards(index))
        let weight = Double(spectra[index].voxels) / voxels
        system.add(
          normal: equations.normal, right: equations.right, chiSquared: equations.chiSquared,
          pull: equations.pull.map { weight * $0 })
        rough.add(
          normal: equations.rough.normal, right: equations.rough.right, chiSquared: equations.chiSquared,
          pull: equations.rough.pull.map { weight * $0 })
        fixed += weight * weight * equations.varianceOfX
        start += weight * equations.x
        linear.append(equations)
      }
      let bins = spectra.reduce(0) { $0 + $1.usedBins - 2 - $1.components.count }
      if round == 0 {
        plainMean = start
        plainChiSquared = 0
      }
      noise = max(1, system.leastChiSquared() / Double(max(1, bins - effects.count)))
      if round < Self.rounds - 2 || solution == nil {
        (solution, seen) = system.search(noise: noise)
      } else {
        seen = seen.compactMap { system.solve($0.members, noise: noise) }
        solution = system.solve(solution?.members ?? [], noise: noise)
      }
      guard let chosen = solution else { break }
      values = [Double](repeating: 0, count: effects.count)
      for (place, member) in chosen.members.enumerated() { values[member] = chosen.values[place] }
      amounts = linear.map { $0.amounts(values) }
      x = amounts.map { $0[1] / $0[0] }
      mean = zip(spectra, x).reduce(0.0) { $0 + Double($1.0.voxels) / voxels * $1.1 }
      fixedVariance = fixed
      if round == Self.rounds - 1 {
        finish(chosen, seen: seen, system: system, rough: rough, noise: noise, settings: settings)
      }
    }
    try judge()
  }

  /// By how much the variance of the standards counts in one of several spectra that share it.
  private func shareOfStandards(_ index: Int) -> Double {
    guard spectra.count > 1 else { return 1 }
    let total = spectra.reduce(0.0) { $0 + $1.total }
    return total / max(1, spectra[index].total)
  }

  private mutating func finish(
    _ chosen: EffectSystem.Solution, seen: [EffectSystem.Solution], system: EffectSystem,
    rough: EffectSystem, noise: Double, settings: InstrumentSettings
  ) {
    parameters = chosen.members.count
    for (place, member) in chosen.members.enumerated() {
      let bias = system.pull[member] * chosen.values[place]
      if let known = found.firstIndex(where: { $0.effect == effects[member].family }) {
        found[known].bias += bias
        continue
      }
      found.append(
        Found(
          effect: effects[member].family, value: chosen.values[place],
          sigma: max(0, chosen.covariance[place, place]).squareRoot(), bias: bias))
    }
    // Sets are weighted by the root of their evidence: shapes are not exact, so evidence is not either.
    let top = seen.map(\.evidence).max() ?? 0
    var weights = 0.0
    var sum = 0.0
    for set in seen {
      let weight = exponential(0.5 * (set.evidence - top))
      let apart = set.change - chosen.change
      weights += weight
      sum += weight * (set.variance + apart * apart)
    }
    let bins = spectra.reduce(0) { $0 + $1.usedBins - 2 - $1.components.count }
    let rivals = RivalCauses(
      rough, chosen: chosen, noise: noise,
      probability: Distributions.chiSquaredTail(
        max(0, system.chiSquared(of: chosen)), dof: Double(max(1, bins - chosen.members.count))))
    rival = rivals.best
    for set in rivals.weighed {
      let weight = exponential(0.5 * (chosen.evidence - top) + min(set.exponent, 300))
      weights += weight
      sum += weight * set.square
    }
    variance = weights > 0 ? sum / weights : 0
    openVariance = max(0, variance - chosen.variance)
    for effect in found {
      variance += settings.shapeError * settings.shapeError * effect.bias * effect.bias
    }
  }

  /// Expected counts, residuals and chi-squared of the sum of all spectra.
  private mutating func judge() throws(VoxelithError) {
    expected = spectra.indices.map { model(spectra[$0], shapes[$0], amounts: amounts[$0], values: values) }
    let plain = try spectra.indices.map { (index) throws(VoxelithError) -> [Double] in
      let none = [Double](repeating: 0, count: effects.count)
      var own = amounts[index]
      for _ in 0..<4 {
        own = try GroupEquations(
          spectra[index], shapes: shapes[index], effects: effects, values: none, amounts: own,
          standards: shareOfStandards(index)
        ).amounts(none)
      }
      return own
    }
    let before = sum(plain, values: [Double](repeating: 0, count: effects.count))
    plainChiSquared = before.reduce(0.0) { $0 + $1.value * $1.value }
    plainMean =
      zip(spectra, plain).reduce(0.0) { $0 + Double($1.0.voxels) * $1.1[1] / $1.1[0] }
      / Double(max(1, spectra.reduce(0) { $0 + $1.voxels }))
    residuals = sum(amounts, values: values)
    chiSquared = residuals.reduce(0.0) { $0 + $1.value * $1.value }
    degreesOfFreedom = max(1, residuals.count - 2 - (spectra.first?.components.count ?? 0) - parameters)
  }

  private func sum(
    _ amounts: [[Double]], values: [Double]
  ) -> [(bin: Int, energy: Double, value: Double)] {
    var bins: [Int: (energy: Double, difference: Double, counts: Double, standards: Double)] = [:]
    for index in spectra.indices {
      let spectrum = spectra[index]
      let expected = model(spectrum, shapes[index], amounts: amounts[index], values: values)
      let standards = shapes[index].spread(
        expected.indices.map { GroupEquations.standards(spectrum, amounts[index], $0) },
        values: complete(values, shapes[index]))
      for bin in expected.indices where expected[bin] > 0 && !spectrum.leftOut.contains(bin) {
        var entry = bins[spectrum.firstBin + bin] ?? (spectrum.centers[bin], 0, 0, 0)
        entry.difference += spectrum.counts[bin] - expected[bin]
        entry.counts += expected[bin]
        entry.standards += standards[bin].squareRoot()
        bins[spectrum.firstBin + bin] = entry
      }
    }
    return bins.sorted { $0.key < $1.key }.map { bin, entry in
      let variance = entry.counts + entry.standards * entry.standards
      return (bin, entry.energy, entry.difference / variance.squareRoot())
    }
  }

  /// Expected counts of a spectrum.
  func model(
    _ spectrum: SummedSpectrum, _ shapes: EffectShapes, amounts: [Double], values: [Double]
  ) -> [Double] {
    let plain = GroupEquations.plain(spectrum, amounts)
    guard values.contains(where: { $0 != 0 }) else { return plain }
    return zip(plain, change(plain, shapes, values: values)).map { max(1e-9, $0 + $1) }
  }

  /// Values for all effects of a spectrum.
  private func complete(_ values: [Double], _ shapes: EffectShapes) -> [Double] {
    var own = [Double](repeating: 0, count: shapes.effects.count)
    for (effect, value) in zip(effects, values) {
      if let place = shapes.effects.firstIndex(of: effect) { own[place] = value }
    }
    return own
  }

  /// What effects add to expected counts.
  ///
  /// - Parameter values: one for each of ``effects``.
  func change(_ plain: [Double], _ shapes: EffectShapes, values: [Double]) -> [Double] {
    let (all, smooth) = shapes(plain)
    let own = complete(values, shapes)
    var result = shapes.second(own, smooth)
    for (place, value) in own.enumerated() where value != 0 {
      for bin in result.indices { result[bin] += value * all[place][bin] }
    }
    return result
  }
}
