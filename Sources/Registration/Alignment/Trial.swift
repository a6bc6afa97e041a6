import Volumetry

/// A position that was fitted at one level, with what speaks for it.
struct Trial {
  let solution: Solver.Solution
  let solver: Solver
  let metric: RegistrationMetric
  var agreement: Agreement

  /// Nil where too little overlaps, or one side is constant there.
  ///
  /// - Parameter known: what speaks for the place, where that was asked before.
  init?(
    _ solver: Solver, metric: RegistrationMetric, from start: SpatialTransform, least: Int,
    known: Agreement? = nil
  ) {
    guard let solution = solver.solve(from: start), solution.evaluation.count >= least else { return nil }
    self.solution = solution
    self.solver = solver
    self.metric = metric
    agreement = known ?? Self.agreement(solution, solver)
  }

  /// What the moving volume says of the fixed values: by the fitted line, or by the curve through groups of like moving
  /// values; NaN where either is missing.
  var prediction: [Float] { Self.prediction(solution, solver) }

  private static func prediction(_ solution: Solver.Solution, _ solver: Solver) -> [Float] {
    let values = solver.fixed.values
    let samples = solution.samples
    let taken = values.indices.map { !values[$0].isNaN && !samples[4 * $0].isNaN }
    guard solver.metric.hasNuisances else {
      return Relation(fixed: values, samples: samples, taken: taken).curve
    }
    let gain = Float(solution.evaluation.gain)
    let offset = Float(solution.evaluation.offset)
    return values.indices.map { taken[$0] ? gain * samples[4 * $0] + offset : .nan }
  }

  private static func agreement(_ solution: Solver.Solution, _ solver: Solver) -> Agreement {
    guard solution.evaluation.count > 0 else { return .none }
    let values = solver.fixed.values
    var sides = [(observed: values, predicted: prediction(solution, solver))]
    if !solver.metric.hasNuisances {
      // Two fixed values may share a moving one, or the other way round: the side that can be told from the other speaks.
      var moving = values
      var fixed = [Float](repeating: .nan, count: solution.samples.count)
      for i in values.indices {
        moving[i] = solution.samples[4 * i]
        fixed[4 * i] = values[i]
      }
      let taken = values.indices.map { !values[$0].isNaN && !moving[$0].isNaN }
      sides.append((moving, Relation(fixed: moving, samples: fixed, taken: taken).curve))
    }
    // Detail of two sizes: where fine detail drowns in noise, coarser detail speaks.
    return sides.flatMap { side in
      [2.5, 5].map {
        Agreement(
          observed: side.observed, predicted: side.predicted, shape: solver.model.lattice.shape, width: $0,
          threads: solver.threads)
      }
    }.max { $0.significance < $1.significance } ?? .none
  }

  /// Covariance from the observed curvature; nil where the metric has no optimum there.
  var observedCovariance: Matrix? { ObservedCovariance(solution, solver: solver)?.matrix }

  /// Expected error over the lattice by a covariance, um.
  func expectedError(_ covariance: Matrix) -> Double {
    solution.expectedError(covariance, over: solver.model.lattice)
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
