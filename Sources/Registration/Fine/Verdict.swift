import Volumetry

/// Whether a fit deserves to be called a result, and with which uncertainty.
struct Verdict {
  let solution: Solver.Solution
  let solver: Solver
  let options: RegistrationOptions
  let runnerUp: Double?
  let iterations: Int
  /// Side of a fixed voxel, um.
  let voxel: Double

  /// Significance below which a relation counts as chance: the search looks at many positions.
  private let leastSignificance = 5.0

  func result(moving: String, fixed: String) throws(VoxelithError) -> RegistrationResult {
    let pair = "\(moving) and \(fixed)"
    let evaluation = solution.evaluation
    let overlap = Double(evaluation.count) / Double(max(1, solver.fixed.present))
    guard overlap >= options.minimumOverlap else {
      throw VoxelithError(
        .data, "\(pair) overlap in \(percent(overlap)) of the fixed voxels only",
        advice:
          "at least \(percent(options.minimumOverlap)) are asked for; give a first guess or lower the limit")
    }
    guard evaluation.count >= 4 * (options.model.parameterCount + 2) else {
      throw VoxelithError(
        .data,
        "\(evaluation.count) voxels in the overlap of \(pair) cannot determine \(options.model.parameterCount) parameters"
      )
    }
    let (effective, correlation) = independence()
    let significance = fisher(min(0.999999, abs(correlation))) * max(0, effective - 3).squareRoot()
    guard significance >= leastSignificance else {
      throw VoxelithError(
        .data,
        "\(pair) show no relation beyond chance where they were aligned (correlation \(rounded(correlation)), \(rounded(significance)) standard deviations)",
        advice: "check that they show the same object; try another metric, a wider search or a first guess")
    }
    guard
      let covariance = Covariance(
        solution, fixed: solver.fixed, lattice: solver.model.lattice, metric: solver.metric,
        threads: solver.threads)
    else {
      throw VoxelithError(
        .data, "the overlap of \(pair) does not determine all parameters of the transform",
        advice: "use fewer degrees of freedom")
    }
    // The model's moving side is nearly free of noise; both sides of the others may be noisy alike.
    let observed = options.metric == .model ? nil : ObservedCovariance(solution, solver: solver)
    let matrix = observed?.matrix ?? covariance.matrix
    let expected = expectedError(matrix)
    let inVoxels = expected / voxel
    guard inVoxels <= options.maximumExpectedError else {
      throw VoxelithError(
        .data,
        "the alignment of \(pair) is uncertain by \(rounded(inVoxels)) fixed voxels (limit \(rounded(options.maximumExpectedError)))",
        advice: "more counts, a larger overlap or fewer degrees of freedom would help")
    }
    var warnings: [String] = []
    if inVoxels > options.wantedError {
      warnings.append("the expected error is \(rounded(inVoxels)) fixed voxels")
    }
    if !solution.isConverged { warnings.append("the fit stopped before its steps became small") }
    if let runnerUp, runnerUp > 0.9 {
      warnings.append("another alignment fits nearly as well (\(percent(runnerUp)) of the metric)")
    }
    let quality = RegistrationQuality(
      metric: options.metric,
      metricValue: options.metric == .mutualInformation ? -evaluation.cost : 1 - evaluation.cost,
      correlation: evaluation.correlation, overlapFraction: overlap, voxels: evaluation.count,
      effectiveVoxels: effective, significance: significance,
      gain: solver.metric.hasNuisances ? evaluation.gain : nil,
      offset: solver.metric.hasNuisances ? evaluation.offset : nil,
      reducedChiSquared: options.metric == .model && solver.fixed.weights != nil
        ? covariance.reducedChiSquared : nil,
      residualCorrelationVolume: covariance.correlationVolume, runnerUp: runnerUp, iterations: iterations)
    return RegistrationResult(
      transform: solution.transform, parameters: solution.parameters, covariance: matrix,
      quality: quality, expectedErrorUm: expected, expectedErrorVoxels: inVoxels, warnings: warnings)
  }

  /// Root mean square of the expected error over corners, face centres and middle of the fixed grid, in
  /// fixed space.
  private func expectedError(_ covariance: Matrix) -> Double {
    let grid = solver.model.lattice
    var sum = 0.0
    var count = 0.0
    for z in 0..<3 {
      for y in 0..<3 {
        for x in 0..<3 where (z == 1 ? 1 : 0) + (y == 1 ? 1 : 0) + (x == 1 ? 1 : 0) != 1 {
          let point = grid.origin + 0.5 * SIMD3(Double(x), Double(y), Double(z)) * grid.extent
          let error = solution.parameters.expectedError(
            at: point, of: solution.transform, covariance: covariance)
          sum += error * error
          count += 1
        }
      }
    }
    return (sum / count).squareRoot() / solution.transform.scale
  }

  /// Number of independent voxels, and the correlation that the significance rests on.
  private func independence() -> (effective: Double, correlation: Double) {
    let evaluation = solution.evaluation
    let values = solver.fixed.values
    let taken = values.indices.map { evaluation.curvatures[$0] != 0 }
    var predicted = values.indices.map { taken[$0] ? Double(solution.samples[4 * $0]) : .nan }
    let observed = values.indices.map { taken[$0] ? Double(values[$0]) : .nan }
    var correlation = evaluation.correlation
    if !solver.metric.hasNuisances {
      predicted = conditionalMeans(of: observed, given: predicted, groups: 8)
      var sums = PairSums()
      for i in observed.indices where taken[i] { sums.add(observed[i], predicted[i], 1) }
      correlation = sums.isConstant ? 0 : sums.correlation
    }
    let shape = solver.model.lattice.shape
    let reach = Shape(z: shape.z / 3, y: shape.y / 3, x: shape.x / 3)
    guard let a = try? Autocorrelation(observed, shape: shape, reach: reach),
      let b = try? Autocorrelation(predicted, shape: shape, reach: reach)
    else { return (0, 0) }
    let effective = Autocorrelation.effectiveCount(a, b, count: evaluation.count)
    if !solver.metric.hasNuisances {
      // Eight free means explain 7 / n of the variance by chance.
      let excess = (correlation * correlation - 7 / max(8, effective)) / (1 - 7 / max(8, effective))
      correlation = max(0, excess).squareRoot()
    }
    return (effective, correlation)
  }

  /// Each value replaced by the mean of the observed ones in its group of equal numbers of voxels.
  private func conditionalMeans(of observed: [Double], given values: [Double], groups: Int) -> [Double] {
    let sorted = values.filter { !$0.isNaN }.sorted()
    let edges = (1..<groups).map { Quantiles.quantile(sorted: sorted, Double($0) / Double(groups)) }
    func group(_ value: Double) -> Int { edges.reduce(0) { $0 + (value > $1 ? 1 : 0) } }
    var sums = [Double](repeating: 0, count: groups)
    var counts = sums
    for i in values.indices where !values[i].isNaN {
      sums[group(values[i])] += observed[i]
      counts[group(values[i])] += 1
    }
    return values.map { $0.isNaN ? .nan : sums[group($0)] / counts[group($0)] }
  }
}

private func percent(_ fraction: Double) -> String { "\(Int((100 * fraction).rounded())) %" }

private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
