import Foundation
import Volumetry

/// How well the model describes the summed spectrum of a map, what was corrected, and what is left: `misfit` in `map.json`.
public struct Misfit: Sendable, Hashable, Codable {
  public enum Verdict: String, Sendable, Hashable, Codable {
    /// The sum agrees with the standards.
    case described
    /// It agrees after corrections, which the map holds and whose errors are in the mean's.
    case corrected
    /// It does not agree: x may be wrong by more than any error says.
    case notDescribed = "not_described"
  }

  /// What one effect was found to be.
  public struct Correction: Sendable, Hashable, Codable {
    public var name: String
    public var value: Double
    public var sigma: Double
    public var unit: String?
    /// What the mean of x was off by, before.
    public var biasOfX: Double
    public var cause: String
    /// Rows, columns or patches of pixels that it is for; nil for all.
    public var pixels: String?

    enum CodingKeys: String, CodingKey {
      case name, value, sigma, unit, cause, pixels
      case biasOfX = "bias_of_x"
    }
  }

  /// Bins that lie next to each other and off to one side.
  public struct Place: Sendable, Hashable, Codable {
    /// Energies in keV.
    public var from: Double
    public var to: Double
    /// Difference of all these bins together, in standard deviations.
    public var significance: Double

    enum CodingKeys: String, CodingKey {
      case from = "from_keV"
      case to = "to_keV"
      case significance = "sigma"
    }
  }

  public var verdict: Verdict
  public var chiSquaredPerDOF: Double
  public var degreesOfFreedom: Int
  /// Probability of a larger chi-squared where nothing is wrong.
  public var probability: Double
  public var chiSquaredPerDOFBefore: Double
  public var largestPixelChiSquaredPerDOF: Double?
  /// First pixel (y, x) of the group that has it, and edge of the groups.
  public var largestPixel: [Int]?
  public var pixelsPerEdge: Int?
  public var corrections: [Correction]
  /// Standard deviations of gain and width from pixel to pixel, where they are corrected for each.
  public var pixelSpread: [String: Double]?
  public var worstBins: [Place]
  public var notice: String?
  /// Standard deviation of the mean of x by all that concerns the instrument.
  public var sigma: Double
  /// The part of it by what the instrument may have done and was not corrected, which is the same in all states of a series but for
  /// what changes between them; nil where it is not known.
  public var openSigma: Double?
  /// The part of ``openSigma`` that may change from one state to the next.
  public var betweenStates: Double?
  /// Energies in keV and residuals of the sum in standard deviations: before and after corrections.
  public var energies: [Double]
  public var residuals: [Double]

  enum CodingKeys: String, CodingKey {
    case verdict, probability, corrections, notice
    case chiSquaredPerDOF = "chi_squared_per_dof"
    case degreesOfFreedom = "degrees_of_freedom"
    case chiSquaredPerDOFBefore = "chi_squared_per_dof_before"
    case largestPixelChiSquaredPerDOF = "largest_pixel_chi_squared_per_dof"
    case largestPixel = "largest_pixel"
    case pixelsPerEdge = "pixels_per_edge_of_group"
    case pixelSpread = "spread_from_pixel_to_pixel"
    case worstBins = "worst_bins"
    case sigma = "mean_x_sigma"
    case openSigma = "mean_x_sigma_not_corrected"
    case betweenStates = "between_states"
    case energies = "energy_keV"
    case residuals = "residual_sigma"
  }
}

extension Misfit {
  /// Probability below which chi-squared says that the model is wrong.
  static let leastProbability = 1e-3
  /// Chi-squared a degree that shapes, which are not exact, may leave after a correction.
  static let bearableExcess = 1.5
  /// More corrections than this explain anything.
  static let mostCorrections = 5
  /// ln of the odds from which on what cannot be corrected is the better explanation.
  static let clearAdvantage = 3.0
  /// An error by the instrument beyond this says nothing of lithium.
  static let largestSigma = 0.06

  /// - Parameters:
  ///   - span: of the calibrated range of x: no error is larger, as nothing is known of x then.
  ///   - canCorrect: whether the map can be put right; a ratio of windows cannot.
  ///   - largestSigma: an error beyond this says nothing of lithium.
  init(
    _ fit: InstrumentFit, settings: InstrumentSettings, span: Double, canCorrect: Bool,
    largestSigma: Double = Self.largestSigma
  ) {
    let dof = Double(fit.degreesOfFreedom)
    let perDOF = fit.chiSquared / dof
    verdict = .described
    sigma = 0
    chiSquaredPerDOF = perDOF
    degreesOfFreedom = fit.degreesOfFreedom
    probability = Distributions.chiSquaredTail(fit.chiSquared, dof: dof)
    chiSquaredPerDOFBefore = fit.plainChiSquared / Double(fit.degreesOfFreedom + fit.parameters)
    corrections = fit.found.map { found in
      let words = settings.words(found.effect)
      return Correction(
        name: words.name, value: found.value, sigma: found.sigma, unit: words.unit.isEmpty ? nil : words.unit,
        biasOfX: found.bias, cause: words.cause)
    }
    worstBins = Self.worst(fit.residuals)
    energies = fit.residuals.map(\.energy)
    residuals = fit.residuals.map(\.value)
    var variance = fit.variance
    if probability < 0.05, perDOF > 1 {
      variance = variance * perDOF + (perDOF - 1) * fit.fixedVariance
    }
    let isWrong =
      probability < Self.leastProbability && (fit.found.isEmpty || perDOF > Self.bearableExcess)
    let isRivalled = (fit.rival?.advantage ?? 0) > Self.clearAdvantage
    var reasons: [String] = []
    if isWrong { reasons.append(leftOver()) }
    if fit.found.count > Self.mostCorrections {
      reasons.append("\(fit.found.count) corrections at once would fit any spectrum")
    }
    if isRivalled, let rival = fit.rival { reasons.append(words(of: rival, settings: settings)) }
    if variance.squareRoot() > largestSigma, reasons.isEmpty {
      reasons.append(
        Self.openWords(
          variance.squareRoot(), limit: largestSigma, counts: fit.spectra.reduce(0) { $0 + $1.total }))
    }
    if !reasons.isEmpty {
      verdict = .notDescribed
      // What is left may hide as much along x as it shows across. Where the shapes explain all, only too little is known of them.
      let hidden = max(0, fit.chiSquared - dof) * (fit.fixedVariance + fit.variance)
      let isOnlyOpen = !isWrong && !isRivalled && fit.found.count <= Self.mostCorrections
      variance += max(hidden, isOnlyOpen ? 0 : (fit.mean - fit.plainMean) * (fit.mean - fit.plainMean))
    } else {
      verdict = fit.found.isEmpty ? .described : .corrected
    }
    if !canCorrect, verdict == .corrected {
      verdict = .notDescribed
      variance += (fit.mean - fit.plainMean) * (fit.mean - fit.plainMean)
      reasons.append(
        "the sample's spectra differ from those of the standards by \(corrections.map(\.name).joined(separator: ", ")), "
          + "which a ratio of windows cannot be freed of; use --method profile")
    }
    sigma = min(variance.squareRoot(), max(span, abs(fit.mean - fit.plainMean)))
    if verdict != .notDescribed {
      openSigma = min(fit.openVariance.squareRoot(), sigma)
      betweenStates = settings.betweenStates
    }
    var parts =
      reasons.isEmpty ? corrections.map { "\($0.name) \(significant($0.value, 3)): \($0.cause)" } : reasons
    if !isRivalled, let rival = fit.rival, rival.advantage > (fit.found.isEmpty ? 1 : -1),
      abs(rival.change) > 0.5 * variance.squareRoot()
    {
      parts.append(words(of: rival, settings: settings))
    }
    notice = parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  static func openWords(_ sigma: Double, limit: Double, counts: Double) -> String {
    "what the sum leaves open of the instrument moves the mean of x by \(significant(sigma, 2)), more than \(limit)"
      + (counts < 1e8 ? ": more counts would show which" : "")
  }

  /// Part of the mapped voxels that may be missing from the sums.
  private static let mostMissing = 0.2

  /// Says so where the sums hold too few of the voxels to speak for all.
  mutating func takeMissing(summed: Int, of mapped: Int) {
    guard Double(mapped - summed) > Self.mostMissing * Double(mapped) else { return }
    verdict = .notDescribed
    sigma = max(sigma, Self.largestSigma)
    let text =
      "\(mapped - summed) of \(mapped) voxels hold saturated bins of their own, so that the sum of the others does not represent them"
    notice = notice.map { $0 + "; " + text } ?? text
  }

  /// What a rival explains, for people.
  private func words(of rival: RivalCauses.Rival, settings: InstrumentSettings) -> String {
    let names = rival.effects.map { $0 == .phase(0) ? settings.words($0).cause : settings.words($0).name }
      .joined(separator: " and ")
    let tried = corrections.map(\.name).joined(separator: " and ")
    let side = rival.change < 0 ? "lower" : "higher"
    return names
      + (rival.advantage > Self.clearAdvantage ? " explains the sum better" : " explains the sum as well")
      + (tried.isEmpty
        ? " than nothing" : rival.advantage > Self.clearAdvantage ? " than \(tried)" : " as \(tried)")
      + " and cannot be distinguished from lithium (x would be \(side) by \(significant(abs(rival.change), 2)))"
      + (rival.effects.contains(.phase(0))
        ? ": name it as a component" : ": measure it with lines in the same spectra")
  }

  /// What no shape explains, for people.
  private func leftOver() -> String {
    let bins = worstBins.map { place in
      let (from, to) = (significant(place.from, 5), significant(place.to, 5))
      return
        "\(from == to ? "at \(from)" : "from \(from) to \(to)") keV (\(significant(place.significance, 3)) sigma)"
    }.joined(separator: ", ")
    let tried = corrections.map(\.name).joined(separator: ", ")
    return
      "the standards do not describe the summed spectrum (chi-squared per degree of freedom \(significant(chiSquaredPerDOF, 3))"
      + (bins.isEmpty ? ")" : "; largest \(bins))")
      + (tried.isEmpty ? "" : ", \(tried) do not explain it")
      + "; look at multiple scattering, the detector's tail, absorption by casing or windows, and phases that "
      + "standards and sample do not share"
  }

  /// Runs of bins off to one side, the largest first.
  private static func worst(_ residuals: [(bin: Int, energy: Double, value: Double)]) -> [Place] {
    var places: [Place] = []
    var start = 0
    while start < residuals.count {
      var end = start + 1
      while end < residuals.count, residuals[end].value * residuals[start].value > 0 { end += 1 }
      let run = residuals[start..<end]
      let sum = run.reduce(0.0) { $0 + $1.value }
      places.append(
        Place(
          from: residuals[start].energy, to: residuals[end - 1].energy,
          significance: sum / Double(run.count).squareRoot()))
      start = end
    }
    return Array(
      places.filter { abs($0.significance) > 4 }.sorted { abs($0.significance) > abs($1.significance) }
        .prefix(3))
  }
}

private func significant(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)g", value)
}

extension Misfit {
  static func percent(_ value: Double) -> String { significant(100 * value, 2) + " %" }
}
