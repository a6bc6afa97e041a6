import Foundation

/// A number with its error, or why there is none.
public struct UncertainValue: Sendable, Hashable, Codable {
  public var value: Double?
  /// Standard deviation, and its parts by what voxels do not share and by what they do.
  public var sigma: Double?
  public var ownSigma: Double?
  public var commonSigma: Double?
  /// Ends of the 95 % interval.
  public var interval: [Double]?
  /// Why there is no value.
  public var reason: String?

  enum CodingKeys: String, CodingKey {
    case value, sigma, reason
    case ownSigma = "sigma_own"
    case commonSigma = "sigma_common"
    case interval = "interval_95"
  }

  public init(reason: String) { self.reason = reason }

  /// A number above zero whose logarithm has a normal error.
  ///
  /// - Parameters:
  ///   - relative: standard deviation of the logarithm, and the part of it that voxels do not share.
  public init(_ value: Double, relative: Double, own: Double) {
    self.value = value
    sigma = value * relative
    ownSigma = value * min(own, relative)
    commonSigma = value * max(0, relative * relative - own * own).squareRoot()
    interval = [value * exp(-1.959964 * relative), value * exp(1.959964 * relative)]
  }

  /// A number with a normal error.
  public init(_ value: Double, sigma: Double) {
    self.value = value
    self.sigma = sigma
    interval = [value - 1.959964 * sigma, value + 1.959964 * sigma]
  }

  /// Whether a number lies within the interval; nil where there is none.
  public func holds(_ number: Double) -> Bool? {
    interval.map { $0[0] <= number && number <= $0[1] }
  }

  /// This number over another one that is known.
  public func over(_ other: Double) -> UncertainValue {
    var result = self
    result.value = value.map { $0 / other }
    result.sigma = sigma.map { $0 / other }
    result.ownSigma = ownSigma.map { $0 / other }
    result.commonSigma = commonSigma.map { $0 / other }
    result.interval = interval.map { $0.map { $0 / other } }
    return result
  }
}
