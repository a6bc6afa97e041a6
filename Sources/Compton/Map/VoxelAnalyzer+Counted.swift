import Volumetry

extension VoxelAnalyzer {
  /// A voxel before any fit.
  struct Counted: Sendable {
    var status = VoxelStatus.good
    /// Counts in the fit's window.
    var total = 0.0
    /// Mean transmission of the active material's photons.
    var through = 1.0
    var ratio: RatioSums.Sums?

    init(status: VoxelStatus) { self.status = status }
  }

  /// Packs counts and composes spectra into `scratch`.
  func count(
    _ counts: Span<Float>, at start: Int, fractions: Span<Float>?, paths: Span<Float>,
    scratch: inout Scratch
  ) -> Counted {
    var result = Counted(status: .good)
    let window = counts.extracting((start + fitBins.lowerBound)..<(start + fitBins.upperBound))
    let groups = pixel.constant.count
    if scratch.packed.count != groups {
      scratch.packed = [SIMD8<Float>](repeating: SIMD8(repeating: 1), count: groups)
    }
    guard let total = CountPacking.pack(window, into: &scratch.packed) else {
      return Counted(status: ScreenedSource.reason(window))
    }
    result.total = total
    for bin in leftOut { scratch.packed[bin >> 3][bin & 7] = 1 }
    if fractions != nil || attenuation != nil {
      result.through = compose(fractions, paths, scratch: &scratch)
    }
    if let saturation = options.saturation {
      guard options.method == .profile else {
        return window.indices.contains { window[$0] >= saturation * (1 - 1e-6) }
          ? Counted(status: .badCounts) : result
      }
      result.total -= leaveOut(saturation, isComposed: fractions != nil || attenuation != nil, &scratch)
    }
    if let ratio {
      result.ratio = ratio.sums(
        counts, at: start, fractions: fractions, fractionSigma: options.fractionSigma,
        through: Float(result.through), scratch: &scratch.ratio)
      if result.ratio == nil { return Counted(status: .badCounts) }
    }
    return result
  }
}

extension VoxelAnalyzer {
  /// Adds what the voxel that was analysed last expects to the sum of its pixels.
  func addExpected(_ scratch: borrowing Scratch, to sum: inout CountSums.Group) {
    let bins = fitBins.count
    sum.add(
      scratch.spectra, total: CountPacking.total(scratch.packed.span, bins: bins),
      firstBin: fitBins.lowerBound)
  }
}
