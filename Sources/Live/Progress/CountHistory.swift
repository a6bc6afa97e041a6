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

    package init(seconds: Double, counts: Double, mapped: Int, changed: Int) {
      (self.seconds, self.counts, self.mapped, self.changed) = (seconds, counts, mapped, changed)
    }
  }

  private(set) var moments: [Moment] = []
  /// Maps at which the counts were two thirds or less of those of the next: the last one, and the one before.
  private var marks: [MapFacts] = []
  /// Variances of the noise of ``MapFacts/precision(_:)`` as the last renewals tell them.
  private var noises: [Double] = []

  package init() {}

  /// Moments that are kept; when there are more, every second one of the older half is forgotten.
  private static let most = 4096

  /// Adds a map.
  ///
  /// - Parameter changed: voxels that got counts since the map before.
  package mutating func add(_ facts: MapFacts, seconds: Double, changed: Int) {
    add(Moment(seconds: seconds, counts: facts.totalCounts, mapped: facts.mapped, changed: changed))
    if let last = marks.last, Self.growth * last.totalCounts > facts.totalCounts {
      if let earlier = marks.dropLast().last { note(facts, since: earlier) }
      return
    }
    marks = marks.suffix(1) + [facts]
    if marks.count > 1 { note(facts, since: marks[0]) }
  }

  private mutating func note(_ facts: MapFacts, since earlier: MapFacts) {
    guard let noise = facts.precisionNoise(since: earlier) else { return }
    noises = noises.suffix(Self.mostNoises - 1) + [noise]
  }

  /// How much the counts grow between two maps that tell the noise, and how many such tellings count.
  private static let growth = 1.5
  private static let mostNoises = 8

  /// Variance of the noise of ``MapFacts/precision(_:)``; nil before it is known.
  var noise: Double? { noises.isEmpty ? nil : noises.reduce(0, +) / Double(noises.count) }

  package mutating func add(_ moment: Moment) {
    // Counts that became fewer are those of another scan.
    if let last = moments.last, moment.counts < last.counts { (moments, marks, noises) = ([], [], []) }
    moments.append(moment)
    if moments.count > Self.most {
      let half = moments.count / 2
      moments = (0..<half).filter { $0.isMultiple(of: 2) }.map { moments[$0] } + moments[half...]
    }
  }

  /// Net counts per second; nil before counts came in twice.
  package var rate: ArrivalRate? { ArrivalRate(moments) }

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
    if target == .worst, let noise = history.noise,
      let voxels = WorstVoxel(facts, noise: noise, all: history.isRaster ? facts.shape.count : facts.mapped)
    {
      factor = voxels.factor(untilVariance: then)
    }
    if history.isRaster, facts.mapped > 0 {
      let voxels = facts.voxels(of: target)
      let perVoxel = facts.totalCounts / Double(facts.mapped) / rate
      let left = max(1, factor) * Double(voxels.all) - Double(voxels.mapped)
      seconds = max(0, perVoxel * left)
    } else {
      seconds = max(0, facts.totalCounts / rate * (factor - 1))
    }
  }
}
