/// Why a voxel has no value, or one to look at: what `mask.tif` holds.
public enum VoxelReason: UInt8, Sendable, Hashable, CaseIterable {
  case good = 0
  /// A value of the spectrum is NaN or infinite.
  case notNumbers = 1
  /// A value is negative where counts were promised.
  case negativeCounts = 2
  /// There is nothing: no counts, or an area that its error does not tell from zero.
  case noSignal = 3
  /// The jump at the edge does not rise above its error.
  case noEdge = 4
  /// No crossing or maximum lies where it was looked for.
  case notFound = 5
  /// The error is larger than the window in which the shape is known: it does not hold there.
  case unresolved = 6
  /// The value is there, but the spectrum crosses half height more than once.
  case severalCrossings = 7
  /// The value is there, but the references do not describe the spectrum.
  case notDescribed = 8

  public var key: String {
    switch self {
    case .good: "good"
    case .notNumbers: "not_numbers"
    case .negativeCounts: "negative_counts"
    case .noSignal: "no_signal"
    case .noEdge: "no_edge"
    case .notFound: "not_found"
    case .unresolved: "unresolved"
    case .severalCrossings: "several_crossings"
    case .notDescribed: "not_described"
    }
  }

  /// Whether the voxel has a value.
  public var hasValue: Bool { self == .good || self == .severalCrossings || self == .notDescribed }
}
