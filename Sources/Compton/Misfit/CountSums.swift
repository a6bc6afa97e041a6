import Volumetry

/// Spectra added up over the mapped voxels of each group of pixels, while a map is made.
///
/// Counts are whole numbers, or are rounded to 2^-20, so that their sums are exact and do not depend on the order.
public struct CountSums: Sendable {
  /// Sums of one group of pixels.
  struct Group: Sendable, Codable {
    var voxels = 0
    /// Counts of all bins of the file; those outside the fit's window are zero.
    var counts: [Double]
    /// Where voxels have own spectra: the amplitudes, and what all expect of constant, slope and known counts.
    var weight = 0.0
    var constant: [Double] = []
    var slope: [Double] = []
    var offset: [Double] = []
    /// Bins of the fit that these three are for.
    var firstBin = 0
  }

  private(set) var groups: [Int: Group] = [:]
  let bins: Int

  init(bins: Int) { self.bins = bins }

  /// Adds what follows in the order of the map.
  public mutating func merge(_ other: CountSums) {
    for (index, group) in other.groups.sorted(by: { $0.key < $1.key }) {
      guard var own = groups.removeValue(forKey: index) else {
        groups[index] = group
        continue
      }
      own.merge(group)
      groups[index] = own
    }
  }

  mutating func set(_ group: Group, at index: Int) {
    guard group.voxels > 0 else { return }
    guard var own = groups.removeValue(forKey: index) else {
      groups[index] = group
      return
    }
    own.merge(group)
    groups[index] = own
  }
}

extension CountSums: Codable {
  private struct Entry: Codable {
    var index: Int
    var group: Group
  }

  private enum CodingKeys: String, CodingKey {
    case bins, groups
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    bins = try container.decode(Int.self, forKey: .bins)
    for entry in try container.decode([Entry].self, forKey: .groups) { groups[entry.index] = entry.group }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bins, forKey: .bins)
    try container.encode(
      groups.sorted { $0.key < $1.key }.map { Entry(index: $0.key, group: $0.value) }, forKey: .groups)
  }
}

extension CountSums.Group {
  /// Rounds to multiples of 2^-20 where it is added to a number below 2^32.
  private static let grid = 6_442_450_944.0

  init(bins: Int) { counts = [Double](repeating: 0, count: bins) }

  static func onGrid(_ value: Double) -> Double { (value + grid) - grid }

  mutating func merge(_ other: Self) {
    voxels += other.voxels
    for bin in counts.indices { counts[bin] += other.counts[bin] }
    guard other.weight > 0 else { return }
    guard weight > 0, firstBin == other.firstBin, constant.count == other.constant.count else {
      if weight <= 0 {
        (weight, constant, slope, offset, firstBin) =
          (other.weight, other.constant, other.slope, other.offset, other.firstBin)
      }
      return
    }
    weight += other.weight
    for bin in constant.indices {
      constant[bin] += other.constant[bin]
      slope[bin] += other.slope[bin]
      offset[bin] += other.offset[bin]
    }
  }

  /// Adds a packed spectrum to the lanes of the voxels that lie behind one pixel.
  mutating func add(_ packed: Span<SIMD8<Float>>, to lanes: inout [SIMD8<Double>]) {
    voxels += 1
    var sums = lanes.mutableSpan
    let grid = SIMD8<Double>(repeating: Self.grid)
    for group in packed.indices { sums[group] += (SIMD8<Double>(packed[group]) + grid) - grid }
  }

  /// Takes the lanes of one pixel in and empties them.
  ///
  /// - Parameter bins: which bins of the file they hold.
  mutating func take(_ lanes: inout [SIMD8<Double>], bins: Range<Int>) {
    for bin in bins {
      let place = bin - bins.lowerBound
      counts[bin] += lanes[place >> 3][place & 7]
    }
    for group in lanes.indices { lanes[group] = .zero }
  }

  /// Adds what a voxel with spectra of its own expects.
  mutating func add(_ spectra: borrowing PreparedSpectra, total: Double, firstBin: Int) {
    let groups = spectra.first.count
    if constant.count != 8 * groups {
      constant = [Double](repeating: 0, count: 8 * groups)
      slope = constant
      offset = constant
      self.firstBin = firstBin
    }
    guard firstBin == self.firstBin, spectra.firstSum > 0 else { return }
    let amplitude = Self.onGrid(max(0, total - spectra.offsetTotal) / spectra.firstSum)
    weight += amplitude
    let mixing = spectra.mixing
    for group in 0..<groups {
      for lane in 0..<8 {
        let first = Double(spectra.first[group][lane])
        let bin = 8 * group + lane
        constant[bin] += Self.onGrid(amplitude * first)
        slope[bin] += Self.onGrid(amplitude * (Double(spectra.second[group][lane]) + mixing * first))
        offset[bin] += Self.onGrid(Double(spectra.offset[group][lane]))
      }
    }
  }
}
