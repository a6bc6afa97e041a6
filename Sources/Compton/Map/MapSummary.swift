public import Volumetry

/// Numbers over all voxels of a map.
public struct MapSummary: Sendable, Codable {
  /// Voxels by the number of their status.
  private var counts = StatusCounts()
  /// Over voxels that have a value within the calibrated range.
  public private(set) var x = Moments()
  /// Over voxels whose value lies outside of it.
  private var outside = Outside()
  public private(set) var sigma = Moments()
  public private(set) var sharedSigma = Moments()
  public private(set) var intensity = Moments()
  /// sigma over what it would be with known amounts of the components.
  public private(set) var lossOfFreeComponents = Moments()
  /// Deviance over its expectation.
  public private(set) var deviance = 0.0
  public private(set) var expectedDeviance = 0.0
  /// For the mean of x.
  private var errors = ErrorSums()
  /// What stands for the mean of x where single voxels have too few counts for an unbiased one; nil where they have enough.
  public private(set) var meanOfSum: MeanOfSum?

  public init() {}

  /// Bias of the ratio of two fitted amplitudes over the variance of x; rounded up.
  private static let biasOfRatio = 0.1
  /// Part of the error of the mean that its bias may be.
  private static let bearableBias = 0.25

  /// Takes the mean of x from the summed spectra where the voxels' own x are biased by more than a part of the mean's error. What
  /// decides are the counts of the voxels, not their x.
  public mutating func takeMean(_ sum: MeanOfSum, error: Double) {
    guard sigma.count > 0, sigma.mean.isFinite, sum.value.isFinite else { return }
    // Errors of the standards are the same in all voxels: they bias none.
    let own = max(0, sigma.mean * sigma.mean - sharedSigma.mean * sharedSigma.mean)
    let bias = Self.biasOfRatio * own
    if bias > Self.bearableBias * error { meanOfSum = sum }
  }

  /// Adds a voxel, or a bin of several voxels that share one value: a bin is one value in what is weighted by errors.
  mutating func add(_ voxel: borrowing VoxelResult, voxels: Int = 1) {
    counts[voxel.fit.status] += voxels
    for _ in 0..<voxels { intensity.add(voxel.intensity) }
    guard voxel.fit.status.takesPart else {
      if voxel.fit.status.hasValue {
        for _ in 0..<voxels { outside.add(voxel.fit) }
        outside.errors.add(voxel.fit, voxels: voxels)
      }
      return
    }
    for _ in 0..<voxels {
      x.add(voxel.fit.x)
      sigma.add(voxel.fit.sigma)
      sharedSigma.add(voxel.fit.sharedSigma)
    }
    if voxel.fit.sigmaOfKnownComponents > 0 {
      lossOfFreeComponents.add(voxel.fit.sigma / voxel.fit.sigmaOfKnownComponents)
    }
    errors.add(voxel.fit, voxels: voxels)
    if voxel.fit.expectedDeviance.isFinite {
      deviance += voxel.fit.deviance
      expectedDeviance += voxel.fit.expectedDeviance
    }
  }

  /// Adds voxels without a value.
  mutating func add(masked status: VoxelStatus, voxels: Int) {
    counts[status] += voxels
  }

  /// Voxels by status.
  public var statuses: [VoxelStatus: Int] {
    VoxelStatus.allCases.reduce(into: [:]) { all, status in
      let number = counts[status]
      if number > 0 { all[status] = number }
    }
  }

  mutating func clearValues() {
    counts = StatusCounts()
    x = Moments()
    sigma = Moments()
    sharedSigma = Moments()
    outside = Outside()
  }

  /// Puts corrected values in the place of those that were added.
  ///
  /// - Parameters:
  ///   - x: of voxels within the calibrated range.
  ///   - outside: of those that lie outside of it.
  public mutating func correct(x: Moments, outside: Moments, statuses: [VoxelStatus: Int]) {
    self.x = x
    self.outside.x = outside
    // Voxels that a correction brings back, or takes out, are known as well as they were where they lay.
    if x.count > 0, sigma.count == 0 {
      (sigma, sharedSigma, errors) = (self.outside.sigma, self.outside.sharedSigma, self.outside.errors)
    }
    if outside.count > 0, self.outside.sigma.count == 0 {
      (self.outside.sigma, self.outside.sharedSigma, self.outside.errors) = (sigma, sharedSigma, errors)
    }
    counts = StatusCounts()
    for (status, number) in statuses { counts[status] = number }
  }

  private struct Outside: Codable {
    var x = Moments()
    var sigma = Moments()
    var sharedSigma = Moments()
    var errors = ErrorSums()

    mutating func add(_ fit: VoxelFit) {
      x.add(fit.x)
      sigma.add(fit.sigma)
      sharedSigma.add(fit.sharedSigma)
    }

    mutating func merge(_ other: Self) {
      x.merge(other.x)
      sigma.merge(other.sigma)
      sharedSigma.merge(other.sharedSigma)
      errors.merge(other.errors)
    }
  }

  /// Sums of the variances that neighbours do not share, and of the errors by fractions.
  private struct ErrorSums: Codable {
    var ownVariance = 0.0
    var fractionSigma = 0.0
    var voxels = 0

    mutating func add(_ fit: VoxelFit, voxels: Int) {
      let (all, shared, fractions) = (fit.sigma, fit.sharedSigma, fit.fractionSigma)
      ownVariance += Double(voxels * voxels) * max(0, all * all - shared * shared - fractions * fractions)
      fractionSigma += Double(voxels) * fractions
      self.voxels += voxels
    }

    mutating func merge(_ other: ErrorSums) {
      ownVariance += other.ownVariance
      fractionSigma += other.fractionSigma
      voxels += other.voxels
    }
  }

  mutating func addValue(x: Double, sigma: Double, sharedSigma: Double) {
    self.x.add(x)
    self.sigma.add(sigma)
    self.sharedSigma.add(sharedSigma)
  }

  /// Adds the voxels that follow in the order of the map.
  public mutating func merge(_ other: MapSummary) {
    counts.add(other.counts)
    x.merge(other.x)
    outside.merge(other.outside)
    sigma.merge(other.sigma)
    sharedSigma.merge(other.sharedSigma)
    intensity.merge(other.intensity)
    lossOfFreeComponents.merge(other.lossOfFreeComponents)
    deviance += other.deviance
    expectedDeviance += other.expectedDeviance
    errors.merge(other.errors)
  }

  public var voxels: Int { counts.all }
  public var mapped: Int {
    var mapped = 0
    for status in VoxelStatus.allCases where status.hasValue { mapped += counts[status] }
    return mapped
  }

  /// The plain mean of x over the mapped voxels, and the parts of its standard deviation that the voxels themselves tell. Errors of
  /// standards and fractions are the same in all voxels, so no number of voxels makes them smaller. Where every voxel lies outside the
  /// calibrated range it is the mean of these.
  public var meanOfX: (value: Double, counts: Double, standards: Double, fractions: Double)? {
    guard x.count > 0, errors.voxels > 0 else {
      guard outside.x.count > 0 else { return nil }
      let n = Double(outside.x.count)
      let own = outside.errors
      let counts =
        own.voxels > 0
        ? own.ownVariance.squareRoot() / Double(own.voxels) : outside.sigma.mean / n.squareRoot()
      return (
        outside.x.mean, counts, outside.sharedSigma.mean, own.fractionSigma / Double(max(1, own.voxels))
      )
    }
    let n = Double(errors.voxels)
    if let sum = meanOfSum {
      let standards = min(sharedSigma.mean, sum.sigma)
      return (
        sum.value, (sum.sigma * sum.sigma - standards * standards).squareRoot(), standards,
        errors.fractionSigma / n
      )
    }
    return (x.mean, errors.ownVariance.squareRoot() / n, sharedSigma.mean, errors.fractionSigma / n)
  }

  /// Deviance over its expectation: 1 where the model holds.
  public var devianceRatio: Double? { expectedDeviance > 0 ? deviance / expectedDeviance : nil }
}

/// Voxels of each status, without a table that has to be searched for every voxel.
private struct StatusCounts: Sendable, Codable {
  private var numbers = SIMD16<Int>.zero

  init() {}

  subscript(status: VoxelStatus) -> Int {
    get { numbers[Int(status.rawValue)] }
    set { numbers[Int(status.rawValue)] = newValue }
  }

  mutating func add(_ other: StatusCounts) { numbers &+= other.numbers }

  var all: Int { numbers.wrappedSum() }

  init(from decoder: any Decoder) throws {
    let list = try decoder.singleValueContainer().decode([Int].self)
    for (index, number) in list.prefix(16).enumerated() { numbers[index] = number }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode((0..<16).map { numbers[$0] })
  }
}
