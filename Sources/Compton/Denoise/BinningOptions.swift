/// How far voxels are merged.
public struct BinningOptions: Sendable, Hashable {
  public enum Goal: Sendable, Hashable {
    /// sigma(x) of a bin, with the part of the standards, which merging does not lower.
    case sigma(Double)
    /// Net counts of a bin in the fit's window.
    case counts(Double)
  }

  public var goal: Goal
  /// Most voxels of a bin.
  public var largestBin: Int

  public init(_ goal: Goal, largestBin: Int = 1000) {
    self.goal = goal
    self.largestBin = largestBin
  }
}
