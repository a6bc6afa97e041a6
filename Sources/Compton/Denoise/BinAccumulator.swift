import Volumetry

/// What the voxels of one bin add up to: their counts, and the spectra that they expect.
struct BinAccumulator: Sendable {
  private(set) var voxels = 0
  private var counts: [SIMD8<Float>] = []
  private var total = 0.0
  /// Fractions times the voxels' sensitivity, and that added up.
  private var fractions: [Double] = []
  private var sensitivity = 0.0
  private var spectra: WeightedSpectra?
  private var ratio = RatioSums.Sums()
  /// The pixel of the first voxel.
  private var analyzer: VoxelAnalyzer?

  /// Adds one voxel.
  ///
  /// - Parameters:
  ///   - scratch: holds the voxel's packed counts, composed spectra and transmission.
  ///   - isAlike: whether all voxels of the map expect the same spectra.
  ///   - bins: number of bins of the energy axis.
  mutating func add(
    _ analyzer: VoxelAnalyzer, total: Double, fractions own: Span<Float>?, ratio: RatioSums.Sums?,
    scratch: borrowing VoxelAnalyzer.Scratch, isAlike: Bool, bins: Int
  ) {
    if self.analyzer == nil { self.analyzer = analyzer }
    voxels += 1
    self.total += total
    if isAlike {
      if counts.isEmpty {
        counts = scratch.packed
      } else {
        for group in counts.indices { counts[group] += scratch.packed[group] }
      }
    }
    if let ratio { self.ratio.add(ratio) }
    let isPlain = own == nil && analyzer.attenuation == nil
    let expected = isPlain ? analyzer.spectra : scratch.spectra
    let middle = 0.5 * (analyzer.fitter.range.lowerBound + analyzer.fitter.range.upperBound)
    let unit = expected.firstSum * (1 + expected.mixing * middle)
    let amplitude = unit > 0 ? max(0, total - expected.offsetTotal) / unit : 0
    let isTied = own != nil && analyzer.options.components == .tied
    let share = isTied ? amplitude : 1
    sensitivity += share
    if let own {
      if fractions.isEmpty { fractions = [Double](repeating: 0, count: own.count) }
      for index in own.indices { fractions[index] += share * Double(own[index]) }
    }
    guard !isAlike else { return }
    let components = analyzer.pixel.components.count
    if spectra == nil {
      spectra = WeightedSpectra(bins: bins, components: components)
    }
    var weight = amplitude
    var amounts = [Double](repeating: 1, count: components)
    if let own {
      if isTied { weight *= Double(own[0]) }
      for k in amounts.indices { amounts[k] = k + 1 < own.count ? share * Double(own[k + 1]) : 0 }
    }
    spectra?.add(
      analyzer.pixel, in: analyzer.fitBins, counts: scratch.packed, weight: weight, amounts: amounts,
      transmission: analyzer.attenuation == nil ? nil : scratch.transmission)
  }

  /// Adds voxels that follow in the order of the map.
  mutating func add(_ other: BinAccumulator) {
    guard voxels > 0 else {
      self = other
      return
    }
    voxels += other.voxels
    total += other.total
    for group in counts.indices { counts[group] += other.counts[group] }
    for index in fractions.indices { fractions[index] += other.fractions[index] }
    sensitivity += other.sensitivity
    if let more = other.spectra { spectra?.add(more) }
    ratio.add(other.ratio)
  }

  /// x of the bin: one fit of the summed spectrum.
  func result() -> VoxelResult {
    guard let analyzer, voxels > 0 else { return VoxelResult(fit: VoxelFit(status: .empty)) }
    let pixel =
      spectra.map { PixelSpectra($0, voxels: voxels, like: analyzer.pixel) } ?? analyzer.pixel.times(voxels)
    let own = analyzer.replacing(pixel)
    var scratch = own.scratch()
    scratch.packed = spectra.map { sums in sums.packed(padding: 1) { sums.counts[$0] } } ?? counts
    // Each voxel brought its padding of ones.
    for bin in pixel.bins..<(8 * scratch.packed.count) { scratch.packed[bin >> 3][bin & 7] = 1 }
    let estimate = ratio.voxels > 0 ? ratio.estimate : nil
    let none: [Float] = []
    guard !fractions.isEmpty, sensitivity > 0 else {
      return own.result(
        total: total, fractions: nil, through: Double(voxels), measured: estimate, isPlain: true,
        scratch: scratch)
    }
    let means = fractions.map { Float($0 / sensitivity) }
    _ = own.compose(means.span, none.span, scratch: &scratch)
    return own.result(
      total: total, fractions: means.span, through: Double(voxels), measured: estimate, isPlain: false,
      scratch: scratch)
  }
}
