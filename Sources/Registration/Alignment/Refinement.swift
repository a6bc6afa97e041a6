import Volumetry

/// Carries the best places from level to level, fewer at every one.
struct Refinement {
  private(set) var trial: Trial
  /// The same place a level coarser.
  private(set) var previous: Trial
  let runnerUp: Double?
  /// Other places that came near at any level.
  private(set) var others: [SpatialTransform] = []
  private(set) var iterations: Int

  init(_ found: StartSearch.Result, _ search: StartSearch) throws(VoxelithError) {
    let pyramid = search.pyramid
    let progress = search.resources.progress
    let levels = pyramid.factors.count
    var trials = found.trials
    previous = trials[0]
    iterations = found.iterations
    let first = trials[0]
    let second = trials.dropFirst().first {
      $0.solution.transform.meanError(against: first.solution.transform, over: pyramid.fixed.lattice)
        > first.solver.fixed.box.min()
    }
    runnerUp = second.map { max(0, $0.agreement.significance) / max(1, first.agreement.significance) }
    for index in min(1, levels - 1)..<levels {
      try search.resources.cancellation.check()
      progress.report("register", done: index, of: levels, unit: "levels")
      let best = trials[0].agreement.significance
      let kept = trials.prefix(index == levels - 1 ? 2 : 4).enumerated()
        .filter {
          $0.offset == 0 || $0.element.agreement.significance > (index == levels - 1 ? 0.75 : 0.6) * best
        }.map(\.element)
      var next: [(Trial, Trial)] = []
      for trial in kept {
        var metric = trial.metric
        if search.options.metric == .auto { metric = trial.isLinear ? .model : .mutualInformation }
        if next.contains(where: {
          $0.0.metric == metric
            && $0.0.solution.transform.meanError(
              against: trial.solution.transform, over: pyramid.fixed.lattice)
              < 0.7 * trial.solver.fixed.box.min()
        }) {
          continue
        }
        let level = try pyramid.level(
          index, blur: pyramid.blur(metric), near: trial.solution.transform)
        let solver = try pyramid.solver(level, metric: metric)
        if let refined = Trial(
          solver, metric: metric, from: trial.solution.transform, least: search.least(solver))
        {
          iterations += refined.solution.iterations
          next.append((refined, trial))
        }
      }
      guard !next.isEmpty else { break }
      next.sort { $0.0.agreement.significance > $1.0.agreement.significance }
      trials = next.map(\.0)
      previous = next[0].1
    }
    progress.report("register", done: levels, of: levels, unit: "levels")
    trial = trials[0]
    others = trials.dropFirst().map(\.solution.transform)
    if let second, runnerUp ?? 0 > 0.9 { others.append(second.solution.transform) }
  }
}
