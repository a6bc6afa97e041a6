import Volumetry

extension ErrorsInVariables {
  /// A straight line through points with errors on both axes.
  public struct York: Sendable, Codable, Equatable {
    public let slope: Double
    public let intercept: Double
    /// Standard error from the given errors, times the root of `reducedChiSquared` where that exceeds 1 and
    /// the root of voxels over effective voxels.
    public let slopeSigma: Double
    public let reducedChiSquared: Double

    enum CodingKeys: String, CodingKey {
      case slope, intercept
      case slopeSigma = "slope_sigma"
      case reducedChiSquared = "reduced_chi_squared"
    }

    /// - Returns: nil where the iteration finds no finite slope.
    public init?(
      _ x: [Double], _ y: [Double], sigmaX: [Double], sigmaY: [Double], covariance: [Double]? = nil,
      effectiveShare: Double = 1
    ) {
      let n = x.count
      guard n > 2 else { return nil }
      let wx = sigmaX.map { 1 / max($0 * $0, 1e-300) }
      let wy = sigmaY.map { 1 / max($0 * $0, 1e-300) }
      // With r / alpha = r sigma_x sigma_y, the covariance of the errors of a point.
      let shared = (0..<n).map { covariance?[$0] ?? 0 }
      func weight(_ i: Int, _ b: Double) -> Double {
        1 / (1 / wy[i] + b * b / wx[i] - 2 * b * shared[i])
      }
      var slope = Self.start(x, y)
      var intercept = 0.0
      var error = Double.nan
      for _ in 0..<200 {
        var total = 0.0
        var mx = 0.0
        var my = 0.0
        let w = (0..<n).map { weight($0, slope) }
        for i in 0..<n {
          total += w[i]
          mx += w[i] * x[i]
          my += w[i] * y[i]
        }
        mx /= total
        my /= total
        var top = 0.0
        var bottom = 0.0
        var centre = 0.0
        let beta = (0..<n).map { i in
          let (u, v) = (x[i] - mx, y[i] - my)
          return w[i] * (u / wy[i] + slope * v / wx[i] - (slope * u + v) * shared[i])
        }
        for i in 0..<n {
          top += w[i] * beta[i] * (y[i] - my)
          bottom += w[i] * beta[i] * (x[i] - mx)
          centre += w[i] * beta[i] / total
        }
        let next = top / bottom
        guard next.isFinite else { return nil }
        var curvature = 0.0
        for i in 0..<n { curvature += w[i] * (beta[i] - centre) * (beta[i] - centre) }
        error = (1 / curvature).squareRoot()
        intercept = my - next * mx
        let isDone = abs(next - slope) <= 1e-12 * abs(next)
        slope = next
        if isDone { break }
      }
      var chi = 0.0
      for i in 0..<n {
        let w = weight(i, slope)
        let residual = y[i] - slope * x[i] - intercept
        chi += w * residual * residual
      }
      guard error.isFinite, chi.isFinite, chi >= 0 else { return nil }
      self.slope = slope
      self.intercept = intercept
      reducedChiSquared = chi / Double(n - 2)
      slopeSigma = error * max(1, reducedChiSquared).squareRoot() / max(1e-9, effectiveShare).squareRoot()
    }

    private static func start(_ x: [Double], _ y: [Double]) -> Double {
      var a = Moments()
      var b = Moments()
      for value in x { a.add(value) }
      for value in y { b.add(value) }
      let r = Correlations.pearson(x, y)
      return (r < 0 ? -1 : 1) * b.standardDeviation / a.standardDeviation
    }
  }
}
