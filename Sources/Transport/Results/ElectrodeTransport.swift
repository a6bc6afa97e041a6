public import Volumetry

/// Electrode tortuosity along one axis: what the impedance of a symmetric cell with blocking electrodes tells.
public struct ElectrodeTransport: Sendable, Hashable {
  public let axis: Axis
  public let separator: SeparatorFace
  /// 3 times porosity times ``relativeResistance``; nil where nothing reaches the separator.
  public let tortuosityFactor: Double?
  /// The same with the part of the phase that is joined to the separator.
  public let tortuosityFactorAccessible: Double?
  /// Ionic resistance over that of the length of the box in free medium.
  public let relativeResistance: Double?
  /// Share of the voxels that conduct.
  public let porosity: Double
  /// Share of the voxels in clusters that touch the separator's face.
  public let accessiblePorosity: Double
  /// Surface that carries charge, in square micrometres, counted in faces of voxels.
  public let surface: Double?
  public let residual: Double?
  public let iterations: Int
  /// Why there is no value.
  public let reason: String?
}

extension ElectrodeTransport {
  init(none axis: Axis, separator: SeparatorFace, porosity: Double, accessible: Double = 0, reason: String) {
    self.init(
      axis: axis, separator: separator, tortuosityFactor: nil, tortuosityFactorAccessible: nil,
      relativeResistance: nil, porosity: porosity, accessiblePorosity: accessible, surface: nil,
      residual: nil, iterations: 0, reason: reason)
  }
}

extension ElectrodeTransport: Encodable {
  enum CodingKeys: String, CodingKey {
    case separator, porosity, residual, iterations, reason
    case tortuosityFactor = "tortuosity_factor"
    case tortuosityFactorAccessible = "tortuosity_factor_accessible"
    case relativeResistance = "relative_resistance"
    case accessiblePorosity = "accessible_porosity"
    case surface = "surface_um2"
  }

  /// Missing numbers are written as null; `reason` appears only with them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(separator, forKey: .separator)
    try container.encode(tortuosityFactor, forKey: .tortuosityFactor)
    try container.encode(tortuosityFactorAccessible, forKey: .tortuosityFactorAccessible)
    try container.encode(relativeResistance, forKey: .relativeResistance)
    try container.encode(porosity, forKey: .porosity)
    try container.encode(accessiblePorosity, forKey: .accessiblePorosity)
    try container.encode(surface, forKey: .surface)
    try container.encode(residual, forKey: .residual)
    try container.encode(iterations, forKey: .iterations)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}
