/// A few values far outside all others: a hot or dead voxel of a detector, an artefact of a reconstruction.
///
/// At most one voxel in 10 000 (or 8, in small volumes one in 1000) can be such: more are a feature. They lie further
/// outside the range from the 0.1 % to the 99.9 % quantile than that is wide.
public struct ValueOutliers: Sendable, Hashable, Codable {
  /// The range of all other values.
  public let lower: Double
  public let upper: Double
  public let below: Int
  public let above: Int

  public var voxels: Int { below + above }

  /// What a notice says of them.
  public func words(_ name: String) -> String {
    let verb = voxels == 1 ? "voxel lies" : "voxels lie"
    let taken = voxels == 1 ? "is treated" : "are treated"
    return
      "\(name): \(voxels) \(verb) far outside the values of all others (\(Float(lower)) to \(Float(upper))), "
      + "and \(taken) as the nearest of them"
  }

  enum CodingKeys: String, CodingKey {
    case lower, upper
    case below = "voxels_below"
    case above = "voxels_above"
  }

  init(lower: Double, upper: Double, below: Int, above: Int) {
    self.lower = lower
    self.upper = upper
    self.below = below
    self.above = above
  }

  /// Finds them among counted values; nil where there are none.
  ///
  /// - Parameter bins: the least and the greatest value of each bin, rising.
  public static func find(_ counts: [Int], _ bins: (Int) -> ClosedRange<Double>) -> ValueOutliers? {
    let total = counts.reduce(0, +)
    let limit = max(total / 10_000, min(8, total / 1000))
    guard limit > 0 else { return nil }
    let rank = max(total / 1000, limit)
    guard let low = bin(counts.indices, counts, after: rank),
      let high = bin(counts.indices.reversed(), counts, after: rank)
    else { return nil }
    let (first, last) = (bins(low).lowerBound, bins(high).upperBound)
    let width = last - first
    guard width > 0, low < high else { return nil }
    var (below, above) = (0, 0)
    var inside: (lower: Double, upper: Double)?
    for index in counts.indices where counts[index] > 0 {
      let bin = bins(index)
      if bin.upperBound < first - width {
        below += counts[index]
      } else if bin.lowerBound > last + width {
        above += counts[index]
      } else {
        inside = (inside?.lower ?? bin.lowerBound, bin.upperBound)
      }
    }
    guard let inside, (1...limit).contains(below + above) else { return nil }
    return ValueOutliers(lower: inside.lower, upper: inside.upper, below: below, above: above)
  }

  /// The bin of the value with so many before it.
  private static func bin(_ order: some Sequence<Int>, _ counts: [Int], after rank: Int) -> Int? {
    var rest = rank
    for index in order {
      if rest < counts[index] { return index }
      rest -= counts[index]
    }
    return nil
  }
}
