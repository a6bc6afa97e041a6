/// Settings of a statistical reconstruction.
public struct ReconstructionOptions: Sendable, Hashable {
  /// Root mean square change of the contrast from a voxel to the next that the regularisation allows; nil to choose it from the data.
  public var roughness: Double?
  /// By what part the expected error may exceed the least one where the strength is chosen: the regularisation is loosened so far.
  public var errorMargin = 0.15
  /// Sets of eight noise samples that errors are found with (the first of the 8 x n samples carry the mean).
  public var sampleSets = 4
  /// Density below which a voxel counts as empty, as a part of the ninetieth percentile of the slice with most.
  public var minimumShare = 0.2
  public var seed: UInt64 = 1
  /// Full width at half maximum, in columns, of what the detector shows of a point.
  public var pointSpread = 0.0

  public init() {}
}
