import Volumetry

/// The standard deviation of a map's mean x with all its parts, by name.
public struct MeanError: Sendable, Hashable, Codable {
  /// What the counts of the voxels leave.
  public var counts: Double
  /// What the counts of the standards leave, and their own x.
  public var standards: Double
  public var standardsX: Double
  /// What the instrument may have done to the sample and not to the standards; nil where it was not judged.
  public var instrument: Double?
  /// What errors of the fractions leave that all voxels share, and what the alignment that made the fractions does.
  public var fractions: Double?
  public var alignment: Double?

  enum CodingKeys: String, CodingKey {
    case counts, standards, instrument, fractions, alignment
    case standardsX = "standards_x"
  }

  /// All parts together.
  public var total: Double {
    let parts = [counts, standards, standardsX, instrument ?? 0, fractions ?? 0, alignment ?? 0]
    return parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Nil where no voxel was mapped.
  public init?(_ summary: MapSummary, calibration: Calibration, method: MapMethod, misfit: Misfit?) {
    guard let mean = summary.meanOfX else { return nil }
    counts = mean.counts
    var share = 0.0
    // What the summed spectra do not tell of the standards' errors: they see bins alone, not what a whole standard got wrong.
    var ofStandards = 0.0
    if method == .profile {
      let basis = calibration.methods.profile
      let background = basis.background.rate.map { max(0, $0) }
      if let known = try? ProfileInformation(basis, x: mean.value, amplitude: 1, background: background) {
        let parts = known.sharedCovariance(with: known, basis: basis)
        let sum = parts.counts + parts.standards
        ofStandards = max(0, sum).squareRoot()
        share = sum > 0 ? max(0, min(1, parts.standards / sum)) : 0
      }
    }
    let all = summary.meanOfSum == nil ? mean.standards : max(mean.standards, ofStandards)
    standards = all * (1 - share).squareRoot()
    standardsX = all * share.squareRoot()
    instrument = misfit?.sigma
    fractions = mean.fractions > 0 ? mean.fractions : nil
  }
}
