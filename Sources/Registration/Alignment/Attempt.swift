import Foundation
import Volumetry

/// One way of a pair from the search to the last step.
struct Attempt {
  /// Which may have taken slow changes of brightness off.
  private(set) var search: StartSearch
  /// Best place at the coarsest level.
  let coarse: Trial
  /// The same place as the last one, a level coarser.
  let previous: Trial
  private(set) var polish: Polish
  let repeats: Repeats
  let runnerUp: Double?
  let positions: Int
  let iterations: Int
  let needed: Double

  var trial: Trial { polish.trial }
  var place: SpatialTransform { trial.solution.transform }
  /// Whether it shows more than chance does.
  var isSure: Bool { trial.agreement.significance >= needed }
  /// By the residuals, um.
  var error: Double { polish.covariance.map(trial.expectedError) ?? .infinity }

  /// - Parameter pair: names of the moving and the fixed volume.
  /// - Throws: `data` where no position is found at which both overlap and vary; `cancelled`.
  init(
    _ fixed: FixedSamples, _ moving: WorkingImage, options: RegistrationOptions, pair: String,
    resources: Resources
  ) throws(VoxelithError) {
    let (search, found) = try StartSearch(
      pyramid: Pyramid(fixed: fixed, moving: moving, options: options, threads: resources.threads),
      options: options, resources: resources
    ).best()
    guard !found.trials.isEmpty else {
      throw VoxelithError(
        .data, "no position was found at which \(pair) overlap and both vary",
        advice: "check the voxel sizes, raise the angle of the search, or give a first guess")
    }
    self.search = search
    let refined = try Refinement(found, search)
    needed = Verdict.neededSignificance(positions: found.positions)
    repeats = try Repeats(of: refined.trial, beside: refined.others, search, needed: needed)
    polish = try Polish(repeats.trial, search)
    coarse = found.trials[0]
    previous = repeats.isMoved ? repeats.trial : refined.previous
    runnerUp = refined.runnerUp
    positions = found.positions
    iterations = refined.iterations
  }

  /// The same place, found by mutual information from where it is in volumes freed of slow changes of brightness; nil where
  /// that shows nothing there.
  var byInformation: Attempt? {
    get throws(VoxelithError) {
      var search = search
      search.pyramid = search.pyramid.withoutShading
      let pyramid = search.pyramid
      let metric = RegistrationMetric.mutualInformation
      let level = try pyramid.level(pyramid.factors.count - 1, blur: pyramid.blur(metric), near: place)
      let solver = try pyramid.solver(level, metric: metric)
      guard let trial = Trial(solver, metric: metric, from: place, least: search.least(solver)),
        trial.agreement.significance >= needed
      else { return nil }
      var other = self
      other.search = search
      other.polish = try Polish(trial, search)
      return other.error.isFinite ? other : nil
    }
  }

  /// Whether the places of two attempts differ by no more than their errors allow.
  func agrees(with other: Attempt) -> Bool { distance(to: other) <= 1.5 * hypot(error, other.error) }

  /// Mean distance in um between the places of two attempts.
  func distance(to other: Attempt) -> Double {
    place.meanError(against: other.place, over: trial.solver.model.lattice)
  }
}
