public import Compton
import Foundation
package import Readers
public import Volumetry

/// Exposures of one scan that are added up in a map: what each holds, and whether detector or sample changed between them.
///
/// A change of the gain by 1e-4 moves x by about as much as the error of a mean; counts of exposures with different gains, added up, have a
/// wider and shifted spectrum. So the gain of each is fitted to the sum of its spectra (`DriftFit`), and their scatter is compared with their
/// errors by counts. Whatever else changed shows in the shape of the sums (`SpectralHomogeneity`), which needs no model.
public struct ExposureReport: Codable, Sendable, Equatable {
  /// One file.
  public struct Exposure: Codable, Sendable, Equatable {
    public var file: String
    /// Mean over the voxels.
    public var liveTime: Double?
    /// Gain over that of the first exposure, minus 1, with its standard deviation by counts; nil where it could not be fitted.
    public var gain: Double?
    public var gainSigma: Double?
    /// By how much x changes in this exposure where its gain is taken for that of the first.
    public var xShift: Double?
    /// x of the sum over that of the first exposure with the gains free, with its standard deviation by counts.
    public var x: Double?
    public var xSigma: Double?
    /// The sum of all spectra in counts; not written.
    package var counts: [Double] = []
    /// Counts of the calibration's background in them; not written.
    package var background: [Double] = []

    enum CodingKeys: String, CodingKey {
      case file
      case x = "x_since_first"
      case xSigma = "x_since_first_sigma"
      case liveTime = "live_time_s"
      case gain = "gain_since_first"
      case gainSigma = "gain_since_first_sigma"
      case xShift = "x_shift"
    }
  }

  public enum Verdict: String, Codable, Sendable {
    /// The gains agree within their errors.
    case stable
    /// They do not, and x of the sums agrees.
    case drifts
    /// x of the sums differs, whatever the gains do, or their shapes do where the gains agree.
    case differs
    /// The gain of too few exposures could be fitted.
    case notChecked = "not_checked"
  }

  public var files: [Exposure]
  public var verdict: Verdict
  /// Of the gains against one common gain.
  public var chiSquaredPerDOF: Double?
  /// Of the sums against one common shape, with its probability; nil where they hold too little.
  public var shapeChiSquaredPerDOF: Double?
  public var shapeProbability: Double?

  enum CodingKeys: String, CodingKey {
    case files, verdict
    case chiSquaredPerDOF = "chi_squared_per_dof"
    case shapeChiSquaredPerDOF = "shape_chi_squared_per_dof"
    case shapeProbability = "shape_probability"
  }

  /// Exceeded by chance in one of a thousand measurements whose gain did not change.
  private static let rareness = 1e-3

  /// Looks at the files of a source, which reads each once; nil where it is a single file.
  ///
  /// - Throws: errors of the source.
  public init?(
    _ source: any SpectralSource, calibration: Calibration, resources: Resources
  ) throws(VoxelithError) {
    var inner = source
    var scale = 1.0
    while let wrapped = inner as? any WrappedSource {
      if let scaled = wrapped as? ScaledSource { scale *= Double(scaled.factor) }
      inner = wrapped.base
    }
    guard let pool = inner as? any PooledSpectra, pool.parts.count > 1 else { return nil }
    self.init(
      try pool.parts.map { (part) throws(VoxelithError) in
        try Exposure(part, countsPerUnit: scale, calibration: calibration, resources: resources)
      })
  }

  /// - Parameter raw: the files with the gain of each and the shift of x by it against the calibration.
  package init(_ raw: [Exposure]) {
    var files = raw
    let first = raw.first { $0.gain != nil }
    for index in files.indices {
      guard let own = raw[index].gain, let sigma = raw[index].gainSigma, let base = first?.gain,
        let baseSigma = first?.gainSigma
      else { continue }
      let isFirst = raw[index] == first
      files[index].gain = rounded(own - base)
      files[index].gainSigma = rounded(isFirst ? 0 : (sigma * sigma + baseSigma * baseSigma).squareRoot())
      files[index].xShift = rounded((raw[index].xShift ?? 0) - (first?.xShift ?? 0))
      if let own = raw[index].x, let sigma = raw[index].xSigma, let base = first?.x,
        let baseSigma = first?.xSigma
      {
        files[index].x = rounded(own - base)
        files[index].xSigma = rounded(isFirst ? 0 : (sigma * sigma + baseSigma * baseSigma).squareRoot())
      }
    }
    let shape = SpectralHomogeneity(raw.map(\.counts), known: raw.map(\.background))
    shapeChiSquaredPerDOF = shape.map { rounded($0.chiSquared / Double($0.degreesOfFreedom)) }
    shapeProbability = shape.map { rounded($0.probability) }
    // x is that of a fit with the gain free: no gain explains a difference.
    let isOneSample = !Self.differ(
      raw.compactMap { one in one.x.flatMap { x in one.xSigma.map { (x, $0) } } })
    let isOneShape = isOneSample && (shape?.probability ?? 1) >= Self.rareness
    self.files = files
    let gains = raw.compactMap { one in one.gain.flatMap { gain in one.gainSigma.map { (gain, $0) } } }
    guard gains.count > 1 else {
      verdict = isOneShape ? .notChecked : .differs
      return
    }
    chiSquaredPerDOF = rounded(Self.chiSquared(gains) / Double(gains.count - 1))
    verdict = isOneSample && Self.differ(gains) ? .drifts : isOneShape ? .stable : .differs
  }

  /// Chi-squared of numbers against their weighted mean.
  private static func chiSquared(_ values: [(value: Double, sigma: Double)]) -> Double {
    let weights = values.map { 1 / max($0.sigma * $0.sigma, 1e-30) }
    let mean = zip(values, weights).reduce(0) { $0 + $1.0.value * $1.1 } / weights.reduce(0, +)
    return zip(values, weights).reduce(0) { $0 + ($1.0.value - mean) * ($1.0.value - mean) * $1.1 }
  }

  /// Whether numbers scatter by more than their errors.
  private static func differ(_ values: [(value: Double, sigma: Double)]) -> Bool {
    guard values.count > 1 else { return false }
    return Distributions.chiSquaredTail(chiSquared(values), dof: Double(values.count - 1)) < rareness
  }

  /// What people should know; nil where nothing changed.
  public var notice: String? {
    switch verdict {
    case .stable: return nil
    case .notChecked:
      return "the gain of the \(files.count) exposures could not be compared: their spectra do not tell it"
    case .differs:
      let furthest = files.max { abs($0.x ?? 0) < abs($1.x ?? 0) }
      let shift = furthest.flatMap { one in one.x.map { (one.file, $0, one.xSigma ?? 0) } }.map {
        "; x of their sums differs by up to \(rounded($0.1, digits: 2)) +- \(rounded($0.2, digits: 2)) (\($0.0))"
      }
      return
        "the spectra of the exposures differ by more than their counts allow: the detector's width, the background or the "
        + "sample changed between them\(shift ?? ""); map them as a series and compare"
    case .drifts:
      let furthest = files.max { abs($0.gain ?? 0) < abs($1.gain ?? 0) }
      guard let furthest, let gain = furthest.gain else { return nil }
      let shift = furthest.xShift.map { ", which moves x by \(rounded(abs($0), digits: 2)) there" } ?? ""
      return
        "the gain changed between the exposures: by \(rounded(1e6 * gain, digits: 2)) +- "
        + "\(rounded(1e6 * (furthest.gainSigma ?? 0), digits: 2)) ppm in \(furthest.file)\(shift); their sum has no one gain: "
        + "map them as a series with --correct-gain and compare"
    }
  }
}

extension ExposureReport.Exposure {
  /// A file with its gain against that of the calibration; without where its spectra do not tell one.
  ///
  /// - Throws: errors of the source.
  package init(
    _ part: any DescribedSpectra, countsPerUnit: Double = 1, calibration: Calibration, resources: Resources
  ) throws(VoxelithError) {
    file = PathName.last(of: part.name)
    liveTime = part.acquisition.liveTime
    let source: any SpectralSource = countsPerUnit == 1 ? part : ScaledSource(part, factor: countsPerUnit)
    let sum = try SourceSum(source, resources: resources)
    counts = sum.counts
    background = Self.background(sum, of: source, calibration)
    do throws(VoxelithError) {
      let fit = try DriftFit(
        sum, of: source, calibration: calibration,
        withComponents: !calibration.methods.profile.components.isEmpty)
      (gain, gainSigma, xShift) = (fit.gain, fit.gainSigma, fit.xShift)
      (x, xSigma) = (fit.x, fit.xSigma)
    } catch {
      // Too few counts for a gain, or an axis of bin positions: the exposure is counted, and not compared.
      guard error.code == .data else { throw error }
    }
  }

  /// What the calibration's background leaves in a sum of spectra on its axis; empty where it is on another one.
  private static func background(
    _ sum: SourceSum, of source: any SpectralSource, _ calibration: Calibration
  ) -> [Double] {
    let basis = calibration.methods.profile
    guard basis.background.rate.count == sum.counts.count, let axis = try? calibration.energyAxis(),
      axis.matches(source.energy)
    else { return [] }
    let time = basis.normalization == .liveTime ? source.acquisition.liveTime ?? 1 : 1
    return basis.background.rate.map { max(0, $0) * time * Double(sum.voxels) }
  }
}
