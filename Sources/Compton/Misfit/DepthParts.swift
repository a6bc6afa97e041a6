/// Ranges of neighbouring slices whose spectra are added up: what changes along the beam, or in time where slices were measured
/// one after another, is the same in all pixels and cancels in their sums.
struct DepthParts: Sendable, Hashable {
  /// Slices of the map.
  let depth: Int
  /// Number of parts; 1 where the parts of a map cannot be told apart.
  let count: Int

  /// Parts of a map at most: each must hold enough counts to be fitted by itself.
  static let most = 8

  /// - Parameter canTell: whether all pixels expect the same, so that a part has one model.
  init(depth: Int, canTell: Bool) {
    self.depth = depth
    count = canTell ? max(1, min(Self.most, depth)) : 1
  }

  func part(z: Int) -> Int { z * count / depth }

  /// Slices of a part.
  func slices(_ part: Int) -> Range<Int> {
    (part * depth + count - 1) / count..<((part + 1) * depth + count - 1) / count
  }
}
