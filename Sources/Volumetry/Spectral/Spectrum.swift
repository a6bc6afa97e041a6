/// One energy spectrum: counts per bin.
public struct Spectrum: Sendable, Hashable {
  public let energy: EnergyAxis
  /// Counts per bin; not negative.
  public let counts: [Double]
  /// Time that the detector was live in seconds, where known.
  public var liveTime: Double?

  /// - Throws: `data` where the number of counts is not that of the bins, or a count is negative or
  ///   not finite.
  public init(
    energy: EnergyAxis, counts: [Double], liveTime: Double? = nil, file: String? = nil
  ) throws(VoxelithError) {
    guard counts.count == energy.count else {
      throw VoxelithError(
        .data, "\(counts.count) counts for \(energy.count) energy bins", file: file)
    }
    for (bin, value) in counts.enumerated() where !(value.isFinite && value >= 0) {
      throw VoxelithError(
        .data, "the count \(value) is negative or not a number", file: file,
        place: "bin \(bin) (\(energy.centers[bin]) keV)", advice: "give raw counts, not net counts")
    }
    if let liveTime, !(liveTime.isFinite && liveTime > 0) {
      throw VoxelithError(.data, "the live time \(liveTime) s is not positive", file: file)
    }
    self.energy = energy
    self.counts = counts
    self.liveTime = liveTime
  }

  public var total: Double { counts.reduce(0, +) }
}
