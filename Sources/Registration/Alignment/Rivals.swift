import Volumetry

/// Other ways to lay the moving volume that a mistake in reading it would cause: mirrors, swapped axes, half turns.
///
/// Each is searched for as the alignment itself was, on fewer angles. A true alignment beats all of them; a chance
/// one is only the best of equals.
struct Rivals {
  struct Rival: Sendable {
    let name: String
    let significance: Double
    /// Standard deviations by which the alignment describes the fixed values better than this does.
    let clearness: Double
  }

  /// The rival that comes closest; nil where none could be fitted.
  let best: Rival?
  /// Significance of the alignment itself at the level where they are compared.
  let own: Double

  /// - Parameters:
  ///   - search: that found the alignment.
  ///   - trial: the best place at the coarsest level.
  ///   - aligned: the alignment.
  ///   - isFine: whether the alignment shows at the finest level alone.
  ///   - needed: significance that chance does not reach. An alignment far beyond it is beaten by close fits only, which
  ///     coarse cells find, too.
  init(
    _ search: StartSearch, beside trial: Trial, aligned: Trial, isFine: Bool = false, needed: Double
  ) throws(VoxelithError) {
    let feature: CoarseSearch.Feature = trial.metric == .mutualInformation ? .classes : .values
    // Whether a rival fits at all shows after a few steps.
    func quick(_ solver: Solver) -> Solver {
      var solver = solver
      solver.maximumIterations = 8
      solver.maximumRenewals = 1
      solver.tolerance = 0.03
      return solver
    }
    let coarse = quick(trial.solver)
    let coarseness = aligned.agreement.significance > 2.5 * needed ? 2 : 1.35
    let place = aligned.solution.transform
    var found: [(name: String, trial: Trial)] = []
    let orientations = Self.orientations(isInPlane: search.pyramid.isInPlane)
    let all = try search.search(orientations[0].map, coarseness: coarseness, isQuick: true)
      .candidates(feature, of: orientations.map(\.map), keep: 2)
    for (name, candidates) in zip(orientations.map(\.name), all) {
      for candidate in candidates {
        guard
          let rival = Trial(
            coarse, metric: trial.metric, from: candidate.transform, least: search.least(coarse))
        else { continue }
        // A half turn that leads back to the alignment is the alignment.
        let distance = rival.solution.transform.meanError(against: place, over: trial.solver.model.lattice)
        if rival.solution.transform.linear.determinant > 0, distance < 2 * trial.solver.fixed.box.min() {
          continue
        }
        found.append((name, rival))
      }
    }
    found.sort { $0.trial.agreement.significance > $1.trial.agreement.significance }
    // The best ones and the alignment are compared a level finer, where chance has less to choose from.
    let metric = isFine ? aligned.metric : trial.metric
    let last = search.pyramid.factors.count - 1
    let level = try search.pyramid.level(
      isFine ? last : min(1, last), blur: search.pyramid.blur(metric), isThin: isFine)
    let fine = quick(try search.pyramid.solver(level, metric: metric))
    func refined(_ start: SpatialTransform) -> Trial? {
      Trial(fine, metric: metric, from: start, least: search.least(fine))
    }
    guard let alone = refined(place) else {
      // An alignment that cannot be found again from where it is, is no better than any other.
      own = 0
      best = found.first.map {
        Rival(name: $0.name, significance: $0.trial.agreement.significance, clearness: 0)
      }
      return
    }
    own = alone.agreement.significance
    best = found.prefix(2).compactMap { name, rival in
      refined(rival.solution.transform).map {
        Rival(
          name: name, significance: $0.agreement.significance,
          clearness: Contest(alone, against: $0).clearness)
      }
    }.min { $0.clearness < $1.clearness }
  }

  private static func orientations(isInPlane: Bool) -> [(name: String, map: LinearMap)] {
    func map(_ x: SIMD3<Double>, _ y: SIMD3<Double>, _ z: SIMD3<Double>) -> LinearMap {
      LinearMap(rows: x, y, z)
    }
    let x = SIMD3<Double>(1, 0, 0)
    let y = SIMD3<Double>(0, 1, 0)
    let z = SIMD3<Double>(0, 0, 1)
    let flat = [
      ("mirrored along x", map(-x, y, z)), ("mirrored along y", map(x, -y, z)),
      ("x and y swapped", map(y, x, z)), ("turned by half a turn about z", map(-x, -y, z)),
    ]
    if isInPlane { return flat }
    return flat + [
      ("mirrored along z", map(x, y, -z)), ("mirrored along all axes", map(-x, -y, -z)),
      ("x and z swapped", map(z, y, x)), ("y and z swapped", map(x, z, y)),
      ("turned by half a turn about x", map(x, -y, -z)), ("turned by half a turn about y", map(-x, y, -z)),
    ]
  }
}
