/// Settings of a statistical reconstruction.
public struct ReconstructionOptions: Sendable, Hashable {
  /// Root mean square change of the contrast from a voxel to the next that the regularisation allows; nil to choose it from the data.
  public var roughness: Double?
  /// Part of the variance of a voxel that may be left to the regularisation where its strength is chosen.
  public var biasShare = 0.25
  /// Sets of eight noise samples that errors are found with (the first of the 8 x n samples carry the mean).
  public var sampleSets = 4
  /// Density below which a voxel counts as empty, as a part of the ninetieth percentile of the slice with most.
  public var minimumShare = 0.2
  public var seed: UInt64 = 1

  public init() {}
}
