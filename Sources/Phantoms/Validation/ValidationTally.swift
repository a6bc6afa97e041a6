import Volumetry

/// Sums over the voxels of a case for one method.
struct ValidationTally: Sendable {
  var errors = Moments()
  /// Errors over the stated sigma.
  var pulls = Moments()
  /// Errors over the bound of the counts, and over that with the standards.
  var relative = Moments()
  var relativeWithStandards = Moments()
  var sigmas = Moments()
  var sharedSigmas = Moments()
  var bounds = Moments()
  var missing = 0
  var inside68 = 0
  var inside95 = 0
  /// Number and mean error of each repeat.
  var repeats: [(count: Int, mean: Double)] = []
  /// Sums of place along the detector, its square, and its product with the error.
  private var places = (0.0, 0.0, 0.0)

  static let inner = Distributions.normalQuantile(0.84134474606854293)
  static let outer = Distributions.normalQuantile(0.975)

  /// - Parameters:
  ///   - place: column of the detector from -0.5 to 0.5.
  mutating func add(x: Double, sigma: Double, truth: Double, bound: ErrorBound, place: Double) {
    guard x.isFinite, sigma.isFinite, sigma > 0 else {
      missing += 1
      return
    }
    let error = x - truth
    errors.add(error)
    pulls.add(error / sigma)
    relative.add(error / bound.counting)
    relativeWithStandards.add(error / bound.withStandards)
    sigmas.add(sigma)
    bounds.add(bound.counting)
    if abs(error) <= Self.inner * sigma { inside68 += 1 }
    if abs(error) <= Self.outer * sigma { inside95 += 1 }
    places.0 += place
    places.1 += place * place
    places.2 += place * error
  }

  mutating func merge(_ other: ValidationTally) {
    errors.merge(other.errors)
    pulls.merge(other.pulls)
    relative.merge(other.relative)
    relativeWithStandards.merge(other.relativeWithStandards)
    sigmas.merge(other.sigmas)
    sharedSigmas.merge(other.sharedSigmas)
    bounds.merge(other.bounds)
    missing += other.missing
    inside68 += other.inside68
    inside95 += other.inside95
    places.0 += other.places.0
    places.1 += other.places.1
    places.2 += other.places.2
    repeats.append((other.errors.count, other.errors.mean))
  }

  /// Standard deviation of the mean error: from the scatter among ten repeats or more, which share nothing; else
  /// from that among voxels and the error that the map says its voxels share.
  var biasError: Double {
    let count = Double(errors.count)
    if repeats.count >= 10 {
      let sum = repeats.reduce(0.0) { sum, one in
        let part = Double(one.count) * (one.mean - errors.mean)
        return sum + part * part
      }
      return (sum * Double(repeats.count) / Double(repeats.count - 1)).squareRoot() / count
    }
    let shared = sharedSigmas.count > 0 ? sharedSigmas.mean : 0
    return (errors.variance / count + shared * shared / Double(max(1, repeats.count))).squareRoot()
  }

  /// Change of the error from one edge of the detector to the other, and its standard deviation.
  var trend: (slope: Double, sigma: Double)? {
    let count = Double(errors.count)
    let spread = places.1 - places.0 * places.0 / count
    guard errors.count > 2, spread > 1e-9 else { return nil }
    let slope = (places.2 - places.0 * errors.mean) / spread
    let left = errors.variance * (count - 1) - slope * slope * spread
    return (slope, (max(0, left) / (count - 2) / spread).squareRoot())
  }
}

/// A part of voxels with its 95 % interval (Wilson, J. Am. Stat. Assoc. 22 (1927) 209).
public struct Coverage: Sendable, Hashable, Codable {
  public var value: Double
  public var low: Double
  public var high: Double

  init(_ inside: Int, of count: Int) {
    guard count > 0 else {
      (value, low, high) = (.nan, 0, 1)
      return
    }
    let n = Double(count)
    let part = Double(inside) / n
    let z = ValidationTally.outer
    let middle = (part + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (part * (1 - part) / n + z * z / (4 * n * n)).squareRoot()
    (value, low, high) = (part, max(0, middle - half), min(1, middle + half))
  }
}
