import Volumetry

/// Finds where to start: candidates of the coarse search, fitted at the coarsest level and ranked by how surely
/// their blocks agree.
struct StartSearch {
  var pyramid: Pyramid
  let options: RegistrationOptions
  let resources: Resources

  struct Result {
    var trials: [Trial]
    /// Positions and turns that were looked at.
    var positions: Int
    var iterations: Int
  }

  /// Significance at the coarsest level beyond which no other kind of search is tried.
  private let convincing = 10.0
  /// The same beyond which a straight relation of the values is not looked at in another way.
  private let clear = 7.0

  /// The search in the volumes as they are and, for pairs that mutual information compares, freed of slow changes of
  /// brightness, where they agree better so.
  func best() throws(VoxelithError) -> (StartSearch, Result) {
    let known = [CoarseSearch.Feature.classes, .gradient]
    if options.start != nil || options.metric == .model || options.metric == .correlation {
      return (self, try run(.values, then: options.metric == .correlation ? known : []))
    }
    let found = try run(.values)
    if let top = found.trials.first, options.metric == .auto, top.isLinear,
      top.agreement.significance >= clear
    {
      return (self, found)
    }
    var other = self
    other.pyramid = pyramid.withoutShading
    let next = try other.run(.values, then: known, from: found.trials.prefix(3).map(\.solution.transform))
    if Self.isBetter(next, than: found) { return (other, next) }
    let isSure = (found.trials.first?.agreement.significance ?? 0) >= clear
    return (self, isSure ? found : try run(.values, then: known))
  }

  /// At one place the lesser error counts, else the surer place.
  private static func isBetter(_ next: Result, than found: Result) -> Bool {
    guard let a = next.trials.first else { return false }
    guard let b = found.trials.first else { return true }
    func error(_ trial: Trial) -> Double { trial.observedCovariance.map(trial.expectedError) ?? .infinity }
    let distance = a.solution.transform.meanError(
      against: b.solution.transform, over: b.solver.model.lattice)
    if a.metric == b.metric, distance < b.solver.fixed.box.min() { return error(a) < error(b) }
    return a.agreement.significance > b.agreement.significance
  }

  /// - Parameters:
  ///   - then: what else is compared until the volumes agree convincingly.
  ///   - known: places from another search, which do where they agree clearly.
  private func run(
    _ feature: CoarseSearch.Feature, then features: [CoarseSearch.Feature] = [],
    from known: [SpatialTransform] = []
  ) throws(VoxelithError) -> Result {
    var metrics: [RegistrationMetric] = [options.metric]
    if options.metric == .auto {
      metrics = known.isEmpty ? [.model, .mutualInformation] : [.mutualInformation]
    }
    let levels = try metrics.map { (metric) throws(VoxelithError) -> (RegistrationMetric, Solver) in
      (metric, try pyramid.solver(pyramid.level(0, blur: pyramid.blur(metric)), metric: metric))
    }
    if let start = options.start {
      let trials = levels.compactMap {
        Trial($0.1, metric: $0.0, from: start, least: least($0.1))
      }
      return Result(
        trials: Self.ranked(trials), positions: 1000,
        iterations: trials.reduce(0) { $0 + $1.solution.iterations })
    }
    resources.progress.report("search", done: 0, of: 1, unit: "searches")
    let search = self.search()
    var trials: [Trial] = []
    var iterations = 0
    func take(_ starts: [SpatialTransform], _ used: [(RegistrationMetric, Solver)]) throws(VoxelithError) {
      for (metric, finest) in used {
        var solver = finest
        solver.maximumIterations = 20
        solver.maximumRenewals = 2
        solver.tolerance = 0.02
        for start in starts {
          try resources.cancellation.check()
          if let trial = Trial(solver, metric: metric, from: start, least: least(solver)) {
            iterations += trial.solution.iterations
            trials.append(trial)
          }
        }
      }
      trials = Self.ranked(trials)
    }
    func significance() -> Double { trials.first?.agreement.significance ?? 0 }
    func result() -> Result {
      Result(trials: trials, positions: search.positions, iterations: iterations)
    }
    try take(known, levels)
    if significance() >= clear { return result() }
    let centred = SpatialTransform(
      translation: pyramid.moving.grid.middle - pyramid.fixed.lattice.middle)
    let first = try search.candidates(feature, keep: 6).map(\.transform) + [centred]
    try take(first, Array(levels.prefix(1)))
    if levels.count > 1, significance() < convincing || trials.first?.isLinear == false {
      try take(trials.prefix(3).map(\.solution.transform), Array(levels.dropFirst()))
    }
    for feature in features where significance() < convincing {
      let information = levels.filter { $0.0 == .mutualInformation || levels.count == 1 }
      try take(try search.candidates(feature, keep: 4).map(\.transform), information)
    }
    return result()
  }

  /// - Parameter isQuick: whether lattices of many cells, of a small field in a large one, are searched without
  ///   turns.
  func search(
    _ orientation: LinearMap = .identity, coarseness: Double = 1, isQuick: Bool = false
  ) -> CoarseSearch {
    var search = CoarseSearch(
      fixed: pyramid.fixed, moving: pyramid.moving, maximumAngle: options.maximumAngle,
      searchesFullTurn: options.searchesFullTurn, minimumOverlap: options.minimumOverlap,
      allowsInversion: options.metric != .model, isInPlane: pyramid.isInPlane, resources: resources,
      orientation: orientation, coarseness: coarseness)
    if isQuick {
      search.classes = 3
      if search.cells > 40_000 { search.maximumAngle = 0 }
    }
    return search
  }

  /// Values that must take part at a level.
  func least(_ solver: Solver) -> Int {
    Int(options.minimumOverlap * Overlap.smaller(solver.fixed, pyramid.moving.grid))
  }

  /// Trials in falling order of significance, of each place the best one.
  static func ranked(_ trials: [Trial]) -> [Trial] {
    let order = trials.indices.sorted {
      (trials[$1].agreement.significance, $0) < (trials[$0].agreement.significance, $1)
    }
    var kept: [Trial] = []
    for index in order {
      let trial = trials[index]
      let voxel = trial.solver.fixed.box.min()
      if kept.allSatisfy({
        $0.metric != trial.metric
          || $0.solution.transform.meanError(
            against: trial.solution.transform, over: trial.solver.model.lattice) > voxel
      }) {
        kept.append(trial)
      }
    }
    return kept
  }
}

/// How much of the smaller volume lies within the other.
enum Overlap {
  /// Number of fixed values that the smaller volume would take up.
  static func smaller(_ fixed: FixedSamples, _ moving: Grid) -> Double {
    let reach = moving.extent / fixed.lattice.spacing
    func side(_ index: Int, _ count: Int) -> Double { count == 1 ? 1 : max(1, reach[index]) }
    let shape = fixed.lattice.shape
    return min(Double(fixed.present), side(0, shape.x) * side(1, shape.y) * side(2, shape.z))
  }
}
