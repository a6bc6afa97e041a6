import Foundation
import Volumetry

/// Carries the spectra of a calibration to a pixel of another scattering angle and energy axis, at equal momentum.
///
/// The double differential cross-section is F(E, th) J(pz), so a pixel at th' measures
/// `B'(E') = F(E', th') / F(E, th) B(E)` where E has the same pz under the calibration's angle as E' under its own.
/// What the detector does to photons of one energy (efficiency, escapes, sharing, tail) is taken off before and put on
/// after (``UnfoldedSpectra``). Its line has one width in energy and so not quite one in momentum: what differs is put
/// right by `B' += (s^2 - (dE'/dE)^2 s^2) / 2 d2B'/dE'^2`, the first term of a convolution by a narrow Gaussian.
/// The background is a matter of energy, not of momentum, and is only put on the pixel's bins.
struct BasisCarrier {
  private let basis: ProfileBasis
  private let axis: EnergyAxis
  private let geometry: ScatteringGeometry
  private let crossSection: CrossSection
  private let response: DetectorResponse
  /// Constant and slope, then components, then what they are weighted by.
  private let spectra: UnfoldedSpectra
  /// Their second derivatives.
  private let curvatures: [[Double]]
  private let formula: ChemicalFormula?
  /// Those of the calibration's own angle; nil where nobody knows of what the spectra are.
  private let edges: BindingEdges?

  /// Momenta in atomic units up to which spectra of another angle take part in fits: beyond lie the ends of the axis and the
  /// binding edges, which belong to energies and do not move with the momentum.
  private static let reach = 10.0

  init(_ calibration: Calibration) throws(VoxelithError) {
    basis = calibration.methods.profile
    axis = try calibration.energyAxis()
    geometry = try calibration.geometry()
    crossSection = CrossSection(geometry)
    response = calibration.response
    formula = try calibration.formula.map { (text) throws(VoxelithError) in try ChemicalFormula(text) }
    spectra = try UnfoldedSpectra(
      [basis.constant, basis.slope] + basis.components.map(\.rate) + (basis.weights?.spectra ?? []),
      axis: axis, geometry: geometry, response: response, formula: formula)
    edges = try Self.edges(of: formula, axis: spectra.axis, geometry: geometry, response: response)
    let filter = CurvatureFilter(spectra.axis, reach: max(response.resolution, 1e-9))
    curvatures = response.resolution > 0 ? spectra.densities.map { filter($0) } : []
  }

  /// Spectra on a pixel's bins, and which part of the variance that a sum over bins keeps a bin shares with its weight
  /// (1 without interpolation and smoothing).
  struct Carried {
    var basis: ProfileBasis
    var keptVariance: [Double]
  }

  /// - Throws: `data` where the pixel's energy axis misses the Compton peak.
  func carry(to target: ScatteringGeometry, axis pixel: EnergyAxis) throws(VoxelithError) -> Carried {
    let isTurned = abs(target.angle - geometry.angle) > 0.01
    let reach = isTurned ? Self.reach : Double.infinity
    let range = try ProfileBasis.bins(
      of: pixel, geometry: target, within: max(basis.window[0], -reach)...min(basis.window[1], reach))
    let factor = CrossSection(target)
    let wide = try spectra.extended(pixel)
    let own =
      isTurned ? try Self.edges(of: formula, axis: wide, geometry: target, response: response) : nil
    let zeros = [Double](repeating: 0, count: wide.count)
    var rates = [[Double]](repeating: zeros, count: spectra.densities.count)
    var variances = [[Double]](
      repeating: [Double](repeating: 0, count: pixel.count), count: 3 + basis.components.count)
    let sources =
      [basis.constantVariance, basis.crossCovariance, basis.slopeVariance] + basis.components.map(\.variance)
    var kept = [Double](repeating: 1, count: pixel.count)
    for bin in 0..<wide.count {
      let energy = wide.centers[bin]
      guard energy > 0, energy < target.incidentEnergy,
        let source = geometry.energy(at: target.momentum(at: energy)), source >= spectra.axis.edge(0),
        source <= spectra.axis.edge(spectra.axis.count)
      else { continue }
      let place = Interpolation(at: source, on: spectra.axis)
      // dE'/dE at equal momentum.
      let stretch = geometry.slope(at: source) / target.slope(at: energy)
      let ratio = factor.factor(at: energy) / crossSection.factor(at: source)
      let broadening = 0.5 * response.sigma * response.sigma * (1 - stretch * stretch) / (stretch * stretch)
      let scale = ratio * wide.width(bin)
      let edge = if let own, let edges { own[bin] / edges.part(at: place) } else { 1.0 }
      for index in spectra.densities.indices {
        var value = place.value(of: spectra.densities[index])
        if !curvatures.isEmpty { value += broadening * place.value(of: curvatures[index]) }
        rates[index][bin] = scale * value * (hasEdges(index) ? edge : 1)
      }
      guard bin < pixel.count, place.nearest < axis.count else { continue }
      let width = axis.width(place.nearest)
      let sourceBins = pixel.width(bin) / stretch / width
      // Smoothed weights do not see the interpolation, which is narrow beside them.
      kept[bin] = basis.weights.map(\.ownShare) ?? min(1, place.sumOfSquares * sourceBins)
      let share = (scale / width) * (scale / width) / sourceBins
      for index in sources.indices { variances[index][bin] = share * sources[index][place.nearest] }
    }
    rates = spectra.folded(rates, on: wide, bins: pixel.count)
    var carried = basis
    carried.constant = rates[0]
    carried.slope = rates[1]
    carried.constantVariance = variances[0]
    carried.crossCovariance = variances[1]
    carried.slopeVariance = variances[2]
    for index in basis.components.indices {
      carried.components[index].rate = rates[2 + index]
      carried.components[index].variance = variances[3 + index]
    }
    carried.weights?.spectra = Array(rates[(2 + basis.components.count)...])
    carried.background = onBins(of: pixel, basis.background)
    carried.bins = [range.lowerBound, range.upperBound]
    return Carried(basis: carried, keptVariance: kept)
  }

  private static func edges(
    of formula: ChemicalFormula?, axis: EnergyAxis, geometry: ScatteringGeometry, response: DetectorResponse
  ) throws(VoxelithError) -> BindingEdges? {
    try formula.map { (formula) throws(VoxelithError) in
      try BindingEdges(formula, axis: axis, geometry: geometry, resolution: response.resolution)
    }
  }

  /// Whether a spectrum is that of the formula: the constant one, and what it is weighted by. Lithium's electrons and those
  /// that come with it are bound by less than the line is wide.
  private func hasEdges(_ index: Int) -> Bool { index == 0 || index == 2 + basis.components.count }

  private func onBins(of pixel: EnergyAxis, _ background: ProfileBasis.Component) -> ProfileBasis.Component {
    var result = background
    result.rate = [Double](repeating: 0, count: pixel.count)
    result.variance = result.rate
    guard background.rate.contains(where: { $0 != 0 }) else { return result }
    let density = background.rate.indices.map { background.rate[$0] / axis.width($0) }
    for bin in 0..<pixel.count {
      let energy = min(max(pixel.centers[bin], axis.centers[0]), axis.centers[axis.count - 1])
      let place = Interpolation(at: energy, on: axis)
      let width = pixel.width(bin)
      let source = axis.width(place.nearest)
      result.rate[bin] = max(0, width * place.value(of: density))
      result.variance[bin] = width / source * background.variance[place.nearest]
    }
    return result
  }
}

/// Cubic interpolation between the centres of bins (Lagrange, four points).
struct Interpolation {
  private let start: Int
  private let weights: SIMD4<Double>
  /// The bin whose centre is nearest.
  let nearest: Int

  init(at energy: Double, on axis: EnergyAxis) {
    let centers = axis.centers
    var low = 0
    var high = centers.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if centers[middle] <= energy { low = middle } else { high = middle }
    }
    nearest = energy - centers[low] < centers[high] - energy ? low : high
    guard centers.count >= 4 else {
      let part = (energy - centers[low]) / (centers[high] - centers[low])
      start = low
      weights = SIMD4(1 - part, part, 0, 0)
      return
    }
    let first = min(max(low - 1, 0), centers.count - 4)
    var result = SIMD4<Double>(repeating: 1)
    for i in 0..<4 {
      for j in 0..<4 where j != i {
        result[i] *= (energy - centers[first + j]) / (centers[first + i] - centers[first + j])
      }
    }
    start = first
    weights = result
  }

  func value(of values: [Double]) -> Double {
    var sum = 0.0
    for i in 0..<min(4, values.count - start) { sum += weights[i] * values[start + i] }
    return sum
  }

  /// What is left of the variance of independent values.
  var sumOfSquares: Double { (weights * weights).sum() }
}
