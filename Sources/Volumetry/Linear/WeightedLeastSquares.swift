/// Result of a linear fit y = A p with known variances.
public struct LinearFit: Sendable {
  public let parameters: [Double]
  public let covariance: Matrix
  public let chiSquared: Double
  public let degreesOfFreedom: Int

  /// Probability of a larger chi-squared if the model is right; 1 without degrees of freedom.
  public var probability: Double {
    Distributions.chiSquaredTail(chiSquared, dof: Double(degreesOfFreedom))
  }

  /// Least squares with weights 1 / variance, by the normal equations of the scaled problem.
  ///
  /// - Parameters:
  ///   - design: one row per observation, one column per parameter.
  ///   - variances: positive, one per observation.
  /// - Throws: `data` where there are fewer observations than parameters, or the columns depend on
  ///   each other.
  public init(design: Matrix, values: [Double], variances: [Double]) throws(VoxelithError) {
    let n = design.rows
    let p = design.columns
    precondition(values.count == n && variances.count == n)
    guard n >= p else {
      throw VoxelithError(.data, "\(n) observations cannot determine \(p) parameters")
    }
    var normal = Matrix(zeros: p, p)
    var right = [Double](repeating: 0, count: p)
    for row in 0..<n {
      let weight = 1 / variances[row]
      for i in 0..<p {
        right[i] += weight * design[row, i] * values[row]
        for j in 0..<p { normal[i, j] += weight * design[row, i] * design[row, j] }
      }
    }
    guard let factor = Cholesky(normal) else {
      throw VoxelithError(.data, "the observations do not determine the parameters")
    }
    let solution = factor.solve(right)
    parameters = solution
    covariance = factor.inverse
    var sum = 0.0
    for row in 0..<n {
      let model = (0..<p).reduce(0) { $0 + design[row, $1] * solution[$1] }
      sum += (values[row] - model) * (values[row] - model) / variances[row]
    }
    chiSquared = sum
    degreesOfFreedom = n - p
  }
}
