import Foundation
import Volumetry

/// Whether a fit deserves to be called a result, and with which uncertainty.
struct Verdict {
  private let attempt: Attempt
  /// What was taken off both volumes.
  private let pattern: BareAttempt.Pattern?
  private let faults: [GridFaults.Kind]
  private let options: RegistrationOptions
  /// The grid of the fixed volume.
  private let whole: Grid
  private let pair: String
  /// Covariance by the residuals, and what the degrees of freedom leave over; nil where parameters are not determined.
  private let uncertainty: Uncertainty?

  private struct Uncertainty {
    /// In fixed voxels, at the voxels that both volumes reach.
    let near: Double
    let distortion: Double
    let limit: Double
    /// Covariance of everything, and its expected error over the whole fixed volume.
    let matrix: Matrix
    let expected: Double
    let misfit: Misfit?
  }

  /// - Parameter pair: names of both volumes.
  init(_ bare: BareAttempt, options: RegistrationOptions, whole: Grid, pair: String) {
    attempt = bare.attempt
    pattern = bare.pattern
    faults = bare.faults
    self.options = options
    self.whole = whole
    self.pair = pair
    uncertainty = Self.uncertainty(bare, options: options, whole: whole)
  }

  private var trial: Trial { attempt.trial }
  private var pyramid: Pyramid { attempt.search.pyramid }
  private var positions: Int { attempt.positions }

  /// Whether the alignment is less certain than asked for.
  var isUncertain: Bool { (uncertainty?.expected ?? .infinity) > options.maximumExpectedError }

  /// Whether a line of the grey values left the place open, and no distortion that was found is the cause.
  var asksForInformation: Bool {
    trial.metric == .model && isUncertain && (uncertainty.map { $0.distortion < $0.near } ?? true)
  }

  private var solution: Solver.Solution { trial.solution }
  private var solver: Solver { trial.solver }
  private var voxel: Double { whole.spacing.min() }

  /// Standard deviations that chance reaches with a probability of one in a thousand when the best of all
  /// positions is taken.
  static func neededSignificance(positions: Int) -> Double {
    max(5, Distributions.normalQuantile(1 - 1e-3 / Double(max(1, positions))))
  }

  private var neededSignificance: Double { Self.neededSignificance(positions: positions) }

  private static func uncertainty(
    _ bare: BareAttempt, options: RegistrationOptions, whole: Grid
  ) -> Uncertainty? {
    let attempt = bare.attempt
    let (trial, previous) = (attempt.trial, attempt.previous)
    guard
      let statistical = covariance(
        trial, observed: attempt.polish.covariance, pyramid: attempt.search.pyramid)
    else { return nil }
    let hadPattern = bare.pattern != nil
    let voxel = whole.spacing.min()
    // What the chosen degrees of freedom cannot describe is an error, too.
    let found = options.model == .affine ? nil : Misfit(previous.solution, solver: previous.solver)
    let misfit = found.flatMap { $0.significance > 3 && $0.displacement > 0.03 ? $0 : nil }
    let distortion = (misfit?.displacement ?? 0) * previous.solver.fixed.box.min() / voxel
    // What is left of a pattern, or was taken from the object with it, no statistics of the residuals sees: half as much again.
    let near = (hadPattern ? 1.5 : 1) * trial.expectedError(statistical) / voxel
    // How far the place moves with the blur that it was found by, and with a pattern of the detector.
    let bias = hypot(attempt.polish.drift, bare.drift) / voxel
    let limit = (near * near + distortion * distortion + bias * bias).squareRoot()
    let growth = (hadPattern ? 1.5 : 1) * limit / max(near, .leastNormalMagnitude)
    let matrix = growth * growth * statistical
    return Uncertainty(
      near: near, distortion: distortion, limit: limit, matrix: matrix,
      expected: trial.solution.expectedError(matrix, over: whole) / voxel, misfit: misfit)
  }

  func result() throws(VoxelithError) -> RegistrationResult {
    let overlap = try checkedOverlap()
    // A first guess is what was meant: no other way of laying the volume can have been.
    let rivals =
      options.start == nil
      ? try Rivals(
        attempt.search, beside: attempt.coarse, aligned: trial, isFine: attempt.repeats.isMoved,
        needed: attempt.needed) : nil
    try checkSignificance(rivals)
    try checkRivals(rivals)
    try checkRelation()
    guard let uncertainty else {
      throw VoxelithError(
        .data, "the overlap of \(pair) does not determine all parameters of the transform",
        advice: pyramid.moving.grid.shape.z == 1 && !pyramid.isInPlane
          ? "a single slice is found in a volume where it is the fixed one: exchange the two"
          : "more counts, a larger overlap or a first guess would help")
    }
    let limit = uncertainty.limit
    guard !isUncertain else {
      throw VoxelithError(
        .data,
        "the alignment of \(pair) is uncertain by \(rounded(uncertainty.expected)) fixed voxels (limit \(rounded(options.maximumExpectedError)))",
        advice: uncertainty.distortion > uncertainty.near
          ? uncertainty.misfit?.description
          : "more counts, a larger overlap or fewer degrees of freedom would help")
    }
    let other = try attempt.repeats.equal.map(\.solution.transform).flatMap { (place) throws(VoxelithError) in
      try otherPlace(place, limit)
    }
    if let other, options.start == nil {
      throw VoxelithError(
        .data, "another alignment of \(pair) fits as well: \(other)",
        advice:
          "give a first guess, a smaller angle of search, or a part of the object that does not repeat itself"
      )
    }
    var warnings: [String] = []
    if uncertainty.expected > options.wantedError {
      warnings.append("the expected error is \(rounded(uncertainty.expected)) fixed voxels")
    }
    if let other { warnings.append("the first guess decided: another alignment fits as well, \(other)") }
    switch pattern {
    case .rings:
      warnings.append(
        "both volumes have rings about the middle of their slices, which were taken off for the fit")
    case .round:
      warnings.append(
        "both volumes show circles about the middle of their slices, though not the same ones, which were taken off for the fit: rings of unlike detectors, or round objects"
      )
    case .slices:
      warnings.append(
        "the slices of both volumes share a pattern, as rings and stripes of a detector do, which was taken off for the fit"
      )
    case .grid, nil: break
    }
    if !faults.isEmpty { warnings.append(GridFaults.words(faults)) }
    if pyramid.isInPlane {
      warnings.append(
        "both volumes are single slices: a shift and a turn in their plane were fitted, and the expected error is that of these; a tilt out of the plane does not show"
      )
    }
    if let misfit = uncertainty.misfit { warnings.append(misfit.description) }
    if !solution.isConverged { warnings.append("the fit stopped before its steps became small") }
    if let rivals, let best = rivals.best, best.clearness < Self.clear, best.significance > 0.75 * rivals.own
    {
      warnings.append(
        "the moving volume \(best.name) fits as well: check how it was read")
    }
    return RegistrationResult(
      transform: solution.transform, parameters: solution.parameters, covariance: uncertainty.matrix,
      quality: quality(overlap, rivals), expectedErrorUm: uncertainty.expected * voxel,
      expectedErrorVoxels: uncertainty.expected,
      warnings: warnings)
  }

  /// Where another place lies, at the middle of what both reach; nil where it is the same within its error.
  private func otherPlace(_ other: SpatialTransform, _ limit: Double) throws(VoxelithError) -> String? {
    let lattice = solver.model.lattice
    let distance = other.meanError(against: solution.transform, over: lattice) / voxel
    guard distance >= max(1, 3 * limit) else { return nil }
    let shift = try solution.transform.inverted()(other(lattice.middle)) - lattice.middle
    return
      "\(rounded(distance)) fixed voxels away, shifted by \(rounded(shift.x)), \(rounded(shift.y)), \(rounded(shift.z)) µm (x, y, z) of the fixed volume"
  }

  private func checkedOverlap() throws(VoxelithError) -> Double {
    let evaluation = solution.evaluation
    let overlap = min(
      1, Double(evaluation.count) / max(1, Overlap.smaller(solver.fixed, pyramid.moving.grid)))
    guard overlap >= options.minimumOverlap else {
      throw VoxelithError(
        .data, "\(pair) overlap in \(percent(overlap)) of the smaller one only",
        advice:
          "at least \(percent(options.minimumOverlap)) are asked for: give a first guess, or a lower --minimum-overlap"
      )
    }
    let free = solution.parameters.freeCount
    guard evaluation.count >= 4 * (free + 2) else {
      throw VoxelithError(
        .data, "\(evaluation.count) voxels in the overlap of \(pair) cannot determine \(free) parameters")
    }
    return overlap
  }

  private func checkSignificance(_ rivals: Rivals?) throws(VoxelithError) {
    let agreement = trial.agreement
    guard agreement.significance < neededSignificance else { return }
    var advice = "check that they show the same object; try another metric, a wider search or a first guess"
    if let best = rivals?.best, best.significance > 1.5 * neededSignificance {
      advice =
        "the moving volume \(best.name) would agree by \(rounded(best.significance)) standard deviations: check how it was read"
    }
    throw VoxelithError(
      .data,
      "\(pair) show no relation beyond chance where they were aligned (their detail agrees by \(rounded(agreement.significance)) standard deviations; the best of \(positions) positions reaches \(rounded(neededSignificance)) by chance)",
      advice: advice)
  }

  /// Standard deviations by which an alignment must be better than its rivals.
  private static let clear = 2.5

  private func checkRivals(_ rivals: Rivals?) throws(VoxelithError) {
    // Rivals show what chance reaches with this pair: an alignment that is no better than they are must be beyond
    // doubt otherwise, as that of a symmetric object is.
    guard let best = rivals?.best, best.clearness < Self.clear else { return }
    let figures = "by \(rounded(abs(best.clearness))) standard deviations"
    if best.clearness < -Self.clear, best.significance > 1.5 * neededSignificance {
      throw VoxelithError(
        .data, "the moving volume \(best.name) fits the fixed one better, \(figures)",
        advice: "check how the axes of \(pair) were read, or give a first guess")
    }
    guard trial.agreement.significance < 2 * neededSignificance || best.clearness < -Self.clear else {
      return
    }
    throw VoxelithError(
      .data,
      "\(pair) show no relation beyond chance: \(best.name), the moving volume fits \(best.clearness < 0 ? "better" : "as well") (\(figures))",
      advice: "check that they show the same object; try a wider search or a first guess")
  }

  /// The model and cross-correlation compare the values themselves.
  private func checkRelation() throws(VoxelithError) {
    guard options.metric == .model || options.metric == .correlation else { return }
    let relation = trial.relation
    if options.metric == .model, !relation.isRising {
      throw VoxelithError(
        .data, "the values of \(pair) run against each other, which the model does not describe",
        advice: "use --metric auto or nmi")
    }
    guard !Trial.isStraight(relation) else { return }
    throw VoxelithError(
      .data,
      "the values of \(pair) are not related by a line (it explains \(percent(relation.linear)) of the variance, a curve \(percent(relation.any)))",
      advice: "use --metric auto or nmi")
  }

  /// The model's moving side is nearly free of noise where it is much finer; otherwise both sides are noisy alike, and
  /// the curvature is observed. The larger of the two where both can be had.
  private static func covariance(_ trial: Trial, observed: Matrix?, pyramid: Pyramid) -> Matrix? {
    guard pyramid.isSharp(trial.metric), trial.metric == .model else { return observed }
    guard
      let expected = Covariance(
        trial.solution, fixed: trial.solver.fixed, lattice: trial.solver.model.lattice,
        metric: trial.solver.metric, threads: trial.solver.threads)?.matrix
    else { return nil }
    guard let observed else { return expected }
    return trial.expectedError(observed) > 1.4 * trial.expectedError(expected) ? observed : expected
  }

  private func quality(_ overlap: Double, _ rivals: Rivals?) -> RegistrationQuality {
    let evaluation = solution.evaluation
    let hasNuisances = solver.metric.hasNuisances
    let isWeighed = trial.metric == .model && solver.fixed.weights != nil && pyramid.isSharp(trial.metric)
    return RegistrationQuality(
      metric: trial.metric,
      metricValue: hasNuisances ? 1 - evaluation.cost : -evaluation.cost,
      correlation: evaluation.correlation, overlapFraction: overlap, voxels: evaluation.count,
      significance: trial.agreement.significance, neededSignificance: neededSignificance,
      detailCorrelation: trial.agreement.correlation, positions: positions,
      gain: hasNuisances ? evaluation.gain : nil, offset: hasNuisances ? evaluation.offset : nil,
      reducedChiSquared: isWeighed
        ? evaluation.residualSquares / Double(max(1, evaluation.count - solution.parameters.freeCount - 2))
        : nil,
      runnerUp: attempt.runnerUp,
      bestRival: rivals?.best.map {
        RegistrationQuality.Rival(
          name: $0.name, agreement: max(0, $0.significance) / max(1, rivals?.own ?? 1))
      },
      iterations: attempt.iterations)
  }
}

private func percent(_ fraction: Double) -> String { "\(Int((100 * fraction).rounded())) %" }

private func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
