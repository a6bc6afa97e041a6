/// How spectra were measured, as far as it is known.
public struct Acquisition: Sendable, Hashable {
  /// Energy of the beam in keV.
  public var incidentEnergy: Double?
  public var scatteringAngle: ScatteringAngle?
  /// Full width at half maximum of the detector's response in keV.
  public var energyResolution: Double?
  /// Live time of each voxel's spectrum in seconds.
  public var liveTime: Double?
  /// Live time of every voxel (z, y, x) in seconds where it differs among them, NaN where none was measured; ``liveTime``
  /// is then their mean.
  public var voxelLiveTimes: [Float]?

  public init(
    incidentEnergy: Double? = nil, scatteringAngle: ScatteringAngle? = nil,
    energyResolution: Double? = nil, liveTime: Double? = nil, voxelLiveTimes: [Float]? = nil
  ) {
    self.incidentEnergy = incidentEnergy
    self.scatteringAngle = scatteringAngle
    self.energyResolution = energyResolution
    self.liveTime = liveTime
    self.voxelLiveTimes = voxelLiveTimes
  }

  /// The other's values where this one has none.
  public func filled(from other: Acquisition) -> Acquisition {
    Acquisition(
      incidentEnergy: incidentEnergy ?? other.incidentEnergy,
      scatteringAngle: scatteringAngle ?? other.scatteringAngle,
      energyResolution: energyResolution ?? other.energyResolution,
      liveTime: liveTime ?? other.liveTime,
      voxelLiveTimes: liveTime == nil ? other.voxelLiveTimes : voxelLiveTimes)
  }
}

/// Scattering angle in degrees: one for all pixels, or one for each detector pixel (y, x).
public enum ScatteringAngle: Sendable, Hashable {
  case uniform(Double)
  /// `values` in the order y, x (x fastest).
  case perPixel(height: Int, width: Int, values: [Double])

  /// Angle of a pixel in degrees.
  public func degrees(y: Int, x: Int) -> Double {
    switch self {
    case .uniform(let angle): angle
    case .perPixel(_, let width, let values): values[y * width + x]
    }
  }

  /// Mean over the pixels that have a finite angle.
  public var mean: Double {
    switch self {
    case .uniform(let angle): angle
    case .perPixel(_, _, let values):
      values.filter(\.isFinite).reduce(0, +) / Double(max(1, values.count(where: \.isFinite)))
    }
  }
}
