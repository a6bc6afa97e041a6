import Volumetry

/// Gauss-Newton with the damping of Levenberg and Marquardt at one level of the pyramid.
struct Solver {
  let model: ForwardModel
  let fixed: FixedSamples
  let metric: any Metric
  var transformModel: TransformModel
  /// Whether the motion stays in the plane of x and y.
  var isInPlane = false
  let threads: Int
  var maximumIterations = 30
  /// Steps whose root-mean-square displacement is below this many fixed voxels end the iteration.
  var tolerance = 1e-3
  /// How often the set of voxels is renewed at most.
  var maximumRenewals = 4

  struct Solution {
    var transform: SpatialTransform
    var parameters: LocalParameters
    var evaluation: Evaluation
    var samples: [Float]
    var iterations: Int
    var isConverged: Bool
  }

  /// Nil where, at the start, too few voxels overlap or one side is constant there.
  ///
  /// The set of voxels is that of the start and is renewed where the transform has moved from it, so
  /// that the cost does not jump while the last small steps are taken.
  func solve(from start: SpatialTransform) -> Solution? {
    var result: Solution?
    var transform = start
    for _ in 0..<maximumRenewals {
      guard var solution = solveOnce(from: transform) else { return nil }
      solution.iterations += result?.iterations ?? 0
      result = solution
      let moved = solution.transform.meanError(against: transform, over: model.lattice)
      transform = solution.transform
      if moved < 0.02 * voxel { break }
    }
    return result
  }

  private var voxel: Double { min(fixed.box.x, fixed.box.y, fixed.box.z) }

  private func solveOnce(from start: SpatialTransform) -> Solution? {
    var transform = start
    let present = fixed.values.map { !$0.isNaN }
    var samples = model.sample(transform, isStrict: true, wanted: present, threads: threads)
    let active = present.indices.map { present[$0] && !samples[4 * $0].isNaN }
    guard var evaluation = metric.evaluate(samples, fixed: fixed, active: active, threads: threads)
    else { return nil }
    var parameters = localParameters(transform)
    var equations = normalEquations(evaluation, samples, transform, parameters)
    var damping = 1e-3
    var iterations = 0
    var isConverged = false
    while iterations < maximumIterations {
      iterations += 1
      guard let step = equations.step(damping: damping) else { break }
      let change = Array(step.prefix(transformModel.parameterCount))
      let trial = parameters.apply(change, to: transform)
      let size = trial.meanError(against: transform, over: model.lattice)
      guard size.isFinite else { break }
      let trialSamples = model.sample(trial, isStrict: false, wanted: active, threads: threads)
      let next = metric.evaluate(trialSamples, fixed: fixed, active: active, threads: threads)
      if let next, 2 * next.count > evaluation.count, next.cost <= evaluation.cost {
        transform = trial
        samples = trialSamples
        evaluation = next
        parameters = localParameters(transform)
        equations = normalEquations(evaluation, samples, transform, parameters)
        damping = max(1e-9, damping * 0.1)
        if size < tolerance * voxel {
          isConverged = true
          break
        }
      } else {
        if size < tolerance * voxel {
          isConverged = true
          break
        }
        damping = max(1e-3, damping) * 8
      }
    }
    return Solution(
      transform: transform, parameters: parameters, evaluation: evaluation, samples: samples,
      iterations: iterations, isConverged: isConverged)
  }

  private func localParameters(_ transform: SpatialTransform) -> LocalParameters {
    LocalParameters(
      model: transformModel, center: transform(fixed.lattice.middle), isInPlane: isInPlane)
  }

  private func normalEquations(
    _ evaluation: Evaluation, _ samples: [Float], _ transform: SpatialTransform, _ parameters: LocalParameters
  ) -> NormalEquations {
    NormalEquations(
      evaluation, samples: samples, lattice: model.lattice, transform: transform, parameters: parameters,
      hasNuisances: metric.hasNuisances, threads: threads)
  }
}
