public import Volumetry

/// What known errors of the values do to a relation, and the relation without them.
public struct ErrorsInVariables: Sendable, Codable, Equatable {
  /// Part of the variance of x and y that is not error: 1 where a side has none.
  public let reliabilityX: Double
  public let reliabilityY: Double
  /// Correlation of the true values, `r / sqrt(reliability_x reliability_y)` (Spearman 1904), with the
  /// interval of a block bootstrap; nil where a side is all error.
  public let correctedCorrelation: Estimate?
  /// Slope of y against the true x, `cov(x, y) / (var(x) - mean(sigma_x^2))` (Fuller 1987, 1.2), which leaves
  /// y a scatter of its own.
  public let slope: Estimate?
  /// Slope and intercept of York et al., Am. J. Phys. 72 (2004) 367: all scatter about the line is the given
  /// errors. Nil unless both sides have errors.
  public let york: York?

  enum CodingKeys: String, CodingKey {
    case reliabilityX = "reliability_x"
    case reliabilityY = "reliability_y"
    case correctedCorrelation = "corrected_correlation"
    case slope, york
  }

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
      _ x: [Double], _ y: [Double], sigmaX: [Double], sigmaY: [Double], effectiveShare: Double = 1
    ) {
      let n = x.count
      guard n > 2 else { return nil }
      let wx = sigmaX.map { 1 / max($0 * $0, 1e-300) }
      let wy = sigmaY.map { 1 / max($0 * $0, 1e-300) }
      var slope = Self.start(x, y)
      var intercept = 0.0
      var error = Double.nan
      for _ in 0..<200 {
        var total = 0.0
        var mx = 0.0
        var my = 0.0
        let w = (0..<n).map { wx[$0] * wy[$0] / (wx[$0] + slope * slope * wy[$0]) }
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
        let beta = (0..<n).map { w[$0] * ((x[$0] - mx) / wy[$0] + slope * (y[$0] - my) / wx[$0]) }
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
        let w = wx[i] * wy[i] / (wx[i] + slope * slope * wy[i])
        let residual = y[i] - slope * x[i] - intercept
        chi += w * residual * residual
      }
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

  /// - Parameters:
  ///   - sigmaX: standard errors of x in the order of the pair's values; nil for none.
  ///   - sigmaY: the same of y.
  /// - Throws: `data` where an error is negative or missing.
  public init(
    _ pair: FieldPair, sigmaX: [Double]?, sigmaY: [Double]?, effective: Double, bootstrap: BlockBootstrap,
    confidence: Double = 0.95, resources: Resources = Resources()
  ) throws(VoxelithError) {
    for sigma in [sigmaX, sigmaY].compactMap({ $0 }) {
      guard sigma.count == pair.count, sigma.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw VoxelithError(.data, "the errors of a quantity must be given and not negative for every voxel")
      }
    }
    let squaresX = sigmaX?.map { $0 * $0 }
    let squaresY = sigmaY?.map { $0 * $0 }
    let all = Array(0..<pair.count)
    let moments = Self.moments(pair, all, squaresX, squaresY)
    let plain = try bootstrap.values(of: pair, resources: resources) { chosen in
      Correlations.pearson(chosen.map { pair.x[$0] }, chosen.map { pair.y[$0] })
    }
    let stretch = BlockBootstrap.stretch(correlations: plain, effective: effective)
    reliabilityX = moments.reliabilityX
    reliabilityY = moments.reliabilityY
    if moments.correlation.isNaN {
      correctedCorrelation = nil
    } else {
      let replicates = try bootstrap.values(of: pair, resources: resources) {
        Self.moments(pair, $0, squaresX, squaresY).correlation
      }
      correctedCorrelation = BlockBootstrap.interval(
        value: moments.correlation, replicates: replicates, stretch: stretch, confidence: confidence)
    }
    if moments.slope.isNaN {
      slope = nil
    } else {
      let replicates = try bootstrap.values(of: pair, resources: resources) {
        Self.moments(pair, $0, squaresX, squaresY).slope
      }
      slope = BlockBootstrap.interval(
        value: moments.slope, replicates: replicates, stretch: stretch, confidence: confidence)
    }
    if let sigmaX, let sigmaY {
      york = York(
        pair.x, pair.y, sigmaX: sigmaX, sigmaY: sigmaY, effectiveShare: effective / Double(pair.count))
    } else {
      york = nil
    }
  }

  private static func moments(
    _ pair: FieldPair, _ chosen: [Int], _ squaresX: [Double]?, _ squaresY: [Double]?
  ) -> (reliabilityX: Double, reliabilityY: Double, correlation: Double, slope: Double) {
    let n = Double(chosen.count)
    var mx = 0.0
    var my = 0.0
    for i in chosen {
      mx += pair.x[i] / n
      my += pair.y[i] / n
    }
    var xx = 0.0
    var yy = 0.0
    var xy = 0.0
    var ex = 0.0
    var ey = 0.0
    for i in chosen {
      xx += (pair.x[i] - mx) * (pair.x[i] - mx)
      yy += (pair.y[i] - my) * (pair.y[i] - my)
      xy += (pair.x[i] - mx) * (pair.y[i] - my)
      ex += squaresX?[i] ?? 0
      ey += squaresY?[i] ?? 0
    }
    xx /= n - 1
    yy /= n - 1
    xy /= n - 1
    let trueX = xx - ex / n
    let trueY = yy - ey / n
    let both = trueX > 0 && trueY > 0
    return (
      max(0, trueX / xx), max(0, trueY / yy), both ? xy / (trueX * trueY).squareRoot() : .nan,
      trueX > 0 ? xy / trueX : .nan
    )
  }
}
