public import Volumetry

/// How exactly the diffusion problem is solved.
public struct TransportOptions: Sendable, Hashable {
  /// Norm of the residual over the norm of the right-hand side at which the solver stops.
  public var tolerance: Double
  /// Iterations after which the solver gives up with an error.
  public var maximumIterations: Int
  /// How the sides are closed that the flux does not pass.
  public var sides: TransportSides

  public init(
    tolerance: Double = 1e-6, maximumIterations: Int = 500, sides: TransportSides = .insulated
  ) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.sides = sides
  }

  /// - Throws: `usage` where the tolerance is not within 1e-12 ... 0.1 or no iteration is allowed.
  public func validate() throws(VoxelithError) {
    guard tolerance >= 1e-12 && tolerance <= 0.1 else {
      throw VoxelithError(.usage, "the tolerance \(tolerance) does not lie between 1e-12 and 0.1")
    }
    guard maximumIterations >= 1 else {
      throw VoxelithError(.usage, "at least one iteration must be allowed")
    }
  }
}
