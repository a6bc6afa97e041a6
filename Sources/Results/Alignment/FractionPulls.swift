package import Compton
import Foundation
package import Volumetry

/// What an error of a component's fraction does to x: dx/df of every component, known from the fits of some voxels.
///
/// The fit of a voxel with the active fraction a reads x from what is left of its counts; a component's error moves it by
/// (alpha + beta x) / a, with alpha and beta the component's likeness to the two spectra of the active material, which
/// change slowly with what the voxel holds.
package struct FractionPulls: Sendable {
  /// By component: of 1, x and a in a dx/df; empty where x does not know the fractions.
  private let coefficients: [[Double]]

  package var components: Int { coefficients.count }

  /// - Parameters:
  ///   - map: made with `MapOptions/wantsFractionPulls`.
  ///   - active: fraction of the active material.
  ///   - wanted: voxels to fit.
  package init(
    _ map: LithiumMap, active: any VolumeSource, wanted: Int = 400, resources: Resources
  ) throws(VoxelithError) {
    let count = map.fractionPulls
    let shape = map.source.grid.shape
    guard count > 0 else {
      coefficients = []
      return
    }
    let step = max(1, shape.count / wanted)
    let sigma = map.options.fractionSigma
    let samples = try Parallel.map(shape.count / step, threads: 1) {
      (index) throws(VoxelithError) -> [Double] in
      try resources.cancellation.check()
      let voxel = index * step
      let at = Region(
        lower: Shape(z: voxel / (shape.y * shape.x), y: voxel / shape.x % shape.y, x: voxel % shape.x),
        shape: Shape(z: 1, y: 1, x: 1))
      let part = Double(try active.readFloats(at)[0])
      guard part >= 0.02 else { return [] }
      let result = try map.map(at)
      let changes = result.fractionPulls.map { Double($0[0]) / sigma }
      guard result.x[0].isFinite, changes.allSatisfy(\.isFinite) else { return [] }
      return [part, Double(result.x[0])] + changes
    }.filter { !$0.isEmpty }
    guard samples.count >= 10 else {
      coefficients = []
      return
    }
    let design = Matrix(samples.map { [1, $0[1], $0[0]] })
    let variances = samples.map { 1 / ($0[0] * $0[0]) }
    coefficients = try (0..<count).map { (component) throws(VoxelithError) in
      let values = samples.map { $0[0] * $0[2 + component] }
      do {
        return try LinearFit(design: design, values: values, variances: variances).parameters
      } catch {
        // Voxels that are all alike: their mean.
        return [values.reduce(0, +) / Double(values.count), 0, 0]
      }
    }
  }

  /// dx/df of a component in a voxel; NaN where the voxel has no x.
  package func change(_ component: Int, active: Double, x: Double) -> Double {
    let c = coefficients[component]
    return active > 0 ? (c[0] + c[1] * x + c[2] * active) / active : .nan
  }
}

/// What the errors of the fractions do to x, voxel by voxel and in the mean.
package struct FractionEffects: Sendable {
  /// dx/df by component, then by voxel; NaN where there is no x.
  private let pulls: [[Double]]
  /// Covariance of the errors of one voxel between phases, the active material first.
  private let own: [[Double]]
  private let modes: [FractionMode]

  package init(
    _ pulls: FractionPulls, x: [Double], active: [Double], own: [[Double]], modes: [FractionMode]
  ) {
    self.pulls = (0..<pulls.components).map { component in
      x.indices.map { x[$0].isFinite ? pulls.change(component, active: active[$0], x: x[$0]) : .nan }
    }
    self.own = own
    self.modes = modes
  }

  /// Change of x by a mode, voxel by voxel.
  private func change(_ mode: FractionMode, _ voxel: Int) -> Double {
    pulls.indices.reduce(0.0) { $0 + pulls[$1][voxel] * mode.changes[$1 + 1][voxel] }
  }

  private func meanChange(_ mode: FractionMode) -> Double {
    var moments = Moments()
    for voxel in mode.changes[0].indices { moments.add(change(mode, voxel)) }
    return moments.count > 0 ? moments.mean : 0
  }

  /// Standard deviations of the mean of x over the map by the alignment, and by all other errors of the fractions.
  package var ofMean: (fractions: Double, alignment: Double) {
    guard !pulls.isEmpty else { return (0, 0) }
    var squares = (fractions: 0.0, alignment: 0.0)
    for mode in modes {
      let mean = meanChange(mode)
      if mode.cause == .alignment {
        squares.alignment += mean * mean
      } else {
        squares.fractions += mean * mean
      }
    }
    var single = Moments()
    for voxel in pulls[0].indices { single.add(ownVariance(voxel)) }
    if single.count > 0 { squares.fractions += single.mean / Double(single.count) }
    return (squares.fractions.squareRoot(), squares.alignment.squareRoot())
  }

  /// Variance of x in each voxel, about what all share, by the errors that voxels share: alignment and grey values move
  /// voxels of unlike structure unlike.
  package var variationOfX: [Double] {
    guard let first = pulls.first else { return [] }
    var variance = [Double](repeating: 0, count: first.count)
    for mode in modes {
      let mean = meanChange(mode)
      for voxel in variance.indices {
        let part = change(mode, voxel) - mean
        if part.isFinite { variance[voxel] += part * part }
      }
    }
    return variance
  }

  private func ownVariance(_ voxel: Int) -> Double {
    var sum = 0.0
    for a in pulls.indices {
      for b in pulls.indices { sum += pulls[a][voxel] * own[a + 1][b + 1] * pulls[b][voxel] }
    }
    return sum
  }

  /// For a phase (0 is the active material): the standard deviation of its fraction about what all voxels share, and
  /// the covariance of that error with the one of x.
  package func errors(of phase: Int) -> (sigma: [Double], covariance: [Double]) {
    let count = modes.first?.changes[phase].count ?? pulls.first?.count ?? 0
    var variance = [Double](repeating: own[phase][phase], count: count)
    var covariance = (0..<count).map { voxel in
      pulls.indices.reduce(0.0) { $0 + pulls[$1][voxel] * own[$1 + 1][phase] }
    }
    for mode in modes {
      var moments = Moments()
      for value in mode.changes[phase] { moments.add(value) }
      let mean = moments.count > 0 ? moments.mean : 0
      let meanOfX = pulls.isEmpty ? 0 : meanChange(mode)
      for voxel in 0..<count {
        let part = mode.changes[phase][voxel] - mean
        if part.isFinite { variance[voxel] += part * part }
        if !pulls.isEmpty { covariance[voxel] += (change(mode, voxel) - meanOfX) * part }
      }
    }
    return (variance.map { max(0, $0).squareRoot() }, covariance)
  }
}
