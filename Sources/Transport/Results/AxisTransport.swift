public import Volumetry

/// Transport along one axis: what `voxelith transport` writes for it.
public struct AxisTransport: Sendable, Hashable {
  public let axis: Axis
  /// Total porosity (or mean diffusivity) over the effective diffusivity; nil where nothing percolates.
  public let tortuosityFactor: Double?
  /// The same with the percolating part of the phases only.
  public let tortuosityFactorPercolating: Double?
  /// Mean flux relative to that through an empty box; 0 where nothing percolates, NaN (written as null) along an axis of
  /// one voxel.
  public let effectiveDiffusivity: Double
  /// Share of the voxels that conduct.
  public let porosity: Double
  /// Share of the voxels in clusters that join both faces; NaN along an axis of one voxel.
  public let percolatingPorosity: Double
  /// Mean relative diffusivity over the box, the porosity for one phase of diffusivity 1.
  public let meanDiffusivity: Double
  /// Norm of the residual over the norm of the right-hand side, in double precision.
  public let residual: Double?
  /// Difference of the flows through inlet and outlet over their mean.
  public let fluxImbalance: Double?
  /// Largest less smallest flow through the layers over their mean.
  public let fluxSpread: Double?
  public let iterations: Int
  /// Why there is no tortuosity factor.
  public let reason: String?
}

extension AxisTransport {
  /// Nothing joins the faces across `axis`.
  init(notPercolatingAlong axis: Axis, porosity: Double, meanDiffusivity: Double) {
    self.init(
      axis: axis, tortuosityFactor: nil, tortuosityFactorPercolating: nil, effectiveDiffusivity: 0,
      porosity: porosity, percolatingPorosity: 0, meanDiffusivity: meanDiffusivity, residual: nil,
      fluxImbalance: nil, fluxSpread: nil, iterations: 0,
      reason: "no connected path of conducting voxels joins the two faces across \(axis.rawValue)")
  }
}

extension AxisTransport {
  /// The volume is a single slice across `axis`.
  init(missing axis: Axis, porosity: Double, meanDiffusivity: Double) {
    self.init(
      axis: axis, tortuosityFactor: nil, tortuosityFactorPercolating: nil, effectiveDiffusivity: .nan,
      porosity: porosity, percolatingPorosity: .nan, meanDiffusivity: meanDiffusivity, residual: nil,
      fluxImbalance: nil, fluxSpread: nil, iterations: 0,
      reason: "the volume is one voxel thick along \(axis)")
  }
}

extension AxisTransport: Encodable {
  enum CodingKeys: String, CodingKey {
    case tortuosityFactor = "tortuosity_factor"
    case tortuosityFactorPercolating = "tortuosity_factor_percolating"
    case effectiveDiffusivity = "effective_diffusivity"
    case porosity
    case percolatingPorosity = "percolating_porosity"
    case meanDiffusivity = "mean_diffusivity"
    case residual
    case fluxImbalance = "flux_imbalance"
    case fluxSpread = "flux_spread"
    case iterations
    case reason
  }

  /// Missing numbers are written as null; `reason` appears only with them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tortuosityFactor, forKey: .tortuosityFactor)
    try container.encode(tortuosityFactorPercolating, forKey: .tortuosityFactorPercolating)
    try container.encode(
      effectiveDiffusivity.isNaN ? nil : effectiveDiffusivity, forKey: .effectiveDiffusivity)
    try container.encode(porosity, forKey: .porosity)
    try container.encode(percolatingPorosity.isNaN ? nil : percolatingPorosity, forKey: .percolatingPorosity)
    try container.encode(meanDiffusivity, forKey: .meanDiffusivity)
    try container.encode(residual, forKey: .residual)
    try container.encode(fluxImbalance, forKey: .fluxImbalance)
    try container.encode(fluxSpread, forKey: .fluxSpread)
    try container.encode(iterations, forKey: .iterations)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}
