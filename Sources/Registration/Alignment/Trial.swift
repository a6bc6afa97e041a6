import Volumetry

/// A position that was fitted at one level, with what speaks for it.
struct Trial {
  let solution: Solver.Solution
  let solver: Solver
  let metric: RegistrationMetric
  let agreement: Agreement

  /// Nil where too little overlaps, or one side is constant there.
  init?(_ solver: Solver, metric: RegistrationMetric, from start: SpatialTransform, least: Int) {
    guard let solution = solver.solve(from: start), solution.evaluation.count >= least else { return nil }
    self.solution = solution
    self.solver = solver
    self.metric = metric
    agreement = Self.agreement(solution, solver)
  }

  private static func agreement(_ solution: Solver.Solution, _ solver: Solver) -> Agreement {
    let values = solver.fixed.values
    let samples = solution.samples
    let taken = values.indices.map {
      solution.evaluation.count > 0 && !values[$0].isNaN && !samples[4 * $0].isNaN
    }
    let observed = values.indices.map { taken[$0] ? values[$0] : .nan }
    let predicted: [Float]
    if solver.metric.hasNuisances {
      let sign: Float = solution.evaluation.gain < 0 ? -1 : 1
      predicted = values.indices.map { taken[$0] ? sign * samples[4 * $0] : .nan }
    } else {
      predicted = Relation(fixed: values, samples: samples, taken: taken).curve
    }
    // Detail of two sizes: where fine detail drowns in noise, coarser detail speaks.
    let shape = solver.model.lattice.shape
    let longest = max(shape.x, shape.y, shape.z)
    return [2.5, 5].filter { $0 == 2.5 || 6 * $0 < Double(longest) }
      .map {
        Agreement(
          observed: observed, predicted: predicted, shape: shape, width: $0, threads: solver.threads)
      }
      .max { $0.significance < $1.significance } ?? .none
  }

  /// Covariance from the observed curvature; nil where the metric has no optimum there.
  var observedCovariance: Matrix? { ObservedCovariance(solution, solver: solver)?.matrix }

  /// Expected error over the lattice by that covariance, um.
  var expectedError: Double? {
    observedCovariance.map { solution.expectedError($0, over: solver.model.lattice) }
  }

  /// The relation of the grey values.
  var relation: Relation {
    let values = solver.fixed.values
    let samples = solution.samples
    return Relation(
      fixed: values, samples: samples,
      taken: values.indices.map { !values[$0].isNaN && !samples[4 * $0].isNaN })
  }

  /// Whether a line with a positive slope describes the relation nearly as well as any curve.
  var isLinear: Bool {
    let relation = relation
    return relation.isRising && Self.isStraight(relation)
  }

  /// A curve counts where it explains clearly more than a line.
  static func isStraight(_ relation: Relation) -> Bool {
    relation.any - relation.linear < 0.03 + 0.1 * relation.any
  }
}
