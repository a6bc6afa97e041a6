import Foundation
public import Volumetry

/// Whether numbers per bin scatter as counts do.
///
/// Two neighbouring voxels of one detector pixel have almost the same shape, so the second differences over bins of what
/// one leaves of the other hold noise alone. Their variance over that of Poisson is the dispersion: 1 for counts, 1 / t
/// for counts per second of a live time t, the factor of a scale.
public struct CountStatistics: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable {
    case counts
    case perSecond = "counts_per_second"
    case scaled
    /// Neighbouring bins share counts: interpolated or smoothed.
    case rebinned
    case subtracted = "background_subtracted"
    /// The scatter is larger than that of counts, and nothing tells why.
    case overdispersed
    /// Too few voxels or counts to tell.
    case unknown
  }

  public var kind: Kind
  /// Variance of the numbers over themselves; NaN where it cannot be told.
  public var dispersion: Double
  public var dispersionSigma: Double
  public var pairs: Int
  /// Part of the numbers that are negative.
  public var negative: Double
  /// The number at which bins stop to grow, where some do.
  public var saturation: Double?
  /// Bins that are left out of every fit; nil for none.
  public var leftOut: [LeftOutBins]?
  /// Whether the caller told what makes counts of the numbers.
  var isTold = false

  enum CodingKeys: String, CodingKey {
    case kind, dispersion, pairs
    case dispersionSigma = "dispersion_sigma"
    case negative = "negative_part"
    case saturation = "saturation_counts"
    case leftOut = "left_out_bins"
  }

  /// Looks at up to 384 pairs of voxels.
  ///
  /// - Parameters:
  ///   - acrossPixels: whether spectra of neighbouring pixels are compared, too.
  /// - Throws: errors of the source.
  public init(_ source: any SpectralSource, acrossPixels: Bool = true) throws(VoxelithError) {
    self.init(
      try CountSample(source, acrossPixels: acrossPixels), liveTime: source.acquisition.liveTime)
  }

  init(_ given: CountSample, liveTime: Double?) {
    let bad = BadBins(given)
    let sample = given.without(bad.all)
    let runs = LeftOutBins.runs(bad, centers: given.centers)
    leftOut = runs.isEmpty ? nil : runs
    saturation = bad.level
    let scatter = CountScatter(sample)
    pairs = scatter.pairs
    dispersion = scatter.neighbours
    dispersionSigma = scatter.sigma
    var numbers = NumberCensus()
    for pair in sample.pairs { numbers.add(pair, bins: sample.bins) }
    negative = numbers.negativePart
    guard scatter.pairs >= 8, dispersion.isFinite, dispersionSigma < 0.1 * dispersion else {
      kind = .unknown
      return
    }
    let limit = max(0.1, 5 * dispersionSigma / dispersion)
    let isPoisson = abs(log(dispersion)) < limit
    let isCorrelated =
      !numbers.areWhole && scatter.ofPairsOfBins > (1 + limit) * dispersion && dispersion < 1 / (1 + limit)
    if isCorrelated, numbers.unit(liveTime: liveTime) == nil {
      kind = .rebinned
      // What neighbours share is missing from the scatter of sums over w bins by a part that falls as 1 / w.
      dispersion = max(dispersion, 2 * scatter.ofFourBins - scatter.ofPairsOfBins)
    } else if isPoisson {
      kind = .counts
    } else if let unit = numbers.unit(liveTime: liveTime), abs(log(dispersion / unit)) < limit {
      kind = unit < 1 && !numbers.areWhole ? .perSecond : .scaled
    } else if dispersion < 1 {
      kind = .scaled
    } else {
      let isSubtracted =
        numbers.negativePart > 0 || (!numbers.areWhole && scatter.lowBins > 1.25 * scatter.highBins)
      kind = isSubtracted ? .subtracted : numbers.areWhole ? .overdispersed : .scaled
    }
  }

  /// Whether the numbers may be used as they are.
  public var areCounts: Bool { kind == .counts || kind == .unknown }

  /// What makes counts of the numbers, as far as their scatter says; 1 for counts.
  public var scale: Double { areCounts ? 1 : 1 / dispersion }

  /// What then multiplies the live time: one where the numbers are counts times a factor.
  public var timeScale: Double { kind == .perSecond || kind == .scaled ? 1 : scale }

  /// Words for the user; nil for counts.
  public var notice: String? {
    var parts: [String] = []
    if isTold, !areCounts {
      parts.append("--counts-per-unit does not make counts of the numbers: it contradicts how they scatter")
    }
    let size = String(format: "%.3g", dispersion)
    switch kind {
    case .counts, .unknown: break
    case .perSecond:
      parts.append(
        "the numbers are counts per second (they scatter by \(size) of what counts would); they were taken times the "
          + "live time. Give --counts-per-unit to say so yourself")
    case .scaled:
      parts.append(
        "the numbers are not counts: they scatter by \(size) of what counts would, as counts times \(size) do; "
          + "sigma(x) includes that"
          + (isTold ? "" : ". Give the factor with --counts-per-unit"))
    case .rebinned:
      parts.append(
        "neighbouring bins share counts, as after interpolation to other bins; sigma(x) includes the scatter over several "
          + "bins, \(size) of that of counts. Map the spectra as they were recorded")
    case .subtracted:
      parts.append(
        "the numbers scatter \(size) times as much as counts, most where they are small: a background was subtracted; "
          + "sigma(x) includes that. Map raw spectra and give the background in standards.yaml")
    case .overdispersed:
      parts.append(
        "the numbers scatter \(size) times as much as counts do; sigma(x) includes that. Check dead time, gating and sums "
          + "of frames")
    }
    if let saturation, leftOut?.contains(where: { $0.reason == .saturated }) != true {
      parts.append(
        "bins stop at \(String(format: "%.6g", saturation)): they are saturated and left out of the fit of their voxels"
      )
    }
    for reason in [LeftOutBins.Reason.saturated, .dead, .missing] {
      guard let runs = leftOut?.filter({ $0.reason == reason }), !runs.isEmpty else { continue }
      let number = runs.reduce(0) { $0 + $1.last - $1.first + 1 }
      let places =
        runs.prefix(3).map { run in
          run.first == run.last
            ? String(format: "%.5g keV", run.from) : String(format: "%.5g to %.5g keV", run.from, run.to)
        }.joined(separator: ", ") + (runs.count > 3 ? " and elsewhere" : "")
      let what = number == 1 ? "1 bin" : "\(number) bins"
      let why =
        switch reason {
        case .saturated:
          (number == 1 ? "is" : "are")
            + " saturated (bins stop at \(String(format: "%.6g", saturation ?? .nan)))"
        case .dead: (number == 1 ? "holds" : "hold") + " no counts beside full ones"
        case .missing: (number == 1 ? "is" : "are") + " no numbers"
        }
      parts.append("\(what) (\(places)) \(why): left out of every fit")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
