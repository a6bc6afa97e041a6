/// What a fit says of one voxel.
public struct VoxelFit: Sendable, Hashable {
  /// Lithium content; NaN where the status is not `good` or `outsideRange`.
  public var x = Double.nan
  /// Standard deviation of x from the counts and the calibration.
  public var sigma = Double.nan
  /// The part of `sigma` that all voxels share: the errors of the standards.
  public var sharedSigma = Double.nan
  /// The part of `sigma` by the errors of the volume fractions.
  public var fractionSigma = 0.0
  /// Change of x by one standard deviation of each component's fraction; empty where the fractions are exact.
  public var fractionPulls: [Float] = []
  /// What `sigma` would be if the amounts of the components were known; NaN where they were not fitted.
  public var sigmaOfKnownComponents = Double.nan
  /// Amplitude of the active material: 1 for a filled voxel volume.
  public var amplitude = Double.nan
  /// Poisson deviance and its mean if the model is right (both over the bins of the fit).
  public var deviance = Double.nan
  public var expectedDeviance = Double.nan
  public var iterations = 0
  public var status = VoxelStatus.good

  public init() {}

  init(status: VoxelStatus) { self.status = status }
}

/// Why a voxel has a value or none; the numbers are those of `mask.tif`.
public enum VoxelStatus: UInt8, Sendable, Hashable, Codable, CaseIterable {
  case good = 0
  /// No counts of the active material above five standard deviations of their noise.
  case empty = 1
  /// Fewer counts than a fit needs.
  case tooFewCounts = 2
  case notConverged = 3
  /// x lies outside the calibrated range by more than its error allows. The value is kept.
  case outsideRange = 4
  /// A count is negative or not a number.
  case badCounts = 5
  /// The pixel is dead or has no scattering angle.
  case deadPixel = 6
  /// The fractions say that the voxel holds (almost) no active material.
  case noActiveMaterial = 7
  /// Far more counts than the neighbours, the other depths of the pixel and the brightest of the volume.
  case hot = 8
  /// No counts where neighbours and other depths have many.
  case dead = 9
  /// No fractions are known of the voxel: the XCT does not see it whole.
  case notCovered = 10

  /// Whether the voxel's x is written.
  public var hasValue: Bool { self == .good || self == .outsideRange }

  /// Whether the voxel takes part in means, sums and ranges: a flagged value is shown, and counts for nothing.
  public var takesPart: Bool { self == .good }

  /// The reason of a voxel whose fractions do not let it be fitted.
  static func ofUnchosen(isCovered: Bool) -> VoxelStatus { isCovered ? .noActiveMaterial : .notCovered }

  /// Key in JSON.
  public var key: String {
    switch self {
    case .good: "good"
    case .empty: "empty"
    case .tooFewCounts: "too_few_counts"
    case .notConverged: "not_converged"
    case .outsideRange: "outside_calibrated_range"
    case .badCounts: "bad_counts"
    case .deadPixel: "dead_pixel"
    case .noActiveMaterial: "no_active_material"
    case .hot: "hot"
    case .dead: "dead"
    case .notCovered: "not_covered"
    }
  }
}
