import Volumetry

/// Spectra added up over the mapped voxels of each group of pixels, while a map is made.
///
/// Counts are whole numbers, or are rounded to 2^-20, so that their sums are exact and do not depend on the order.
public struct CountSums: Sendable {
  /// Sums of one group of pixels.
  struct Group: Sendable, Codable {
    var voxels = 0
    /// Counts of all bins of the file; those outside the fit's window are zero. Empty where nothing was added.
    var counts: [Double] = []
    /// Where voxels have own spectra: the amplitudes, and what all expect of constant, slope and known counts.
    var weight = 0.0
    var constant: [Double] = []
    var slope: [Double] = []
    var offset: [Double] = []
    /// Bins of the fit that these three are for.
    var firstBin = 0
  }

  /// One for each group of pixels; those without voxels hold no counts.
  private var slots: [Group]
  /// One for each part of the depth, where these are told apart.
  private var partSlots: [Group]
  let bins: Int

  init(bins: Int, groups: Int, parts: Int) {
    self.bins = bins
    slots = [Group](repeating: Group(), count: groups)
    partSlots = [Group](repeating: Group(), count: parts > 1 ? parts : 0)
  }

  /// Groups that hold voxels, in their order.
  var groups: [(index: Int, group: Group)] { Self.filled(slots) }

  /// Parts of the depth that hold voxels, in their order.
  var parts: [(index: Int, group: Group)] { Self.filled(partSlots) }

  private static func filled(_ slots: [Group]) -> [(index: Int, group: Group)] {
    var found: [(index: Int, group: Group)] = []
    for index in slots.indices where slots[index].voxels > 0 { found.append((index, slots[index])) }
    return found
  }

  /// Adds what follows in the order of the map.
  public mutating func merge(_ other: CountSums) {
    for (index, group) in other.groups { add(group, at: index) }
    for (index, group) in other.parts { add(group, toPart: index) }
  }

  mutating func add(_ group: Group, at index: Int) {
    reach(index)
    slots[index].merge(group)
  }

  mutating func add(_ group: Group, toPart part: Int) {
    if part >= partSlots.count {
      partSlots += [Group](repeating: Group(), count: part + 1 - partSlots.count)
    }
    partSlots[part].merge(group)
  }

  /// Adds the summed counts of voxels.
  ///
  /// - Parameters:
  ///   - window: which bins of the file they hold; what follows is padding.
  ///   - part: of the depth.
  mutating func add(
    _ counts: Span<Double>, voxels: Int, bins window: Range<Int>, at index: Int, part: Int
  ) {
    reach(index)
    slots[index].add(counts, voxels: voxels, window: window, of: bins)
    if part < partSlots.count { partSlots[part].add(counts, voxels: voxels, window: window, of: bins) }
  }

  /// Adds what voxels with spectra of their own expect.
  mutating func add(expected group: Group, at index: Int, part: Int) {
    add(group, at: index)
    if part < partSlots.count { partSlots[part].merge(group) }
  }

  private mutating func reach(_ index: Int) {
    if index >= slots.count {
      slots += [Group](repeating: Group(), count: index + 1 - slots.count)
    }
  }
}

extension CountSums: Codable {
  private struct Stored: Codable {
    var index: Int
    var group: Group
  }

  private enum CodingKeys: String, CodingKey {
    case bins, groups, parts
  }

  /// No map has more, see ``PixelGroups``.
  private static var mostGroups: Int { 1 << 24 }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(bins: try container.decode(Int.self, forKey: .bins), groups: 0, parts: 0)
    for entry in try container.decode([Stored].self, forKey: .parts) {
      guard (0..<DepthParts.most).contains(entry.index), entry.group.counts.count == bins else {
        throw DecodingError.dataCorruptedError(
          forKey: .parts, in: container, debugDescription: "part \(entry.index) of the sums is damaged")
      }
      add(entry.group, toPart: entry.index)
    }
    for entry in try container.decode([Stored].self, forKey: .groups) {
      guard entry.index >= 0, entry.index < Self.mostGroups, entry.group.counts.count == bins else {
        throw DecodingError.dataCorruptedError(
          forKey: .groups, in: container, debugDescription: "group \(entry.index) of the sums is damaged")
      }
      add(entry.group, at: entry.index)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(bins, forKey: .bins)
    try container.encode(
      groups.map { Stored(index: $0.index, group: $0.group) }, forKey: .groups)
    try container.encode(parts.map { Stored(index: $0.index, group: $0.group) }, forKey: .parts)
  }
}

extension CountSums.Group {
  /// Rounds to multiples of 2^-20 where it is added to a number below 2^32, as the kernels do.
  private static let grid = 6_442_450_944.0

  init(bins: Int) { counts = [Double](repeating: 0, count: bins) }

  static func onGrid(_ value: Double) -> Double { (value + grid) - grid }

  mutating func merge(_ other: Self) {
    voxels += other.voxels
    if counts.isEmpty {
      counts = other.counts
    } else if !other.counts.isEmpty {
      for bin in counts.indices { counts[bin] += other.counts[bin] }
    }
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

  /// Adds the summed counts of voxels.
  mutating func add(_ more: Span<Double>, voxels number: Int, window: Range<Int>, of bins: Int) {
    voxels += number
    if counts.isEmpty { counts = [Double](repeating: 0, count: bins) }
    var sums = counts.mutableSpan
    var own = sums._mutatingExtracting(window)
    let added = more.extracting(0..<window.count)
    for bin in own.indices { own[bin] += added[bin] }
  }

  /// Adds what a voxel with spectra of its own expects.
  mutating func add(_ spectra: borrowing PreparedSpectra, total: Double, firstBin: Int) {
    let groups = spectra.groups
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
        let first = Double(spectra[.first, group][lane])
        let bin = 8 * group + lane
        constant[bin] += Self.onGrid(amplitude * first)
        slope[bin] += Self.onGrid(amplitude * (Double(spectra[.second, group][lane]) + mixing * first))
        offset[bin] += Self.onGrid(Double(spectra[.offset, group][lane]))
      }
    }
  }
}
