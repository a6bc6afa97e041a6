public import Volumetry

/// What known errors of the values do to a relation, and the relation without them.
public struct ErrorsInVariables: Sendable, Codable, Equatable {
  /// Part of the variance of x and y that is not error: 1 where a side has none.
  public let reliabilityX: Double
  public let reliabilityY: Double
  /// Correlation of the errors of both sides, over all voxels; nil where they share none.
  public let correlationOfErrors: Double?
  /// The coefficient of the values as they are, errors and all.
  public let uncorrectedCorrelation: Double
  /// Correlation of the true values, `(cov(x, y) - cov(e_x, e_y)) / (s_x s_y sqrt(reliability_x reliability_y))`
  /// (Spearman 1904; Fuller 1987, 1.2 and 2.2), with the interval of a block bootstrap; nil where a side is all error.
  public let correctedCorrelation: Estimate?
  /// Slope of y against the true x, `(cov(x, y) - cov(e_x, e_y)) / (var(x) - mean(sigma_x^2))` (Fuller 1987, 2.2),
  /// which leaves y a scatter of its own.
  public let slope: Estimate?
  /// Slope and intercept of York et al., Am. J. Phys. 72 (2004) 367: all scatter about the line is the given
  /// errors. Nil unless both sides have errors.
  public let york: York?

  enum CodingKeys: String, CodingKey {
    case reliabilityX = "reliability_x"
    case reliabilityY = "reliability_y"
    case correlationOfErrors = "correlation_of_errors"
    case uncorrectedCorrelation = "uncorrected_correlation"
    case correctedCorrelation = "corrected_correlation"
    case slope, york
  }

  /// - Parameters:
  ///   - sigmaX: standard errors of x in the order of the pair's values; nil for none.
  ///   - sigmaY: the same of y.
  ///   - covariance: of the errors of x and y, voxel by voxel; nil for errors that know nothing of each other.
  /// - Throws: `data` where an error is negative or missing.
  public init(
    _ pair: FieldPair, sigmaX: [Double]?, sigmaY: [Double]?, covariance: [Double]? = nil,
    effective: Double, bootstrap: BlockBootstrap, confidence: Double = 0.95,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    try self.init(
      pair, sigmaX: sigmaX, sigmaY: sigmaY, covariance: covariance, effective: effective,
      bootstrap: bootstrap, correlations: try bootstrap.correlations(of: pair, resources: resources),
      confidence: confidence,
      resources: resources)
  }

  /// - Parameter correlations: Pearson's coefficients of the bootstrap's replicates.
  init(
    _ pair: FieldPair, sigmaX: [Double]?, sigmaY: [Double]?, covariance: [Double]?, effective: Double,
    bootstrap: BlockBootstrap, correlations: [Double], confidence: Double, resources: Resources
  ) throws(VoxelithError) {
    for sigma in [sigmaX, sigmaY].compactMap({ $0 }) {
      guard sigma.count == pair.count, sigma.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw VoxelithError(.data, "the errors of a quantity must be given and not negative for every voxel")
      }
    }
    guard covariance?.count ?? pair.count == pair.count else {
      throw VoxelithError(.data, "the covariance of the errors must be given for every voxel")
    }
    let squaresX = sigmaX?.map { $0 * $0 }
    let squaresY = sigmaY?.map { $0 * $0 }
    let all = Array(0..<pair.count)
    let moments = Self.moments(pair, all, squaresX, squaresY, covariance)
    let stretch = BlockBootstrap.stretch(correlations: correlations, effective: effective)
    uncorrectedCorrelation = Correlations.pearson(pair.x, pair.y)
    if let covariance, let squaresX, let squaresY {
      let size = (mean(squaresX) * mean(squaresY)).squareRoot()
      correlationOfErrors = size > 0 ? mean(covariance) / size : nil
    } else {
      correlationOfErrors = nil
    }
    reliabilityX = moments.reliabilityX
    reliabilityY = moments.reliabilityY
    let replicates =
      moments.correlation.isNaN && moments.slope.isNaN
      ? []
      : try bootstrap.results(of: pair, resources: resources) { chosen in
        Self.moments(pair, chosen, squaresX, squaresY, covariance)
      }
    if moments.correlation.isNaN {
      correctedCorrelation = nil
    } else {
      let range = BlockBootstrap.interval(
        value: moments.correlation, replicates: replicates.map(\.correlation).filter { !$0.isNaN },
        stretch: stretch, confidence: confidence)
      func held(_ r: Double) -> Double { min(1, max(-1, r)) }
      correctedCorrelation = Estimate(value: held(range.value), low: held(range.low), high: held(range.high))
    }
    slope =
      moments.slope.isNaN
      ? nil
      : BlockBootstrap.interval(
        value: moments.slope, replicates: replicates.map(\.slope).filter { !$0.isNaN }, stretch: stretch,
        confidence: confidence)
    if let sigmaX, let sigmaY {
      york = York(
        pair.x, pair.y, sigmaX: sigmaX, sigmaY: sigmaY, covariance: covariance,
        effectiveShare: effective / Double(pair.count))
    } else {
      york = nil
    }
  }

  private static func moments(
    _ pair: FieldPair, _ chosen: [Int], _ squaresX: [Double]?, _ squaresY: [Double]?,
    _ covariance: [Double]?
  ) -> SlopeMoments {
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
    var exy = 0.0
    for i in chosen {
      xx += (pair.x[i] - mx) * (pair.x[i] - mx)
      yy += (pair.y[i] - my) * (pair.y[i] - my)
      xy += (pair.x[i] - mx) * (pair.y[i] - my)
      ex += squaresX?[i] ?? 0
      ey += squaresY?[i] ?? 0
      exy += covariance?[i] ?? 0
    }
    xx /= n - 1
    yy /= n - 1
    xy = xy / (n - 1) - exy / n
    let trueX = xx - ex / n
    let trueY = yy - ey / n
    let both = trueX > 0 && trueY > 0
    return SlopeMoments(
      reliabilityX: max(0, trueX / xx), reliabilityY: max(0, trueY / yy),
      correlation: both ? xy / (trueX * trueY).squareRoot() : .nan, slope: trueX > 0 ? xy / trueX : .nan)
  }
}

/// What second moments without their errors tell; NaN where nothing but errors is left.
private struct SlopeMoments: Sendable {
  let reliabilityX: Double
  let reliabilityY: Double
  let correlation: Double
  let slope: Double
}
