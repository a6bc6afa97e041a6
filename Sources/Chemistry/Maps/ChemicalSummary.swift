/// Sums over the voxels of a chemical map.
public struct ChemicalSummary: Sendable {
  public private(set) var voxels = 0
  public private(set) var reasons = [Int](repeating: 0, count: VoxelReason.allCases.count)
  private var sums: [Double]
  private var squares: [Double]
  private var variances: [Double]
  private var sigmas: [Double]
  /// Of the fits against the stated noise, over all voxels that were fitted.
  public private(set) var chiSquared = 0.0
  public private(set) var freedom = 0
  public private(set) var fractional = 0
  /// Sum of the spectra of the voxels with a value.
  public private(set) var spectrum: [Double]
  private var offsets: [Double]
  private var counts = 0

  init(channels: Int, bins: Int) {
    sums = [Double](repeating: 0, count: channels)
    squares = sums
    variances = sums
    sigmas = sums
    offsets = sums
    spectrum = [Double](repeating: 0, count: bins)
  }

  mutating func add(_ reason: VoxelReason, _ work: QuantityWorkspace) {
    voxels += 1
    reasons[Int(reason.rawValue)] += 1
    chiSquared += work.chiSquared.isFinite ? work.chiSquared : 0
    freedom += work.chiSquared.isFinite ? work.freedom : 0
    guard reason.hasValue else { return }
    // Squares about the first value: energies of an edge are large and vary little.
    if counts == 0 { offsets = work.results }
    counts += 1
    for channel in sums.indices {
      let value = work.results[channel] - offsets[channel]
      sums[channel] += value
      squares[channel] += value * value
      variances[channel] += work.sigmas[channel] * work.sigmas[channel]
      sigmas[channel] += work.sigmas[channel]
    }
    var isFractional = false
    for bin in spectrum.indices {
      spectrum[bin] += work.values[bin]
      isFractional = isFractional || work.values[bin] != work.values[bin].rounded()
    }
    if isFractional { fractional += 1 }
  }

  mutating func add(_ other: ChemicalSummary) {
    voxels += other.voxels
    for index in reasons.indices { reasons[index] += other.reasons[index] }
    chiSquared += other.chiSquared
    freedom += other.freedom
    fractional += other.fractional
    for bin in spectrum.indices { spectrum[bin] += other.spectrum[bin] }
    guard other.counts > 0 else { return }
    if counts == 0 { offsets = other.offsets }
    let number = Double(other.counts)
    for channel in sums.indices {
      let move = other.offsets[channel] - offsets[channel]
      squares[channel] +=
        other.squares[channel] + 2 * move * other.sums[channel] + number * move * move
      sums[channel] += other.sums[channel] + number * move
      variances[channel] += other.variances[channel]
      sigmas[channel] += other.sigmas[channel]
    }
    counts += other.counts
  }

  /// Voxels with a value.
  public var mapped: Int { counts }

  public func mean(_ channel: Int) -> Double? {
    counts > 0 ? offsets[channel] + sums[channel] / Double(counts) : nil
  }

  /// Error of the mean by what neighbours do not share.
  public func meanSigma(_ channel: Int) -> Double? {
    counts > 0 ? variances[channel].squareRoot() / Double(counts) : nil
  }

  public func standardDeviation(_ channel: Int) -> Double? {
    guard counts > 1 else { return nil }
    let number = Double(counts)
    return max(0, (squares[channel] - sums[channel] * sums[channel] / number) / (number - 1)).squareRoot()
  }

  /// Mean error of a voxel.
  public func sigma(_ channel: Int) -> Double? { counts > 0 ? sigmas[channel] / Double(counts) : nil }

  /// chi-squared per degree of freedom of the fits, against the stated noise.
  public var chiSquaredPerDOF: Double? { freedom > 0 ? chiSquared / Double(freedom) : nil }

  /// Its standard deviation, were the noise as said.
  public var chiSquaredSigma: Double? { freedom > 0 ? (2 / Double(freedom)).squareRoot() : nil }
}
