import Foundation
import Volumetry

/// How counts came in while a map grew, and how much longer they have to for a wanted error.
///
/// The variance of x by counts falls as one over the time that a voxel was measured; the part of the standards stays. So a voxel with sigma
/// after the time t needs the time t (sigma^2 - b^2) / (S^2 - b^2) for S, where b is the part of the standards. Where all voxels are measured at
/// once, t is the counts over their rate. Where they are measured one after the other (a raster), each needs its time by itself, and what was not
/// measured yet is taken to be like what was.
package struct CountHistory: Sendable {
  /// Counts of all voxels at a time in seconds.
  package struct Moment: Sendable, Equatable {
    let seconds: Double
    let counts: Double
    let mapped: Int
    /// Voxels that got counts since the moment before.
    let changed: Int
    /// Variance among voxels of the logarithm of the variance of x, see ``MapFacts/spread``.
    let spread: Double?

    package init(seconds: Double, counts: Double, mapped: Int, changed: Int, spread: Double? = nil) {
      (self.seconds, self.counts, self.mapped, self.changed) = (seconds, counts, mapped, changed)
      self.spread = spread
    }
  }

  private(set) var moments: [Moment] = []

  package init() {}

  /// Moments that are kept; when there are more, every second one of the older half is forgotten.
  private static let most = 4096

  package mutating func add(_ moment: Moment) {
    // Counts that became fewer are those of another scan.
    if let last = moments.last, moment.counts < last.counts { moments = [] }
    moments.append(moment)
    if moments.count > Self.most {
      let half = moments.count / 2
      moments = (0..<half).filter { $0.isMultiple(of: 2) }.map { moments[$0] } + moments[half...]
    }
  }

  /// Net counts per second; nil before counts came in twice.
  package var rate: ArrivalRate? { ArrivalRate(moments) }

  /// How the voxels' variances of x differ: by what they are, and by the noise in which they are known, which falls as one over the
  /// counts. A straight line through the spreads over 1 / counts.
  var spread: (lasting: Double, perCount: Double)? {
    let known = moments.compactMap { moment in moment.spread.map { (x: 1 / max(1, moment.counts), y: $0) } }
    guard known.count > 1 else { return nil }
    let number = Double(known.count)
    let (x, y) = (known.reduce(0) { $0 + $1.x } / number, known.reduce(0) { $0 + $1.y } / number)
    let square = known.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    guard square > 0 else { return nil }
    let slope = max(0, known.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / square)
    let lasting = y - slope * x
    // Where the line meets zero before the counts are endless, all is noise.
    return lasting > 0 ? (lasting, slope) : (0, y / x)
  }

  /// Whether voxels are measured one after the other: in most renewals less than half of those that are mapped got counts.
  package var isRaster: Bool {
    let recent = moments.dropFirst().suffix(8)
    guard !recent.isEmpty else { return false }
    return recent.count { 2 * $0.changed < $0.mapped } * 2 > recent.count
  }
}

/// The time until an error is reached.
public struct TimeLeft: Sendable, Equatable, Codable {
  /// sigma(x) now; nil where no voxel is mapped.
  public var sigma: Double?
  /// The one that is wanted.
  public var wanted: Double
  /// Seconds of measuring as it went so far; 0 where it is reached, nil where that cannot be told.
  public var seconds: Double?
  /// Why no time is told.
  public var reason: String?

  package init(
    _ facts: MapFacts, _ history: CountHistory, wanted: Double, target: SigmaTarget
  ) {
    self.wanted = wanted
    guard let sigma = facts.sigma(of: target) else {
      reason = "no voxel is mapped"
      return
    }
    self.sigma = sigma
    let shared = facts.sharedSigma
    let (now, then) = (sigma * sigma - shared * shared, wanted * wanted - shared * shared)
    guard then > 0 else {
      reason = "the error by the standards alone is \(String(format: "%.2g", shared))"
      return
    }
    guard let rate = history.rate?.value, rate > 0 else {
      if sigma <= wanted {
        seconds = 0
      } else {
        reason = "the rate is not known yet"
      }
      return
    }
    var factor = max(0, now) / then
    if target == .worst, let own = Self.worstFactor(facts, history, variance: then) { factor = own }
    if history.isRaster, facts.mapped > 0 {
      let voxels = facts.voxels(of: target)
      let perVoxel = facts.totalCounts / Double(facts.mapped) / rate
      let left = max(1, factor) * Double(voxels.all) - Double(voxels.mapped)
      seconds = max(0, perVoxel * left)
    } else {
      seconds = max(0, facts.totalCounts / rate * (factor - 1))
    }
  }

  /// By how much the counts must grow until the voxel with the largest error has a variance of x.
  ///
  /// The largest of many errors is the largest in part by the noise in which errors are known, and that noise falls, too: what is left of
  /// its distance from the median is what voxels differ by, and what the noise will be then.
  private static func worstFactor(
    _ facts: MapFacts, _ history: CountHistory, variance wanted: Double
  ) -> Double? {
    let shared = facts.sharedSigma * facts.sharedSigma
    guard let median = facts.sigma(of: .all), let largest = facts.sigma(of: .worst),
      let spread = facts.spread,
      spread > 0, let parts = history.spread, facts.totalCounts > 0
    else { return nil }
    let (middle, top) = (log(median * median - shared), log(largest * largest - shared))
    guard middle.isFinite, top.isFinite, top > middle else { return nil }
    let noise = parts.perCount / facts.totalCounts
    let share = noise / (parts.lasting + noise)
    func logVariance(_ factor: Double) -> Double {
      middle - log(factor) + (top - middle) * (1 - share + share / factor).squareRoot()
    }
    var (low, high) = (1.0, 2.0)
    guard logVariance(low) > log(wanted) else { return exp(top) / wanted }
    while logVariance(high) > log(wanted), high < 1e12 { high *= 2 }
    for _ in 0..<60 {
      let middle = 0.5 * (low + high)
      if logVariance(middle) > log(wanted) { low = middle } else { high = middle }
    }
    return high
  }
}
