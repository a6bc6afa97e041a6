public import Volumetry

/// What is assumed of the diffusion, and what is known.
public struct DiffusionModel: Sendable, Hashable {
  /// Which elements of the diffusivity are told apart.
  public enum Directions: String, Sendable, Hashable, Codable, CaseIterable {
    /// One number.
    case isotropic
    /// One along the depth, one in the plane: for structures that are alike along both axes of the plane.
    case axial
    /// One along each axis of the grid.
    case diagonal
    /// All six elements.
    case tensor
  }

  /// What happens at the separator's face from the first state on.
  public enum Boundary: String, Sendable, Hashable, Codable, CaseIterable {
    /// The flow is the exchange coefficient times what x lacks of its value outside.
    case exchange
    /// x has a fixed value there: an infinitely fast exchange.
    case concentration
    /// Lithium flows at a given or unknown rate, which changes from state to state.
    case flux
    /// Nothing flows: the lithium that is there spreads.
    case closed
  }

  public var directions = Directions.diagonal
  public var boundary = Boundary.exchange
  /// x outside: one number, or one for each interval between states; free where empty.
  public var boundaryX: [Double] = []
  public var boundaryXSigma = 0.0
  /// Change of the mean x per second: one number, or one for each interval; free where empty.
  public var rates: [Double] = []
  public var rateSigma = 0.0
  /// Whether a free value at the boundary is one for each interval; rates always are.
  public var changesEachInterval = false
  public var depth = Axis.z
  public var face = SeparatorFace.lower
  public var detail = DiffusionDetail()

  public init() {}

  /// Biot's number (exchange coefficient times thickness over diffusivity) that stands for an infinitely fast exchange.
  static let fastBiot = 1e4
}

/// The map of one state.
public struct OperandoState: Sendable {
  public var seconds: Double
  /// x of every voxel, NaN where unknown, and the part of its standard error that neighbours do not share.
  public var x: [Float]
  public var sigma: [Float]
  /// Standard deviation of the error that all voxels of this state share, and other states do not.
  public var commonSigma: Double

  public init(seconds: Double, x: [Float], sigma: [Float], commonSigma: Double) {
    self.seconds = seconds
    self.x = x
    self.sigma = sigma
    self.commonSigma = commonSigma
  }
}
