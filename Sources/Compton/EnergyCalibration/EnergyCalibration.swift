import Foundation
public import Volumetry

/// How gain and offset are sought.
public struct EnergyCalibrationOptions: Sendable {
  public var lines: [EmissionLine]
  /// Expected width of a line (FWHM) in keV.
  public var resolution: Double
  /// keV per unit of the axis, and keV at its zero: where they are sought.
  public var gainRange: ClosedRange<Double>
  public var offsetRange: ClosedRange<Double>
  /// A line counts as found where its counts exceed this many standard deviations.
  public var significance = 4.0
  /// Length in keV of the tail towards low energies that every line has, its part fitted; 0 for none.
  public var tailLength = 0.0
  /// Whether ``PixelCalibration`` looks for a tail, and takes the length that describes the lines best.
  public var findsTail = true

  /// - Throws: `usage` where there are fewer than two lines, two are nearly the same, or a number makes no sense.
  public init(
    lines: [EmissionLine], resolution: Double = 1, gainRange: ClosedRange<Double> = 0.9...1.1,
    offsetRange: ClosedRange<Double> = -5...5
  ) throws(VoxelithError) {
    guard lines.count >= 2 else {
      throw VoxelithError(.usage, "gain and offset need two lines or more")
    }
    guard resolution > 0, resolution.isFinite, gainRange.lowerBound > 0 else {
      throw VoxelithError(.usage, "resolution and gain must be positive")
    }
    let sorted = lines.sorted { $0.energy < $1.energy }
    for (low, high) in zip(sorted, sorted.dropFirst()) where high.energy - low.energy < resolution {
      throw VoxelithError(
        .usage, "the lines \(low) and \(high) are closer than a detector of \(resolution) keV can separate",
        advice: "name one of them; the other is taken into the fit by itself")
    }
    self.lines = sorted
    self.resolution = resolution
    self.gainRange = gainRange
    self.offsetRange = offsetRange
  }
}

/// Gain and offset of one spectrum: keV = gain x place on the axis + offset.
public struct EnergyCalibration: Sendable, Hashable, Codable {
  public enum Status: String, Sendable, Hashable, Codable, CaseIterable {
    case good
    /// Fewer than two of the lines stand out.
    case tooFewLines = "too_few_lines"
    /// The spectrum has no counts.
    case empty
  }

  /// What a line gave.
  public struct Line: Sendable, Hashable, Codable {
    public var name: String
    public var energy: Double
    /// Place on the axis and its standard deviation.
    public var position: Double
    public var sigma: Double
    public var counts: Double
    public var fwhm: Double
    /// Measured minus true energy, and its standard deviation by counting, in eV.
    public var residual: Double
    public var residualSigma: Double
    /// Left out of the line through the others, which it contradicts.
    public var isRejected: Bool
    /// Part of the line that trails towards low energies; nil where none was fitted.
    public var tail: Double?
    /// Minus twice the logarithm of the likelihood of the fit.
    var cost = 0.0

    enum CodingKeys: String, CodingKey {
      case name
      case tail = "tail_fraction"
      case energy = "energy_keV"
      case position
      case sigma = "position_sigma"
      case counts
      case fwhm = "fwhm_keV"
      case residual = "residual_eV"
      case residualSigma = "residual_sigma_eV"
      case isRejected = "rejected"
    }
  }

  public var status: Status
  public var gain = Double.nan
  public var offset = Double.nan
  public var gainSigma = Double.nan
  public var offsetSigma = Double.nan
  /// Covariance of gain and offset.
  public var covariance = Double.nan
  public var chiSquared = Double.nan
  public var degreesOfFreedom = 0
  public var lines: [Line] = []

  enum CodingKeys: String, CodingKey {
    case status
    case gain = "gain_keV_per_unit"
    case offset = "offset_keV"
    case gainSigma = "gain_sigma"
    case offsetSigma = "offset_sigma_keV"
    case covariance = "gain_offset_covariance"
    case chiSquared = "chi_squared"
    case degreesOfFreedom = "degrees_of_freedom"
    case lines
  }

  init(status: Status) { self.status = status }

  /// Energy in keV of a place on the axis, and its standard deviation.
  public func energy(_ position: Double) -> (value: Double, sigma: Double) {
    let variance =
      position * position * gainSigma * gainSigma + 2 * position * covariance + offsetSigma * offsetSigma
    return (gain * position + offset, max(0, variance).squareRoot())
  }

  /// Searches peaks, matches them with the lines, fits every line and draws the straight line through them.
  ///
  /// - Parameters:
  ///   - counts: counts of the bins, not negative.
  ///   - start: gain and offset near the truth, which replace the search.
  public init(
    counts: [Double], axis: EnergyAxis, options: EnergyCalibrationOptions, start: (Double, Double)? = nil
  ) {
    guard counts.contains(where: { $0 > 0 }) else {
      self.init(status: .empty)
      return
    }
    guard let first = start ?? LineMatching.match(counts: counts, axis: axis, options: options) else {
      self.init(status: .tooFewLines)
      return
    }
    var guess = first
    var result = EnergyCalibration(status: .tooFewLines)
    // The second pass has the windows and distances right.
    for _ in 0..<2 {
      let found = options.lines.compactMap { line in
        LineMatching.fit(line, counts: counts, axis: axis, gain: guess.0, offset: guess.1, options: options)
      }
      guard let next = EnergyCalibration(found, gain: guess.0) else { break }
      result = next
      guess = (next.gain, next.offset)
    }
    self = result
  }

  /// The straight line through fitted lines; one that contradicts the others by more than 5 sigma is left out as
  /// long as three remain.
  init?(_ found: [Line], gain start: Double) {
    var lines = found
    self.init(status: .good)
    var gain = start
    while true {
      let used = lines.indices.filter { !lines[$0].isRejected }
      guard used.count >= 2 else { return nil }
      var fit: LinearFit?
      for _ in 0..<3 {
        let current = gain
        fit = try? LinearFit(
          design: Matrix(used.map { [lines[$0].position, 1] }), values: used.map { lines[$0].energy },
          variances: used.map { pow(current * lines[$0].sigma, 2) })
        guard let fit else { return nil }
        gain = fit.parameters[0]
      }
      guard let fit, gain > 0 else { return nil }
      self.gain = gain
      offset = fit.parameters[1]
      gainSigma = fit.covariance[0, 0].squareRoot()
      offsetSigma = fit.covariance[1, 1].squareRoot()
      covariance = fit.covariance[0, 1]
      chiSquared = fit.chiSquared
      degreesOfFreedom = fit.degreesOfFreedom
      for index in lines.indices {
        lines[index].residual =
          1000 * (gain * lines[index].position + offset - lines[index].energy)
        lines[index].residualSigma = 1000 * gain * lines[index].sigma
        lines[index].fwhm *= gain / start
      }
      self.lines = lines
      guard used.count > 3 || (used.count == 3 && fit.probability < 1e-6),
        let worst = Self.outlier(lines, among: used)
      else { return }
      if used.count == 3 { return }
      lines[worst].isRejected = true
    }
  }

  /// The line whose own distance from the straight line through the other lines is the largest, if above 5 sigma.
  private static func outlier(_ lines: [Line], among used: [Int]) -> Int? {
    var worst: (index: Int, size: Double)?
    for index in used {
      let others = used.filter { $0 != index }
      let step = (lines[index].residualSigma / 1000) / max(lines[index].sigma, .leastNormalMagnitude)
      guard
        let fit = try? LinearFit(
          design: Matrix(others.map { [lines[$0].position, 1] }), values: others.map { lines[$0].energy },
          variances: others.map { pow(step * lines[$0].sigma, 2) })
      else { continue }
      let place = lines[index].position
      let distance = fit.parameters[0] * place + fit.parameters[1] - lines[index].energy
      let variance = fit.covariance.quadraticForm([place, 1]) + pow(lines[index].residualSigma / 1000, 2)
      let size = abs(distance) / variance.squareRoot()
      if size > 5, size > worst?.size ?? 0 { worst = (index, size) }
    }
    return worst?.index
  }
}
