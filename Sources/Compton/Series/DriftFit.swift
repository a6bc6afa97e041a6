import Foundation
public import Volumetry

/// What the summed spectrum of a state says of the beam and the detector: amplitude, and gain against the
/// calibration.
///
/// The model is a (B0 + x B1) + sum c_k S_k + G with every photon counted at E (1 + gain); a, a x, c_k and the gain are
/// free. Bins are weighted by Poisson; the derivative by the gain is taken from densities that are averaged over a
/// quarter of the resolution, so that the noise of the standards does not pass for structure.
public struct DriftFit: Sendable, Hashable {
  /// Amplitude for one voxel: 1 for voxels filled with active material in the beam of the standards.
  public let amplitude: Double
  public let amplitudeSigma: Double
  /// Gain over that of the calibration, minus 1; its standard deviation by counting, and that which the standards add.
  public let gain: Double
  public let gainSigma: Double
  public let gainSharedSigma: Double
  /// x of the summed spectrum with the gain free, and its change if the gain is held at that of the calibration.
  public let x: Double
  public let xShift: Double
  /// Standard deviation of ``x`` by counting.
  public let xSigma: Double

  /// - Parameters:
  ///   - counts: summed over `voxels` voxels, all bins of the calibration.
  ///   - liveTime: of each voxel in seconds.
  /// - Throws: `data` where the spectrum holds too little for the fit.
  public init(
    counts: [Double], voxels: Int, liveTime: Double?, calibration: Calibration, withComponents: Bool
  ) throws(VoxelithError) {
    let model = try DriftModel(
      voxels: voxels, liveTime: liveTime, calibration: calibration, withComponents: withComponents)
    let free = try model.fit(counts, gainIsFree: true)
    let fixed = try model.fit(counts, gainIsFree: false)
    let a = free.parameters[0]
    amplitude = a
    amplitudeSigma = free.counting[0, 0].squareRoot()
    let last = free.parameters.count - 1
    gain = free.parameters[last]
    gainSigma = free.counting[last, last].squareRoot()
    gainSharedSigma = max(0, free.shared[last, last]).squareRoot()
    let x = free.parameters[1] / a
    self.x = x
    let counting = free.counting
    xSigma = max(0, counting[1, 1] - 2 * x * counting[1, 0] + x * x * counting[0, 0]).squareRoot() / a
    xShift = fixed.parameters[1] / fixed.parameters[0] - free.parameters[1] / a
  }
}

/// The model behind ``DriftFit``.
private struct DriftModel {
  struct Result {
    let parameters: [Double]
    /// Covariance by counting and by the errors of the basis.
    let counting: Matrix
    let shared: Matrix
  }

  let range: Range<Int>
  let edges: [Double]
  /// Constant, slope, then components, as shifted spectra for the exposure of all voxels.
  let spectra: [ShiftedSpectrum]
  let background: [Double]
  let exposure: Double
  let basis: ProfileBasis
  let smoothing: Int
  let middle: Double

  init(
    voxels: Int, liveTime: Double?, calibration: Calibration, withComponents: Bool
  ) throws(VoxelithError) {
    basis = calibration.methods.profile
    let axis = try calibration.energyAxis()
    edges = axis.edges
    range = basis.fitRange
    let time = basis.normalization == .liveTime ? liveTime ?? 1 : 1
    let exposure = time * Double(voxels)
    self.exposure = exposure
    let rates = [basis.constant, basis.slope] + (withComponents ? basis.components.map(\.rate) : [])
    let borders = axis.edges
    spectra = rates.map { rate in ShiftedSpectrum(rate.map { $0 * exposure }, edges: borders) }
    background = basis.background.rate.map { $0 * exposure }
    smoothing = max(1, Int((0.25 * calibration.response.resolution / axis.width(axis.count / 2)).rounded()))
    middle = 0.5 * (calibration.range[0] + calibration.range[1])
  }

  func fit(_ counts: [Double], gainIsFree: Bool) throws(VoxelithError) -> Result {
    let linear = spectra.count
    let size = linear + (gainIsFree ? 1 : 0)
    let total = range.reduce(0.0) { $0 + counts[$1] - background[$1] }
    let unit = spectra[0].counts(gain: 0, range: range).reduce(0, +)
    var parameters = [Double](repeating: 0, count: linear + 1)
    parameters[0] = total / max(unit, .leastNormalMagnitude)
    parameters[1] = middle * parameters[0]
    for _ in 0..<30 {
      let state = evaluate(counts, parameters, size: size)
      guard let factor = Cholesky(state.information) else { break }
      let step = factor.solve(state.score)
      for index in 0..<size { parameters[index] += step[index] }
      guard parameters.allSatisfy(\.isFinite), parameters[0] > 0, abs(parameters[linear]) < 0.05 else {
        break
      }
      if zip(step, state.score).reduce(0, { $0 + abs($1.0 * $1.1) }) < 1e-6 {
        let inverse = factor.inverse
        return Result(
          parameters: parameters, counting: inverse, shared: inverse * state.spread * inverse)
      }
    }
    throw VoxelithError(
      .data, "the summed spectrum does not determine amplitude and gain",
      advice: "check that the state's spectra fit the calibration")
  }

  private func evaluate(
    _ counts: [Double], _ parameters: [Double], size: Int
  ) -> (information: Matrix, score: [Double], spread: Matrix) {
    let gain = parameters[spectra.count]
    let shifted = spectra.map { $0.counts(gain: gain, range: range) }
    var own = [Double](repeating: 0, count: range.count)
    for (spectrum, amount) in zip(shifted, parameters) {
      for bin in own.indices { own[bin] += amount * spectrum[bin] }
    }
    let slope = size > spectra.count ? derivative(own) : []
    var information = Matrix(zeros: size, size)
    var spread = information
    var score = [Double](repeating: 0, count: size)
    let (a, c) = (parameters[0] * exposure, parameters[1] * exposure)
    for bin in own.indices {
      let place = range.lowerBound + bin
      let mu = max(own[bin] + background[place], 1e-9)
      let noise =
        a * a * basis.constantVariance[place] + 2 * a * c * basis.crossCovariance[place]
        + c * c * basis.slopeVariance[place]
      for i in 0..<size {
        let di = i < spectra.count ? shifted[i][bin] : slope[bin]
        score[i] += di * (counts[place] - mu) / mu
        for j in 0...i {
          let dj = j < spectra.count ? shifted[j][bin] : slope[bin]
          information[i, j] += di * dj / mu
          spread[i, j] += di * dj * noise / (mu * mu)
        }
      }
    }
    for i in 0..<size {
      for j in 0..<i {
        information[j, i] = information[i, j]
        spread[j, i] = spread[i, j]
      }
    }
    return (information, score, spread)
  }

  /// d mu / d gain of every bin: - (E rho(E)) between its edges.
  private func derivative(_ counts: [Double]) -> [Double] {
    let borders = (0...counts.count).map { index -> Double in
      let low = max(0, index - smoothing)
      let high = min(counts.count, index + smoothing)
      let sum = counts[low..<high].reduce(0, +)
      let width = edges[range.lowerBound + high] - edges[range.lowerBound + low]
      return edges[range.lowerBound + index] * sum / width
    }
    return counts.indices.map { borders[$0] - borders[$0 + 1] }
  }
}
