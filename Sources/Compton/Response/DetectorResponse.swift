import Foundation
public import Volumetry

/// What a detector makes of a photon: an efficiency, escapes of fluorescence, charge shared with neighbours, an exponential
/// tail towards low energies, and a Gaussian line; all but the line are optional.
public struct DetectorResponse: Sendable, Hashable, Codable {
  /// Full width at half maximum of the Gaussian in keV; 0 for a perfect detector.
  public var resolution: Double
  /// Part of the counts that falls into the tail, less than a half.
  public var tailFraction: Double
  /// Length of the exponential tail in keV.
  public var tailLength: Double
  /// Efficiency at energies in keV, interpolated linearly; empty for 1.
  public var efficiency: [EfficiencyPoint]
  /// Part of the photons whose charge is shared with a neighbouring pixel: they are seen anywhere from a half to all of
  /// their energy.
  public var sharingFraction = 0.0
  /// Fluorescence that leaves the detector.
  public var escapes: [Escape] = []
  /// Whether it was learnt from the standards and not told.
  public var isLearnt: Bool?

  /// A fluorescence line of the detector, and the part of the photons that lose it.
  public struct Escape: Sendable, Hashable, Codable {
    public var energy: Double
    public var fraction: Double

    public init(energy: Double, fraction: Double) {
      self.energy = energy
      self.fraction = fraction
    }

    enum CodingKeys: String, CodingKey {
      case energy = "energy_keV"
      case fraction
    }
  }

  /// Efficiency at one energy.
  public struct EfficiencyPoint: Sendable, Hashable, Codable {
    public var energy: Double
    public var value: Double

    public init(energy: Double, value: Double) {
      self.energy = energy
      self.value = value
    }

    enum CodingKeys: String, CodingKey {
      case energy = "energy_keV"
      case value
    }
  }

  enum CodingKeys: String, CodingKey {
    case resolution = "energy_resolution_keV"
    case tailFraction = "tail_fraction"
    case tailLength = "tail_length_keV"
    case efficiency, escapes
    case sharingFraction = "sharing_fraction"
    case isLearnt = "is_learnt"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      resolution: try container.decode(Double.self, forKey: .resolution),
      tailFraction: try container.decode(Double.self, forKey: .tailFraction),
      tailLength: try container.decode(Double.self, forKey: .tailLength),
      efficiency: try container.decode([EfficiencyPoint].self, forKey: .efficiency),
      sharingFraction: try container.decodeIfPresent(Double.self, forKey: .sharingFraction) ?? 0,
      escapes: try container.decodeIfPresent([Escape].self, forKey: .escapes) ?? [])
    isLearnt = try container.decodeIfPresent(Bool.self, forKey: .isLearnt)
  }

  /// - Throws: `data` where a number is negative or not finite, the tail has a part but no length, or half of the
  ///   photons or more are moved.
  public init(
    resolution: Double, tailFraction: Double = 0, tailLength: Double = 0,
    efficiency: [EfficiencyPoint] = [], sharingFraction: Double = 0, escapes: [Escape] = []
  ) throws(VoxelithError) {
    guard resolution.isFinite, resolution >= 0 else {
      throw VoxelithError(.data, "the energy resolution \(resolution) keV is negative or not a number")
    }
    guard tailFraction >= 0, tailFraction < 0.5, tailLength >= 0, tailLength.isFinite,
      tailFraction == 0 || tailLength > 0
    else {
      throw VoxelithError(.data, "the detector's tail needs a part within 0 to 0.5 and a positive length")
    }
    guard efficiency.allSatisfy({ $0.energy.isFinite && $0.value.isFinite && $0.value > 0 }) else {
      throw VoxelithError(.data, "a detector efficiency is not a positive number")
    }
    guard sharingFraction >= 0, sharingFraction < 0.5 else {
      throw VoxelithError(.data, "the sharing_fraction \(sharingFraction) is not within 0 to 0.5")
    }
    guard escapes.allSatisfy({ $0.energy > 0 && $0.energy.isFinite && $0.fraction >= 0 }),
      escapes.reduce(0, { $0 + $1.fraction }) < 0.5
    else {
      throw VoxelithError(
        .data, "an escape needs a positive energy and a part from 0, and all parts less than 0.5 together")
    }
    self.sharingFraction = sharingFraction
    self.escapes = escapes
    self.resolution = resolution
    self.tailFraction = tailFraction
    self.tailLength = tailLength
    self.efficiency = efficiency.sorted { $0.energy < $1.energy }
  }

  /// Whether it does anything that depends on a photon's energy alone.
  var hasFixedEnergyEffects: Bool {
    tailFraction > 0 || sharingFraction > 0 || !escapes.isEmpty || !efficiency.isEmpty
  }

  /// Standard deviation of the Gaussian in keV.
  public var sigma: Double { resolution / (8 * log(2.0)).squareRoot() }

  /// Efficiency at an energy in keV.
  public func efficiency(at energy: Double) -> Double {
    guard let first = efficiency.first, let last = efficiency.last else { return 1 }
    if energy <= first.energy { return first.value }
    if energy >= last.energy { return last.value }
    for (low, high) in zip(efficiency, efficiency.dropFirst()) where energy <= high.energy {
      let part = (energy - low.energy) / (high.energy - low.energy)
      return low.value + part * (high.value - low.value)
    }
    return last.value
  }

  /// Spreads densities on equal steps of `step` keV; the ends see zeros beyond them.
  func spread(_ densities: [Double], step: Double) -> [Double] {
    let kernel = lineShape(step: step)
    guard kernel.count > 1 else { return densities }
    let radius = kernel.count / 2
    var result = [Double](repeating: 0, count: densities.count)
    let shape = kernel.span
    var target = result.mutableSpan
    for source in densities.indices where densities[source] != 0 {
      let first = max(0, source - radius)
      let last = min(densities.count, source - radius + kernel.count)
      add(
        densities[source], shape.extracting((first - source + radius)..<(last - source + radius)),
        to: &target,
        at: first)
    }
    return result
  }

  /// The response to a line in the middle, on steps of `step` keV, summing to 1: each step holds the integral of
  /// the Gaussian over it, and the tail is convolved with the Gaussian.
  private func lineShape(step: Double) -> [Double] {
    guard resolution > 0 || tailFraction > 0 else { return [1] }
    let reach = 6 * sigma + (tailFraction > 0 ? 12 * tailLength : 0)
    let radius = max(1, Int((reach / step).rounded(.up)))
    func gaussianPart(_ offset: Double) -> Double {
      guard sigma > 0 else { return abs(offset) < 0.25 * step ? 1 : 0 }
      let root = sigma * 2.0.squareRoot()
      return 0.5 * (erf((offset + 0.5 * step) / root) - erf((offset - 0.5 * step) / root))
    }
    var kernel = (-radius...radius).map { gaussianPart(Double($0) * step) }
    if tailFraction > 0 {
      let gaussian = kernel
      var tail = [Double](repeating: 0, count: kernel.count)
      let decay = exp(-step / tailLength)
      var carried = 0.0
      for index in stride(from: kernel.count - 1, through: 0, by: -1) {
        carried = carried * decay + gaussian[index] * (1 - decay)
        tail[index] = carried
      }
      for index in kernel.indices {
        kernel[index] = (1 - tailFraction) * gaussian[index] + tailFraction * tail[index]
      }
    }
    let sum = kernel.reduce(0, +)
    return kernel.map { $0 / sum }
  }
}

private func add(_ value: Double, _ shape: Span<Double>, to target: inout MutableSpan<Double>, at start: Int)
{
  var part = target._mutatingExtracting(start..<(start + shape.count))
  for i in shape.indices { part[i] += value * shape[i] }
}
