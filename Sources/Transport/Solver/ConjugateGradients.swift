import Foundation
import Volumetry

/// Conjugate gradients in single precision inside a double-precision refinement.
///
/// The concentration is kept in double precision and starts as a straight line, so an open box needs
/// no iteration. The recursively updated residual of the inner loop drifts by rounding; when it has
/// fallen far enough the true residual is formed in double precision, and the loop goes on from it
/// until the true one meets the tolerance.
struct ConjugateGradients {
  struct Outcome: Sendable {
    var concentration: PagedArray<Double>
    /// Norm of the true residual over the norm of the right-hand side.
    var residual: Double
    var iterations: Int
  }

  let tolerance: Double
  let maximumIterations: Int
  let stage: String
  let resources: Resources
  /// Current that enters at the surface of the phase, where that drives the flux.
  var charge: SurfaceCharge?

  /// Reduction after which single precision is not trusted any more.
  private static let trusted = 1e-5

  func solve(
    _ multigrid: inout Multigrid, cells: PagedArray<UInt8>, resistivity: [Double]
  ) throws(VoxelithError) -> Outcome {
    let fine = multigrid.fine
    let concentration = try Self.straightLine(fine)
    let residual = try PagedArray<Float>(repeating: 0, count: fine.shape.count, in: fine.memory)
    func trueResidual(_ concentration: PagedArray<Double>, _ residual: PagedArray<Float>) -> Double {
      FaceFlows(
        fine: fine, cells: cells, resistivity: resistivity, concentration: concentration, charge: charge
      ).residual(into: residual)
    }
    let driving = try FaceFlows(
      fine: fine, cells: cells, resistivity: resistivity, concentration: PagedArray(in: .unpaged),
      charge: charge
    ).drivingNorm()
    guard driving > 0 else {
      // The phase meets itself in no period along this axis, or touches no fixed face: it lies at one concentration.
      return Outcome(
        concentration: try PagedArray<Double>(repeating: 0, count: fine.shape.count, in: fine.memory),
        residual: 0,
        iterations: 0)
    }
    var norm = trueResidual(concentration, residual)
    let target = tolerance * driving
    var iterations = 0
    report(norm / driving, from: norm / driving)
    let start = norm / driving
    if norm > target {
      var workspace = try Workspace(count: fine.shape.count, memory: fine.memory)
      while norm > target {
        let goal = max(0.9 * target, Self.trusted * norm)
        iterations += try reduce(
          residual, to: goal, of: driving, start: start, concentration: concentration, &workspace,
          &multigrid, spent: iterations)
        let previous = norm
        norm = trueResidual(concentration, residual)
        if norm > target && norm > 0.5 * previous {
          throw failure("rounding stops the solver", norm / driving, iterations)
        }
      }
    }
    return Outcome(
      concentration: concentration, residual: norm / driving, iterations: iterations)
  }

  /// The inner loop: lowers the recursive residual to `goal`; returns the iterations it took.
  private func reduce(
    _ residual: PagedArray<Float>, to goal: Double, of driving: Double, start: Double,
    concentration: PagedArray<Double>, _ work: inout Workspace, _ multigrid: inout Multigrid, spent: Int
  ) throws(VoxelithError) -> Int {
    let fine = multigrid.fine
    var energy = multigrid.cycle(residual, into: work.correction, scratch: work.image)
    fine.advance(work.direction, from: work.correction, factor: 0)
    for iteration in 1...max(1, maximumIterations) {
      try resources.cancellation.check()
      guard spent + iteration <= maximumIterations else { break }
      let curvature = fine.apply(work.direction, into: work.image)
      guard curvature > 0, energy > 0 else { return iteration }
      let step = energy / curvature
      fine.accumulate(work.direction, times: step, into: concentration)
      let norm = fine.subtract(work.image, times: Float(step), from: residual).squareRoot()
      report(norm / driving, from: start)
      if norm <= goal { return iteration }
      let next = multigrid.cycle(residual, into: work.correction, scratch: work.image)
      fine.advance(work.direction, from: work.correction, factor: Float(next / energy))
      energy = next
    }
    throw failure("the solver did not converge", nil, maximumIterations)
  }

  /// Progress in percent of the decades that are to be won.
  private func report(_ residual: Double, from start: Double) {
    guard start > tolerance, residual > 0 else { return }
    let share = log(start / residual) / log(start / tolerance)
    resources.progress.report(
      stage, done: min(100, max(0, Int(100 * share))), of: 100, unit: "percent")
  }

  private func failure(_ what: String, _ residual: Double?, _ iterations: Int) -> VoxelithError {
    let reached = residual.map { " at a residual of \($0)" } ?? ""
    return VoxelithError(
      .data, "\(stage): \(what)\(reached) after \(iterations) iterations",
      advice: "raise --tolerance or --max-iterations")
  }

  /// Concentration that falls evenly from 1 to 0 across the box, in the active voxels.
  private static func straightLine(_ fine: FineOperator) throws(VoxelithError) -> PagedArray<Double> {
    let result = try PagedArray<Double>(repeating: 0, count: fine.shape.count, in: fine.memory)
    // With ground at one end only, nothing is known of the shape.
    if fine.boundary.isGrounded { return result }
    var whole = result.mutableSpan
    let axis = fine.boundary.driven
    let count = Double(fine.shape[axis])
    Parallel.forEachSlab(of: &whole, stride: fine.slice, threads: fine.threads) { z, slab in
      for y in 0..<fine.shape.y {
        for run in fine.runs.runs(ofRow: z * fine.shape.y + y) {
          for x in fine.runs.extent(of: run) {
            let voxel = fine.shape.index(z: z, y: y, x: x)
            guard fine.isActive(voxel) else { continue }
            let position = Double(Shape(z: z, y: y, x: x)[axis]) + 0.5
            slab[voxel - z * fine.slice] = 1 - position / count
          }
        }
      }
      fine.memory.touched(9 * slab.count)
    }
    return result
  }
}

/// The vectors of the inner loop besides the residual.
private struct Workspace {
  var direction: PagedArray<Float>
  var correction: PagedArray<Float>
  /// `A direction`, and the second buffer of the smoother.
  var image: PagedArray<Float>

  init(count: Int, memory: WorkingMemory) throws(VoxelithError) {
    direction = try PagedArray(repeating: 0, count: count, in: memory)
    correction = try PagedArray(repeating: 0, count: count, in: memory)
    image = try PagedArray(repeating: 0, count: count, in: memory)
  }
}
