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
  /// Normal matrix, right side and pull where the standards are taken for exact, for shapes that their noise hides.
  private(set) var rough: (normal: Matrix, right: [Double], pull: [Double])
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
    // Sums of products of all columns: amplitudes, effects, then the counts; flat, as a matrix of another room is slow to reach.
    let m = p + n + 1
    var sums = [Double](repeating: 0, count: m * m)
    var row = [Double](repeating: 0, count: m)
    var (ofConstant, ofCross, ofSlope) = (0.0, 0.0, 0.0)
    var ofComponents = [Double](repeating: 0, count: spectrum.componentVariances.count)
    for bin in plain.indices {
      var mu = plain[bin] + second[bin]
      for k in 0..<n where values[k] != 0 { mu += values[k] * own[k][bin] }
      guard mu > 0, plain[bin] > 0, spectrum.leftOut.isEmpty || !spectrum.leftOut.contains(bin) else {
        continue
      }
      let weight = 1 / (max(mu, 1) + variances[bin])
      for i in 0..<p { row[i] = columns[i][bin] }
      for k in 0..<n { row[p + k] = own[k][bin] }
      row[m - 1] = spectrum.counts[bin] - spectrum.offset[bin] - second[bin]
      for i in 0..<m {
        let d = weight * row[i]
        if d == 0 { continue }
        for j in 0...i { sums[i * m + j] += d * row[j] }
      }
      ofConstant += weight * spectrum.constantVariance[bin]
      ofCross += weight * spectrum.crossCovariance[bin]
      ofSlope += weight * spectrum.slopeVariance[bin]
      for k in ofComponents.indices { ofComponents[k] += weight * spectrum.componentVariances[k][bin] }
    }
    func product(_ i: Int, _ j: Int) -> Double { i >= j ? sums[i * m + j] : sums[j * m + i] }
    var a = Matrix(zeros: p, p)
    var cross = Matrix(zeros: p, n)
    var s = Matrix(zeros: n, n)
    for i in 0..<p {
      for j in 0..<p { a[i, j] = product(i, j) }
      for k in 0..<n { cross[i, k] = product(i, p + k) }
    }
    for k in 0..<n { for l in 0..<n { s[k, l] = product(p + k, p + l) } }
    var exact = a
    // Noise of the standards is no information.
    a[0, 0] -= ofConstant
    a[0, 1] -= ofCross
    a[1, 0] -= ofCross
    a[1, 1] -= ofSlope
    for (k, noise) in ofComponents.enumerated() { a[k + 2, k + 2] -= noise }
    var b = (0..<p).map { product($0, m - 1) }
    let c = (0..<n).map { product(p + $0, m - 1) }
    var squares = product(m - 1, m - 1)
    if let known = spectrum.knownAmounts {
      for (k, amount) in known.amounts.enumerated() {
        let weight = 1 / (known.sigma * known.sigma)
        a[k + 2, k + 2] += weight
        exact[k + 2, k + 2] += weight
        b[k + 2] += weight * amount
        squares += weight * amount * amount
      }
    }
    // A component that its own noise hides is taken as it was measured.
    guard let factor = Cholesky(a) ?? (ofComponents.isEmpty ? nil : Cholesky(exact)) else {
      throw VoxelithError(
        .data, "the summed spectrum of the map does not determine its amplitudes",
        advice: "check that the spectra are those of the calibration's material")
    }
    let ratio = amounts[1] / amounts[0]
    var gradient = [Double](repeating: 0, count: p)
    gradient[0] = -ratio / amounts[0]
    gradient[1] = 1 / amounts[0]
    func eliminated(_ factor: Cholesky, _ b: [Double]) -> (
      normal: Matrix, right: [Double], pull: [Double], free: [Double], mixed: Matrix
    ) {
      let free = factor.solve(b)
      var (normal, right) = (s, c)
      var mixed = Matrix(zeros: p, n)
      for k in 0..<n {
        let column = factor.solve((0..<p).map { cross[$0, k] })
        for i in 0..<p { mixed[i, k] = column[i] }
      }
      for k in 0..<n {
        for i in 0..<p { right[k] -= cross[i, k] * free[i] }
        for l in 0..<n { for i in 0..<p { normal[k, l] -= cross[i, k] * mixed[i, l] } }
      }
      let pull = (0..<n).map { k in gradient[0] * mixed[0, k] + gradient[1] * mixed[1, k] }
      return (normal, right, pull, free, mixed)
    }
    let main = eliminated(factor, b)
    // Noisy columns draw their amplitudes towards zero, the more the farther x lies from the standards' middle, and leave a
    // shape like lithium's behind: what they lose is given back.
    var restored = b
    restored[0] += ofConstant * amounts[0] + ofCross * amounts[1]
    restored[1] += ofCross * amounts[0] + ofSlope * amounts[1]
    for (k, noise) in ofComponents.enumerated() { restored[k + 2] += noise * amounts[k + 2] }
    let plainer = Cholesky(exact).map { eliminated($0, restored) } ?? main
    rough = (plainer.normal, plainer.right, plainer.pull)
    let (free, mixed) = (main.free, main.mixed)
    self.free = free
    self.mixed = mixed
    normal = main.normal
    right = main.right
    pull = main.pull
    chiSquared = squares - zip(b, free).reduce(0.0) { $0 + $1.0 * $1.1 }
    x = free[1] / free[0]
    varianceOfX = zip(gradient, factor.solve(gradient)).reduce(0.0) { $0 + $1.0 * $1.1 }
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
      spectrum.varianceOfOthers(amounts, bin)
        + amounts[0] * amounts[0] * spectrum.constantVariance[bin]
        + 2 * amounts[0] * amounts[1] * spectrum.crossCovariance[bin]
        + amounts[1] * amounts[1] * spectrum.slopeVariance[bin])
  }
}
