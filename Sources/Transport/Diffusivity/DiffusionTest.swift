import Volumetry

/// Whether diffusion describes the maps.
public struct DiffusionTest: Sendable, Hashable, Codable {
  public enum Verdict: String, Sendable, Hashable, Codable {
    case described
    case notDescribed = "not_described"
  }

  public var verdict: Verdict
  /// Of the smooth part of all maps about the model, in units of the voxels' scatter.
  public var chiSquaredPerDof: Double
  public var degreesOfFreedom: Int
  public var probability: Double
  /// Of the depth profiles alone, where what is wrong at the boundary shows.
  public var depthChiSquaredPerDof: Double
  public var depthDegreesOfFreedom: Int
  public var depthProbability: Double
  /// Of the voxels about a smooth map of each state, and what they vary by beyond their errors.
  public var scatter: [Double]
  public var roughness: [Double]

  enum CodingKeys: String, CodingKey {
    case verdict, probability, scatter, roughness
    case chiSquaredPerDof = "chi_squared_per_dof"
    case degreesOfFreedom = "degrees_of_freedom"
    case depthChiSquaredPerDof = "depth_chi_squared_per_dof"
    case depthDegreesOfFreedom = "depth_degrees_of_freedom"
    case depthProbability = "depth_probability"
  }

  /// Probability below which a model is said not to describe the maps.
  static let level = 1e-3

  init(
    _ problem: DiffusivityProblem, _ point: DiffusivityProblem.Point, residuals: [[Double]], fitted: Int
  ) throws(VoxelithError) {
    let (modes, evidence) = (problem.modes, problem.evidence)
    let unknowns = problem.unknowns
    let free = unknowns.sources.count { !$0.isGiven } + fitted
    let outside = evidence.reduce(0.0) { $0 + $1.chiSquared }
    let outsideDof = evidence.reduce(0) { $0 + $1.degreesOfFreedom }
    let voxels = evidence.reduce(0) { $0 + $1.voxels }
    let unit = outsideDof > 0 ? max(1e-12, outside / Double(outsideDof)) : 1
    degreesOfFreedom = max(1, voxels - outsideDof - unknowns.initialCount - free)
    let inside = max(0, point.response.chiSquared - outside) / unit
    chiSquaredPerDof = inside / Double(degreesOfFreedom)
    probability = Distributions.chiSquaredTail(inside, dof: Double(degreesOfFreedom))
    var sum = 0.0
    for (state, residual) in zip(evidence, residuals) {
      let weighted = zip(residual, state.weights).map { $0 * $1 }
      let pulls = try modes.sums.projection(weighted, modes.axes)
      let own = modes.depthOnly.map { pulls[$0] }
      if let factor = Cholesky(Matrix(state.depthInformation)) {
        sum += DiffusionResponse.dot(own, factor.solve(own))
      }
    }
    let depthModes = modes.depthOnly.count
    let initial = min(depthModes, problem.model.detail.initialDepth)
    depthDegreesOfFreedom = max(1, evidence.count * depthModes - initial - free)
    sum /= unit
    depthChiSquaredPerDof = sum / Double(depthDegreesOfFreedom)
    depthProbability = Distributions.chiSquaredTail(sum, dof: Double(depthDegreesOfFreedom))
    verdict = min(probability, depthProbability) < Self.level / 2 ? .notDescribed : .described
    scatter = evidence.map { $0.chiSquared / Double($0.degreesOfFreedom) }
    roughness = evidence.map(\.roughness)
  }
}
