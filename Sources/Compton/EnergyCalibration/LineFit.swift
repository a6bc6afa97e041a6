import Volumetry

/// Poisson maximum-likelihood fit of Gaussian lines of known distances on a local background.
struct LineFit: Sendable {
  /// Shift of the lines against where they were expected, in units of the axis, and its standard deviation.
  let shift: Double
  let sigma: Double
  /// Standard deviation of the Gaussian in units of the axis.
  let width: Double
  /// Counts of each cluster and their standard deviations.
  let counts: [Double]
  let countSigmas: [Double]
  /// The tail's part of the lines; 0 without tail.
  let tail: Double
  /// Minus twice the logarithm of the likelihood, up to a constant.
  let cost: Double

  /// Largest part that a tail may take; more is another line or a background.
  private static let largestTail = 0.6

  private static let largestIterations = 60

  /// Levenberg and Marquardt's steps on the Fisher information.
  ///
  /// - Parameters:
  ///   - width: expected standard deviation of a line.
  /// - Returns: nil where the fit does not converge or has fewer bins than parameters.
  init?(_ data: [Double], model: LineModel, width expected: Double) {
    guard data.count > model.count, let highest = data.max(), highest > 0 else { return nil }
    let floor = max(1e-3, 0.01 * data.reduce(0, +) / Double(data.count))
    var p = Self.start(data, model: model, width: expected, floor: floor)
    var current = model.cost(p, counts: data)
    var damping = 1e-3
    var inverse: Matrix?
    for _ in 0..<Self.largestIterations {
      let (information, score) = model.information(p, counts: data, floor: floor)
      var damped = information
      for i in 0..<model.count { damped[i, i] *= 1 + damping }
      guard let plain = Cholesky(information), let factor = Cholesky(damped) else { return nil }
      var next = zip(p, factor.solve(score)).map(+)
      next[LineModel.width] = min(
        max(next[LineModel.width], 0.5 * p[LineModel.width]), 2 * p[LineModel.width])
      for cluster in 0..<model.clusters {
        next[LineModel.firstCluster + cluster] = max(next[LineModel.firstCluster + cluster], 1e-3)
      }
      if let tail = model.tail { next[tail] = min(max(next[tail], 0), Self.largestTail) }
      let value = model.cost(next, counts: data)
      guard value.isFinite, value <= current + 1e-9 * abs(current) else {
        damping *= 8
        if damping > 1e8 { break }
        continue
      }
      let gain = current - value
      p = next
      current = value
      damping = max(1e-9, damping / 8)
      inverse = plain.inverse
      if gain < 1e-7 && damping < 1e-2 { break }
    }
    guard let inverse, abs(p[0]) < 2 * model.half, p[LineModel.width] > 0 else { return nil }
    shift = p[0]
    sigma = inverse[0, 0].squareRoot()
    width = p[LineModel.width]
    tail = model.tail.map { p[$0] } ?? 0
    cost = 2 * current
    let own = LineModel.firstCluster..<(LineModel.firstCluster + model.clusters)
    counts = own.map { p[$0] }
    countSigmas = own.map { inverse[$0, $0].squareRoot() }
  }

  /// A flat background at the lower quartile, and the rest shared by the clusters.
  private static func start(
    _ data: [Double], model: LineModel, width: Double, floor: Double
  ) -> [Double] {
    var p = [Double](repeating: 0, count: model.count)
    let level = max(floor, Quantiles.quantile(data, 0.25))
    let above = max(1, data.reduce(0) { $0 + max(0, $1 - level) })
    p[LineModel.width] = width
    for cluster in 0..<model.clusters {
      p[LineModel.firstCluster + cluster] = above / Double(model.clusters)
    }
    p[model.background] = level
    if let tail = model.tail { p[tail] = 0.1 }
    return p
  }
}
