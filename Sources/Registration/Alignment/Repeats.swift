import Volumetry

/// Other shifts at which the two volumes agree, judged on the finest level by the voxels that they share with the alignment.
///
/// Coarse levels show an object that repeats itself, or whose contrast turns over between its parts, from afar only: the
/// place that they lead to may be one of many, or beside the right one.
struct Repeats {
  /// The alignment, or the better place that was found instead.
  private(set) var trial: Trial
  /// Whether it is another than the one that was given.
  private(set) var isMoved = false
  /// The place that comes closest to fitting as well; nil where all are clearly worse.
  private(set) var equal: Trial?

  private let search: StartSearch
  /// Significance that chance does not reach: what is below it fits nowhere.
  private let needed: Double
  /// Standard deviations by which an alignment must be better than the same one shifted.
  private let clear = 3.0

  /// - Parameters:
  ///   - found: the alignment on the finest level.
  ///   - others: places that other searches left over.
  ///   - needed: significance that chance does not reach.
  init(
    of found: Trial, beside others: [SpatialTransform], _ search: StartSearch, needed: Double
  ) throws(VoxelithError) {
    trial = found
    self.search = search
    self.needed = needed
    var others = others
    // A better place has repeats of its own.
    for _ in 0..<3 {
      equal = nil
      var better = try compare(trial.metric, others)
      // A line that explains little may be the shadow of another relation.
      if better == nil, search.options.metric == .auto, trial.metric == .model,
        trial.agreement.correlation < 0.6
      {
        better = try compare(.mutualInformation, others)
      }
      guard let better else { break }
      trial = better
      isMoved = true
      others = []
    }
  }

  /// The best of the places that are clearly better by a metric; keeps the best of those that are not clearly worse.
  private mutating func compare(
    _ metric: RegistrationMetric, _ others: [SpatialTransform]
  ) throws(VoxelithError) -> Trial? {
    let isForeign = metric == .mutualInformation
    let place = trial.solution.transform
    let starts =
      try others
      + search.search().repeats(
        of: place, isForeign ? .classes : .values, part: isForeign ? 0.4 : 0.5, keep: 3
      ).map(\.transform)
    guard !starts.isEmpty else { return nil }
    let voxel = search.pyramid.fixed.box.min()
    var better: (trial: Trial, clearness: Double)?
    var near = clear
    for start in starts {
      try search.resources.cancellation.check()
      let solver = try solver(metric, place, start)
      guard let own = Trial(solver, metric: metric, from: place, least: search.least(solver)) else {
        continue
      }
      guard let rival = Trial(solver, metric: metric, from: start, least: search.least(solver)),
        rival.agreement.significance > needed,
        rival.solution.transform.meanError(against: own.solution.transform, over: solver.model.lattice)
          > voxel
      else { continue }
      let clearness = Contest(own, amongVoxelsOf: rival).clearness
      if clearness < -clear, clearness < better?.clearness ?? 0 { better = (rival, clearness) }
      // A place where nothing shows fits as well as any.
      if rival.agreement.correlation > 0.5 * own.agreement.correlation, clearness < near {
        near = clearness
        equal = rival
      }
    }
    return better?.trial
  }

  /// What two places reach of the fixed volume at its full resolution, at fewer points than the fit itself has.
  private func solver(
    _ metric: RegistrationMetric, _ place: SpatialTransform, _ other: SpatialTransform
  ) throws(VoxelithError) -> Solver {
    let pyramid = search.pyramid
    let level = try pyramid.level(
      pyramid.factors.count - 1, blur: pyramid.blur(metric), near: place, beside: other, isThin: true)
    var solver = try pyramid.solver(level, metric: metric)
    solver.maximumIterations = 10
    solver.maximumRenewals = 2
    solver.tolerance = 0.02
    return solver
  }
}
