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
    /// For each component the change of x by one standard deviation of its fraction; states with the same fractions
    /// have its error in common.
    public var fractionPulls: [[Float]]

    public init(x: [Float], sigma: [Float], mask: [UInt8], fractionPulls: [[Float]] = []) {
      self.x = x
      self.sigma = sigma
      self.mask = mask
      self.fractionPulls = fractionPulls
    }

    /// Variance of a voxel by the fractions, or what is left of it in the difference to another state.
    func fractionVariance(_ voxel: Int, minus other: State? = nil) -> Double {
      var sum = 0.0
      for (component, pulls) in fractionPulls.enumerated() {
        var pull = Double(pulls[voxel])
        if let other { pull -= Double(other.fractionPulls[component][voxel]) }
        if pull.isFinite { sum += pull * pull }
      }
      return sum
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
  func counting(_ state: State, _ voxel: Int) -> Double {
    let (x, sigma) = (Double(state.x[voxel]), Double(state.sigma[voxel]))
    return max(0, sigma * sigma - covariance.covariance(x, x) - state.fractionVariance(voxel))
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
        counting(later, voxel) + counting(earlier, voxel) + later.fractionVariance(voxel, minus: earlier)
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
  /// Variance by the fractions, and what is left of it in the difference to each state of reference.
  private var fractions = 0.0
  private var fractionChanges: [Double] = []
  private var mean: SharedCovariance.Mean
  private let differences: StateDifferences

  public init(_ differences: StateDifferences) {
    self.differences = differences
    mean = differences.covariance.mean()
  }

  /// - Parameters:
  ///   - references: states that ``change(since:reference:)`` will be asked for.
  public mutating func add(
    _ state: StateDifferences.State, common: [Bool], references: [StateDifferences.State] = []
  ) {
    if fractionChanges.isEmpty { fractionChanges = [Double](repeating: 0, count: references.count) }
    for voxel in common.indices where common[voxel] {
      let x = Double(state.x[voxel])
      voxels += 1
      sum += x
      variance += differences.counting(state, voxel)
      fractions += state.fractionVariance(voxel)
      for (index, other) in references.enumerated() {
        fractionChanges[index] += state.fractionVariance(voxel, minus: other)
      }
      differences.covariance.add(x, to: &mean)
    }
  }

  public mutating func merge(_ other: StateSums) {
    voxels += other.voxels
    sum += other.sum
    variance += other.variance
    fractions += other.fractions
    if fractionChanges.isEmpty {
      fractionChanges = [Double](repeating: 0, count: other.fractionChanges.count)
    }
    for index in other.fractionChanges.indices { fractionChanges[index] += other.fractionChanges[index] }
    differences.covariance.merge(other.mean, into: &mean)
  }

  /// Mean x, its standard deviation, and the part of it by counting.
  public var meanX: (value: Double, sigma: Double, counting: Double)? {
    guard voxels > 0 else { return nil }
    let n = Double(voxels)
    let shared = differences.covariance.variance(of: mean)
    let own = variance + fractions
    return (sum / n, (own / (n * n) + shared).squareRoot(), own.squareRoot() / n)
  }

  /// Change of the mean since another state, with what the shared errors leave of it.
  ///
  /// - Parameters:
  ///   - reference: its place among the references that were added with every slice.
  public func change(since other: StateSums, reference: Int) -> (value: Double, sigma: Double)? {
    guard voxels > 0, other.voxels == voxels else { return nil }
    let n = Double(voxels)
    let shared = differences.covariance.variance(of: mean, minus: other.mean)
    let fractions = fractionChanges.indices.contains(reference) ? fractionChanges[reference] : 0
    return (
      (sum - other.sum) / n,
      ((variance + other.variance + fractions) / (n * n) + shared).squareRoot()
    )
  }
}
