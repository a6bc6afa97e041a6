import Volumetry

/// Covariance of the fitted parameters where the moving volume is as noisy as the fixed one.
///
/// Noise of the moving volume goes into its gradients, too. The curvature of Gauss and Newton, a sum of squares of
/// these gradients, then counts the noise as signal and promises too much. So the curvature A is observed here: the
/// change of the gradient when the transform moves by a quarter voxel (or half of one) to both sides, which also steps over the
/// ripples of interpolation. With the covariance S of the gradient, sums over pairs of neighbouring voxels of the
/// products of their scores, `C = A^-1 S A^-1` (Huber 1967; White, Econometrica 50 (1982) 1).
struct ObservedCovariance {
  let matrix: Matrix

  /// Weights of pairs of voxels by their distance along an axis: whole up to four steps, beyond which the noise of
  /// volumes smoothed by ``Pyramid/blur`` is alike no more, then falling to nothing at eight. Since all scores add up to
  /// nothing at the optimum, the weights of a short axis must reach over a small part of it only.
  private static func taper(_ side: Int) -> [Float] {
    let whole = max(1, min(4, side / 8))
    return (1 - 2 * whole...2 * whole - 1).map { min(1, 2 - Float(abs($0)) / Float(whole)) }
  }

  /// Nil where the metric has no maximum there, or the parameters cannot be told apart.
  init?(_ solution: Solver.Solution, solver: Solver) {
    let count = solution.parameters.model.parameterCount
    let held = solution.parameters.held
    // Over a quarter voxel ripples may hide the maximum, over half a voxel they do not.
    var found: Matrix?
    for voxels in [0.25, 0.5] where found == nil {
      found = Self.curvature(solution, solver: solver, voxels: voxels).flatMap { Cholesky($0)?.inverse }
    }
    guard let inverse = found else { return nil }
    guard let scores = Self.scores(solution, solver: solver) else { return nil }
    let shape = solver.model.lattice.shape
    let middle = Covariance.taperedProducts(
      scores, shape: shape, n: count, taper: { Self.taper(shape[$0]) }, threads: solver.threads)
    let sandwich = inverse * Matrix(rows: count, columns: count, elements: middle) * inverse
    let covariance = 0.5 * (sandwich + sandwich.transposed)
    guard
      (0..<count).allSatisfy({
        held.contains($0) || (covariance[$0, $0] > 0 && covariance[$0, $0].isFinite)
      })
    else { return nil }
    matrix = covariance
  }

  /// Change of the gradient for a change of each parameter to both sides that moves the outer voxels by so many voxels;
  /// nil where a side does not overlap any more.
  private static func curvature(
    _ solution: Solver.Solution, solver: Solver, voxels: Double
  ) -> Matrix? {
    let parameters = solution.parameters
    let count = parameters.model.parameterCount
    let (active, share) = Self.subset(solution, hasNuisances: solver.metric.hasNuisances)
    let held = parameters.held
    var curvature = Matrix(zeros: count, count)
    for i in held { curvature[i, i] = 1 }
    for i in 0..<count where !held.contains(i) {
      let step = Self.step(i, solution, solver, voxels: voxels)
      func gradient(_ sign: Double) -> [Double]? {
        var change = [Double](repeating: 0, count: count)
        change[i] = sign * step
        let moved = parameters.apply(change, to: solution.transform)
        let samples = solver.model.sample(
          moved, isStrict: false, wanted: active, threads: solver.threads)
        guard
          let evaluation = solver.metric.evaluate(
            samples, fixed: solver.fixed, active: active, threads: solver.threads)
        else { return nil }
        return NormalEquations.gradient(
          evaluation, samples: samples, lattice: solver.model.lattice, transform: moved,
          parameters: parameters, hasNuisances: solver.metric.hasNuisances, threads: solver.threads)
      }
      guard let above = gradient(1), let below = gradient(-1) else { return nil }
      for j in 0..<count where !held.contains(j) {
        curvature[j, i] = (below[j] - above[j]) / (2 * step * share)
      }
    }
    return 0.5 * (curvature + curvature.transposed)
  }

  /// Voxels over which the curvature is observed, and their part of all: so many that it is good to some per cent, drawn by
  /// a hash of their number. A histogram needs more than a line does.
  private static func subset(_ solution: Solver.Solution, hasNuisances: Bool) -> ([Bool], Double) {
    let present = solution.evaluation.curvatures.indices.map { !solution.samples[4 * $0].isNaN }
    let count = present.reduce(0) { $0 + ($1 ? 1 : 0) }
    let step = count / (hasNuisances ? 20_000 : 35_000)
    guard step > 1 else { return (present, 1) }
    let chosen = present.indices.map { i in
      present[i] && ((UInt64(i) &* 0x9E37_79B9_7F4A_7C15) >> 33) % UInt64(step) == 0
    }
    return (chosen, Double(chosen.reduce(0) { $0 + ($1 ? 1 : 0) }) / Double(count))
  }

  /// The change of a parameter that moves the outer voxels by about a part of a voxel.
  private static func step(
    _ index: Int, _ solution: Solver.Solution, _ solver: Solver, voxels: Double
  ) -> Double {
    let voxel = solver.fixed.box.min() * solution.transform.scale
    let isShift: Bool
    switch solution.parameters.model {
    case .rigid, .similarity: isShift = (3..<6).contains(index)
    case .affine: isShift = index >= 9
    }
    if isShift { return voxels * voxel }
    let extent = solver.model.lattice.extent
    return voxels * voxel / max(voxel, 0.3 * (extent * extent).sum().squareRoot() * solution.transform.scale)
  }

  /// Share of every voxel in the gradient, free of what gain and offset take up.
  private static func scores(_ solution: Solver.Solution, solver: Solver) -> [Float]? {
    let evaluation = solution.evaluation
    let hasNuisances = solver.metric.hasNuisances
    let count = solution.parameters.model.parameterCount
    let shape = solver.model.lattice.shape
    var shares = [[Double]](repeating: [0, 0], count: count)
    if hasNuisances {
      let curvature = NormalEquations(
        evaluation, samples: solution.samples, lattice: solver.model.lattice, transform: solution.transform,
        parameters: solution.parameters, hasNuisances: true, threads: solver.threads
      ).curvature
      let block = Matrix([
        [curvature[count, count], curvature[count, count + 1]],
        [curvature[count + 1, count], curvature[count + 1, count + 1]],
      ])
      guard let factor = Cholesky(block) else { return nil }
      shares = (0..<count).map { factor.solve([curvature[$0, count], curvature[$0, count + 1]]) }
    }
    let rows = DerivativeRows(
      lattice: solver.model.lattice, transform: solution.transform, parameters: solution.parameters,
      gain: hasNuisances ? evaluation.gain : nil)
    let given = shares
    var result = [Float](repeating: 0, count: shape.count * count)
    Parallel.forEachSlab(of: &result, stride: count * shape.y * shape.x, threads: solver.threads) { z, slab in
      var row = [Double](repeating: 0, count: count + 2)
      let first = z * shape.y * shape.x
      for k in 0..<(shape.y * shape.x) where evaluation.curvatures[first + k] != 0 {
        rows.fill(&row, voxel: first + k, samples: solution.samples)
        let score = Double(evaluation.scores[first + k])
        for i in 0..<count {
          let own = row[i] - (hasNuisances ? given[i][0] * row[count] + given[i][1] * row[count + 1] : 0)
          slab[count * k + i] = Float(score * own)
        }
      }
    }
    return result
  }
}
