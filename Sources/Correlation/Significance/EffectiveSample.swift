public import Volumetry

extension FieldPair {
  /// Fewer voxels than this tell nothing of the likeness of neighbours: they are taken as independent.
  public static let fewestForLikeness = 10

  /// Number of independent voxels for the correlation of two fields, from the autocorrelation of both:
  /// `1 + 1 / var(r)`, `var(r) = sum over all pairs of voxels of rho_a rho_b / n^2` (Clifford, Richardson and
  /// Hemon, Biometrics 45 (1989) 123; Dutilleul, Biometrics 49 (1993) 305).
  ///
  /// All lags of the grid count, with their sign. Under no relation the scatter of both estimates is independent
  /// and cancels in the mean; the mean that both fields lost makes their long lags negative, and the product of
  /// two negative ones is positive, as it must be. Where one field is alike over lags at which the other is
  /// opposed, r scatters less than between independent voxels, so that the number may exceed that of the
  /// voxels; it is held to twice that, since the sum has a scatter of its own.
  ///
  /// Between related fields that scatter is common and does not cancel. The more certain a relation is, the more the sum is
  /// taken between one field and what the other has beside it, whose scatter is independent again.
  ///
  /// - Parameters:
  ///   - a: values at the pair's voxels; residuals where controls were taken out.
  ///   - b: the same of the other side.
  ///   - spent: degrees of freedom that controls took.
  public func effectiveCount(
    of a: [Double], _ b: [Double], spent: Int = 0
  ) throws(VoxelithError) -> Double {
    let n = Double(count)
    let left = n - Double(spent)
    guard count >= Self.fewestForLikeness else { return left }
    let whole = try products(a, b)
    let r = Correlations.pearson(a, b)
    func number(_ sum: Double) -> Double { 1 + n * n / max(0.5 * n, sum) }
    var sum = whole
    // At the border of significance both are the same.
    let certainty = r.isFinite && abs(r) < 1 - 1e-9 ? 1 - 4 / (r * r * number(whole)) : 0
    if certainty > 0 {
      let apart = max(try products(a, rest(of: b, beside: a)), try products(b, rest(of: a, beside: b)))
      let weight = max(0, 1 - 4 / (r * r * number(apart)))
      sum += weight * (min(apart, whole) - whole)
    }
    return max(3, number(sum) * left / n)
  }

  /// Sum over all lags of pairs times both autocorrelations.
  private func products(_ a: [Double], _ b: [Double]) throws(VoxelithError) -> Double {
    let reach = Shape(z: shape.z - 1, y: shape.y - 1, x: shape.x - 1)
    let first = try Autocorrelation(onGrid(a), shape: shape, reach: reach)
    let second = try Autocorrelation(onGrid(b), shape: shape, reach: reach)
    var sum = 0.0
    for lag in first.values.indices { sum += first.pairs[lag] * first.values[lag] * second.values[lag] }
    return sum
  }

  /// What the line through one side leaves of the other.
  private func rest(of y: [Double], beside x: [Double]) -> [Double] {
    let (mx, my) = (mean(x), mean(y))
    var xx = 0.0
    var xy = 0.0
    for i in x.indices {
      xx += (x[i] - mx) * (x[i] - mx)
      xy += (x[i] - mx) * (y[i] - my)
    }
    let slope = xx > 0 ? xy / xx : 0
    return y.indices.map { y[$0] - my - slope * (x[$0] - mx) }
  }
}
