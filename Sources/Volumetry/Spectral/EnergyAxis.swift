/// Centres of the bins of an energy spectrum in keV, strictly increasing.
public struct EnergyAxis: Sendable, Hashable {
  /// Bin centres in keV.
  public let centers: [Double]

  /// - Throws: `data` where there are fewer than two bins, or the centres are not finite and strictly
  ///   increasing.
  public init(centers: [Double], file: String? = nil) throws(VoxelithError) {
    guard centers.count >= 2 else {
      throw VoxelithError(.data, "an energy axis needs two bins or more, not \(centers.count)", file: file)
    }
    for (bin, energy) in centers.enumerated() {
      guard energy.isFinite else {
        throw VoxelithError(.data, "the energy of bin \(bin) is not a finite number", file: file)
      }
      if bin > 0 && energy <= centers[bin - 1] {
        throw VoxelithError(
          .data,
          "the energy axis is not increasing: bin \(bin) has \(energy) keV after \(centers[bin - 1]) keV",
          file: file, advice: "sort the bins by energy, each energy once")
      }
    }
    self.centers = centers
  }

  /// Equal bins: the first centre and the width in keV.
  ///
  /// - Precondition: `width > 0` and `count >= 2`.
  public init(first: Double, width: Double, count: Int) {
    precondition(width > 0 && count >= 2 && first.isFinite)
    centers = (0..<count).map { first + Double($0) * width }
  }

  public var count: Int { centers.count }

  /// Boundary below bin `index` in keV, half way to its neighbour; `index` runs to `count` (included).
  public func edge(_ index: Int) -> Double {
    if index == 0 { return centers[0] - 0.5 * (centers[1] - centers[0]) }
    if index == count { return centers[count - 1] + 0.5 * (centers[count - 1] - centers[count - 2]) }
    return 0.5 * (centers[index - 1] + centers[index])
  }

  /// All `count + 1` boundaries in keV.
  public var edges: [Double] { (0...count).map { edge($0) } }

  /// Width of a bin in keV.
  public func width(_ index: Int) -> Double { edge(index + 1) - edge(index) }

  /// Whether another axis has the same bins: within a thousandth of a bin width, which single precision keeps, or within a
  /// hundredth where the differences are those of rounded digits, which move no part of the axis.
  public func matches(_ other: EnergyAxis) -> Bool {
    guard count == other.count else { return false }
    let tolerance = 1e-3 * (centers[count - 1] - centers[0]) / Double(max(1, count - 1))
    let differences = zip(centers, other.centers).map { $0 - $1 }
    if differences.allSatisfy({ abs($0) <= tolerance }) { return true }
    guard count >= 20, differences.allSatisfy({ abs($0) <= 10 * tolerance }) else { return false }
    // Of rounded digits the mean over many bins is zero, in both halves.
    return [differences.prefix(count / 2), differences.suffix(count / 2)].allSatisfy { part in
      abs(part.reduce(0, +)) <= tolerance * Double(part.count)
    }
  }
}
