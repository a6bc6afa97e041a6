import Volumetry

/// Differences of x between states of one sample, voxel by voxel and on average, with the covariance that one
/// calibration for all states makes.
///
/// sigma(x)^2 of a voxel is its counting part plus the shared part. In a difference the counting parts add up, while
/// the shared errors are one function of x: what is left of them is the variance of that function's difference.
public struct StateDifferences: Sendable {
  /// Maps of one state over a piece of the grid.
  public struct State: Sendable {
    public var x: [Float]
    public var sigma: [Float]
    public var mask: [UInt8]

    public init(x: [Float], sigma: [Float], mask: [UInt8]) {
      self.x = x
      self.sigma = sigma
      self.mask = mask
    }
  }

  /// A difference in every voxel; NaN where one of the states has no good value.
  public struct Difference: Sendable {
    public var value: [Float]
    public var sigma: [Float]
  }

  public let covariance: SharedCovariance

  public init(_ covariance: SharedCovariance) { self.covariance = covariance }

  /// Whether each voxel is good in all states.
  public static func common(_ states: [State]) -> [Bool] {
    guard let first = states.first else { return [] }
    return first.x.indices.map { voxel in
      states.allSatisfy {
        $0.mask[voxel] == VoxelStatus.good.rawValue && $0.x[voxel].isFinite && $0.sigma[voxel].isFinite
      }
    }
  }

  /// Counting part of a voxel's variance.
  func counting(_ x: Double, _ sigma: Double) -> Double {
    max(0, sigma * sigma - covariance.covariance(x, x))
  }

  /// `later` minus `earlier` in the voxels that are `common`.
  public func difference(_ later: State, _ earlier: State, common: [Bool]) -> Difference {
    var result = Difference(value: [], sigma: [])
    result.value.reserveCapacity(common.count)
    result.sigma.reserveCapacity(common.count)
    for voxel in common.indices {
      guard common[voxel] else {
        result.value.append(.nan)
        result.sigma.append(.nan)
        continue
      }
      let (a, b) = (Double(later.x[voxel]), Double(earlier.x[voxel]))
      let variance =
        counting(a, Double(later.sigma[voxel])) + counting(b, Double(earlier.sigma[voxel]))
        + covariance.varianceOfDifference(a, b)
      result.value.append(Float(a - b))
      result.sigma.append(Float(variance.squareRoot()))
    }
    return result
  }
}

/// Sums over the common voxels of one state.
public struct StateSums: Sendable {
  public private(set) var voxels = 0
  private var sum = 0.0
  private var variance = 0.0
  private var mean: SharedCovariance.Mean
  private let differences: StateDifferences

  public init(_ differences: StateDifferences) {
    self.differences = differences
    mean = differences.covariance.mean()
  }

  public mutating func add(_ state: StateDifferences.State, common: [Bool]) {
    for voxel in common.indices where common[voxel] {
      let x = Double(state.x[voxel])
      voxels += 1
      sum += x
      variance += differences.counting(x, Double(state.sigma[voxel]))
      differences.covariance.add(x, to: &mean)
    }
  }

  public mutating func merge(_ other: StateSums) {
    voxels += other.voxels
    sum += other.sum
    variance += other.variance
    differences.covariance.merge(other.mean, into: &mean)
  }

  /// Mean x, its standard deviation, and the part of it by counting.
  public var meanX: (value: Double, sigma: Double, counting: Double)? {
    guard voxels > 0 else { return nil }
    let n = Double(voxels)
    let shared = differences.covariance.variance(of: mean)
    return (sum / n, (variance / (n * n) + shared).squareRoot(), variance.squareRoot() / n)
  }

  /// Change of the mean since another state, with what the shared errors leave of it.
  public func change(since other: StateSums) -> (value: Double, sigma: Double)? {
    guard voxels > 0, other.voxels == voxels else { return nil }
    let n = Double(voxels)
    let shared = differences.covariance.variance(of: mean, minus: other.mean)
    return ((sum - other.sum) / n, ((variance + other.variance) / (n * n) + shared).squareRoot())
  }
}
