import Volumetry

/// The window of the profile fit with the smallest total error of x: counts of a voxel, and what is not known of the instrument
/// once the sum of a map has been fitted.
///
/// A wider window never tells less by counts, but takes in more of what an instrument does. Where windows are as good as each other to
/// half a per cent, the narrowest is taken.
enum WindowChoice {
  /// Half widths in atomic units that are tried beside all bins.
  static let halves: [Double] = [4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40]
  /// Counts of the voxel and of the map that the error is for.
  static let voxelCounts = 1e6
  static let mapCounts = 1e9
  private static let tolerance = 1.005

  /// - Parameter basis: learnt over all bins.
  static func best(
    for basis: ProfileBasis, set: StandardSet, settings: InstrumentSettings = InstrumentSettings()
  ) throws(VoxelithError) -> ClosedRange<Double> {
    let all = basis.window[0]...basis.window[1]
    var trials: [(window: ClosedRange<Double>, error: Double)] = []
    for half in halves + [.infinity] {
      let low = max(-half, all.lowerBound)
      let high = min(half, all.upperBound)
      guard low < 0, high > 0,
        let bins = try? ProfileBasis.bins(of: set.energy, geometry: set.geometry, within: low...high)
      else { continue }
      var trial = basis
      trial.bins = [bins.lowerBound, bins.upperBound]
      guard let error = try? totalError(trial, all: basis, set: set, settings: settings) else { continue }
      trials.append((low...high, error))
    }
    guard let least = trials.map(\.error).min() else { return all }
    return trials.first { $0.error <= tolerance * least }?.window ?? all
  }

  private static func totalError(
    _ trial: ProfileBasis, all: ProfileBasis, set: StandardSet, settings: InstrumentSettings
  ) throws(VoxelithError) -> Double {
    let x = 0.5 * ((set.standards.first?.x ?? 0) + (set.standards.last?.x ?? 0))
    let counts = try counting(trial, all: all, x: x)
    let instrument = try instrument(trial, all: all, set: set, x: x, settings: settings)
    return (counts * counts + instrument).squareRoot()
  }

  private static func net(_ basis: ProfileBasis, x: Double) -> Double {
    basis.fitRange.reduce(0.0) { $0 + basis.constant[$1] + x * basis.slope[$1] }
  }

  /// Standard deviation of x of a voxel by its counts.
  private static func counting(
    _ trial: ProfileBasis, all: ProfileBasis, x: Double
  ) throws(VoxelithError) -> Double {
    let none = [Double](repeating: 0, count: all.constant.count)
    return try ProfileInformation(
      trial, x: x, amplitude: voxelCounts / net(all, x: x), background: none
    ).countingSigma
  }

  /// Variance of x by all effects at once, after a fit of the map's sum.
  private static func instrument(
    _ trial: ProfileBasis, all: ProfileBasis, set: StandardSet, x: Double, settings: InstrumentSettings
  ) throws(VoxelithError) -> Double {
    let spectrum = SummedSpectrum(
      trial, counts: mapCounts, of: all, x: x, axis: set.energy, geometry: set.geometry)
    let (effects, equations) = try spectrum.equations(response: set.response, settings: settings, x: x)
    var system = EffectSystem(effects, settings: settings)
    system.add(normal: equations.normal, right: equations.right, chiSquared: 0, pull: equations.pull)
    return system.solve(Array(effects.indices), noise: 1)?.variance ?? .infinity
  }

  /// Error of x by counts over that of all bins.
  static func cost(_ basis: ProfileBasis, all: ProfileBasis, x: Double) -> Double? {
    guard let own = try? counting(basis, all: all, x: x), let bound = try? counting(all, all: all, x: x),
      bound > 0
    else { return nil }
    return own / bound
  }
}

extension ProfileBasis {
  /// The basis over a given window, or over the one of the smallest total error, with what it costs.
  ///
  /// - Throws: as ``init(_:window:)``.
  init(_ set: StandardSet, choosing given: ClosedRange<Double>?) throws(VoxelithError) {
    let all = try ProfileBasis(set, window: -.greatestFiniteMagnitude ... .greatestFiniteMagnitude)
    let window: ClosedRange<Double> =
      if let given { given } else { try WindowChoice.best(for: all, set: set) }
    self = try ProfileBasis(set, window: window)
    costOfWindow = WindowChoice.cost(
      self, all: all, x: 0.5 * ((set.standards.first?.x ?? 0) + (set.standards.last?.x ?? 0)))
  }
}
