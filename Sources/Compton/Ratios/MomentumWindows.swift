public import Volumetry

/// The two windows of a ratio of momentum densities, in atomic units of momentum.
///
/// The numerator is |pz| < `inner`, where valence electrons live; the denominator is
/// `outerFrom` < |pz| < `outerTo`, where core electrons do. The S-parameter of Suzuki et al. (J. Appl. Phys. 119
/// (2016) 025103) has d = `inner` = `outerFrom` and r = `outerTo`.
public struct MomentumWindows: Sendable, Hashable, Codable {
  /// Which side of the Compton peak counts: the whole window, or the half at positive or negative pz.
  public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
    case both, positive, negative
  }

  public var inner: Double
  public var outerFrom: Double
  public var outerTo: Double
  public var side: Side

  enum CodingKeys: String, CodingKey {
    case inner = "inner_au"
    case outerFrom = "outer_from_au"
    case outerTo = "outer_to_au"
    case side
  }

  /// - Throws: `usage` unless 0 < inner <= outerFrom < outerTo.
  public init(
    inner: Double, outerFrom: Double, outerTo: Double, side: Side = .both
  ) throws(VoxelithError) {
    guard inner > 0, outerFrom >= inner, outerTo > outerFrom, outerTo.isFinite else {
      throw VoxelithError(
        .usage,
        "the windows |pz| < \(inner) and \(outerFrom) < |pz| < \(outerTo) a.u. are not in increasing order")
    }
    self.inner = inner
    self.outerFrom = outerFrom
    self.outerTo = outerTo
    self.side = side
  }

  /// The windows of an S-parameter: |pz| < d against d < |pz| < r.
  public static func sParameter(
    d: Double, r: Double, side: Side = .both
  ) throws(VoxelithError) -> MomentumWindows {
    try MomentumWindows(inner: d, outerFrom: d, outerTo: r, side: side)
  }

  /// Pieces of the momentum axis that make the numerator and the denominator.
  var pieces: (numerator: [ClosedRange<Double>], denominator: [ClosedRange<Double>]) {
    switch side {
    case .both: ([-inner...inner], [-outerTo...(-outerFrom), outerFrom...outerTo])
    case .positive: ([0...inner], [outerFrom...outerTo])
    case .negative: ([-inner...0], [-outerTo...(-outerFrom)])
    }
  }

  /// S of a profile without smearing.
  public func ratio(of profile: some MomentumProfile) -> Double {
    profile.integral(from: 0, to: inner) / profile.integral(from: outerFrom, to: outerTo)
  }
}
