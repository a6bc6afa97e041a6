import Volumetry

/// The weighted least squares of one summed spectrum with its amplitudes eliminated.
struct GroupEquations {
  /// Normal matrix and right side of the effects.
  private(set) var normal: Matrix
  private(set) var right: [Double]
  /// Chi-squared without effects.
  private(set) var chiSquared: Double
  /// x without effects, its variance, and its change by each unit of an effect with the sign turned.
  private(set) var x: Double
  private(set) var varianceOfX: Double
  private(set) var pull: [Double]
  private let free: [Double]
  private let mixed: Matrix

  /// - Parameters:
  ///   - values: of the effects, at which shapes and variances are taken.
  ///   - amounts: amplitudes, the same.
  ///   - standards: what multiplies the variance by the standards.
  /// - Throws: `data` where the amplitudes cannot be told.
  init(
    _ spectrum: SummedSpectrum, shapes: EffectShapes, effects: [InstrumentEffect], values: [Double],
    amounts: [Double], standards: Double
  ) throws(VoxelithError) {
    let plain = Self.plain(spectrum, amounts)
    let (all, smooth) = shapes(plain)
    let places = effects.map { shapes.effects.firstIndex(of: $0) ?? 0 }
    let own = places.map { all[$0] }
    var complete = [Double](repeating: 0, count: shapes.effects.count)
    for (place, value) in zip(places, values) { complete[place] = value }
    let variances = shapes.spread(
      plain.indices.map { standards * Self.standards(spectrum, amounts, $0) }, values: complete)
    try self.init(
      spectrum, own: own, second: shapes.second(complete, smooth), values: values, amounts: amounts,
      variances: variances)
  }

  /// - Parameters:
  ///   - own: shapes of the effects.
  ///   - second: what is known to be added to the spectrum.
  ///   - variances: of the bins by the standards.
  init(
    _ spectrum: SummedSpectrum, own: [[Double]], second: [Double], values: [Double], amounts: [Double],
    variances: [Double]
  ) throws(VoxelithError) {
    let plain = Self.plain(spectrum, amounts)
    let columns = [spectrum.constant, spectrum.slope] + spectrum.components
    let p = columns.count
    let n = own.count
    var a = Matrix(zeros: p, p)
    var b = [Double](repeating: 0, count: p)
    var cross = Matrix(zeros: p, n)
    var s = Matrix(zeros: n, n)
    var c = [Double](repeating: 0, count: n)
    var squares = 0.0
    for bin in plain.indices {
      var mu = plain[bin] + second[bin]
      for (k, value) in values.enumerated() where value != 0 { mu += value * own[k][bin] }
      guard mu > 0, plain[bin] > 0 else { continue }
      let weight = 1 / (max(mu, 1) + variances[bin])
      let y = spectrum.counts[bin] - spectrum.offset[bin] - second[bin]
      squares += weight * y * y
      for i in 0..<p {
        let d = weight * columns[i][bin]
        b[i] += d * y
        for j in 0...i { a[i, j] += d * columns[j][bin] }
        for k in 0..<n { cross[i, k] += d * own[k][bin] }
      }
      for k in 0..<n {
        let d = weight * own[k][bin]
        c[k] += d * y
        for l in 0...k { s[k, l] += d * own[l][bin] }
      }
      a[0, 0] -= weight * spectrum.constantVariance[bin]
      a[1, 0] -= weight * spectrum.crossCovariance[bin]
      a[1, 1] -= weight * spectrum.slopeVariance[bin]
    }
    for i in 0..<p { for j in 0..<i { a[j, i] = a[i, j] } }
    for i in 0..<n { for j in 0..<i { s[j, i] = s[i, j] } }
    if let known = spectrum.knownAmounts {
      for (k, amount) in known.amounts.enumerated() {
        let weight = 1 / (known.sigma * known.sigma)
        a[k + 2, k + 2] += weight
        b[k + 2] += weight * amount
        squares += weight * amount * amount
      }
    }
    guard let factor = Cholesky(a) else {
      throw VoxelithError(
        .data, "the summed spectrum of the map does not tell its amplitudes",
        advice: "check that the spectra are those of the calibration's material")
    }
    let free = factor.solve(b)
    var mixed = Matrix(zeros: p, n)
    for k in 0..<n {
      let column = factor.solve((0..<p).map { cross[$0, k] })
      for i in 0..<p { mixed[i, k] = column[i] }
    }
    for k in 0..<n {
      for i in 0..<p { c[k] -= cross[i, k] * free[i] }
      for l in 0..<n { for i in 0..<p { s[k, l] -= cross[i, k] * mixed[i, l] } }
    }
    self.free = free
    self.mixed = mixed
    normal = s
    right = c
    chiSquared = squares - zip(b, free).reduce(0.0) { $0 + $1.0 * $1.1 }
    x = free[1] / free[0]
    let ratio = amounts[1] / amounts[0]
    var gradient = [Double](repeating: 0, count: p)
    gradient[0] = -ratio / amounts[0]
    gradient[1] = 1 / amounts[0]
    varianceOfX = zip(gradient, factor.solve(gradient)).reduce(0.0) { $0 + $1.0 * $1.1 }
    pull = (0..<n).map { k in gradient[0] * mixed[0, k] + gradient[1] * mixed[1, k] }
  }

  /// Amplitudes with effects of these values.
  func amounts(_ values: [Double]) -> [Double] {
    free.indices.map { i in
      free[i] - values.enumerated().reduce(0.0) { $0 + mixed[i, $1.offset] * $1.element }
    }
  }

  /// Expected counts without effects.
  static func plain(_ spectrum: SummedSpectrum, _ amounts: [Double]) -> [Double] {
    var result = spectrum.offset
    for bin in result.indices {
      result[bin] += amounts[0] * spectrum.constant[bin] + amounts[1] * spectrum.slope[bin]
      for (k, component) in spectrum.components.enumerated() {
        result[bin] += amounts[k + 2] * component[bin]
      }
    }
    return result
  }

  /// Variance of a bin by the standards, those of components and background included.
  static func standards(_ spectrum: SummedSpectrum, _ amounts: [Double], _ bin: Int) -> Double {
    max(
      0,
      (spectrum.offsetVariance.isEmpty ? 0 : spectrum.offsetVariance[bin])
        + amounts[0] * amounts[0] * spectrum.constantVariance[bin]
        + 2 * amounts[0] * amounts[1] * spectrum.crossCovariance[bin]
        + amounts[1] * amounts[1] * spectrum.slopeVariance[bin])
  }
}
