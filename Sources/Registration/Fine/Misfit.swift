import Volumetry

/// What a rigid (or similar) alignment leaves over: how far the best affine map is from it, and in what way.
struct Misfit: Sendable {
  /// Root mean square distance of the two over the fixed lattice, in fixed voxels, beyond what chance gives.
  let displacement: Double
  /// That distance in units of its own error.
  let significance: Double
  /// Relative change of length along x, y, z and the shears (xy, xz, yz) that would fit better.
  let strains: SIMD3<Double>
  let shears: SIMD3<Double>

  /// Nil where the affine map cannot be found from here.
  ///
  /// - Parameter solution: of a solver whose model is not affine.
  init?(_ solution: Solver.Solution, solver: Solver) {
    var free = solver
    free.transformModel = .affine
    free.maximumIterations = 12
    guard let affine = free.solve(from: solution.transform),
      let back = solution.transform.linear.inverse
    else { return nil }
    let lattice = solver.model.lattice
    let voxel = solver.fixed.box.min()
    let distance = affine.transform.meanError(against: solution.transform, over: lattice) / voxel
    guard
      let matrix = ObservedCovariance(affine, solver: free)?.matrix
        ?? Covariance(
          affine, fixed: solver.fixed, lattice: lattice, metric: solver.metric, threads: solver.threads)?
        .matrix
    else { return nil }
    let error = affine.expectedError(matrix, over: lattice) / voxel
    let strain = affine.transform.linear * back
    // The symmetric part: what no rotation takes up.
    let s = 0.5 * (strain + strain.transposed)
    strains = SIMD3(s.x.x - 1, s.y.y - 1, s.z.z - 1)
    shears = SIMD3(s.x.y, s.x.z, s.y.z)
    significance = error > 0 ? distance / error : .infinity
    displacement = max(0, distance * distance - error * error).squareRoot()
  }

  /// What it looks like, and what to do about it.
  var description: String {
    let mean = (strains.x + strains.y + strains.z) / 3
    let uneven = strains - mean
    let unevenness = pointwiseMax(uneven, -uneven).max()
    let shear = pointwiseMax(shears, -shears).max()
    func shown(_ x: Double) -> String { "\((x * 1000).rounded() / 1000)" }
    if abs(mean) >= max(unevenness, shear) {
      return
        "a scale of \(shown(1 + mean)) from fixed to moving would fit: check the voxel sizes, or use --dof 7"
    }
    if unevenness >= shear {
      return
        "scales of \(shown(1 + strains.x)), \(shown(1 + strains.y)), \(shown(1 + strains.z)) along x, y, z would fit: check the voxel sizes, or use --dof 12"
    }
    return "a shear of \(shown(shear)) would fit: the object or a scan is distorted; use --dof 12"
  }
}

extension Solver.Solution {
  /// Root mean square of the expected error over corners, face centres and middle of a grid, in fixed space, um.
  func expectedError(_ covariance: Matrix, over grid: Grid) -> Double {
    var sum = 0.0
    var count = 0.0
    for z in 0..<3 {
      for y in 0..<3 {
        for x in 0..<3 where (z == 1 ? 1 : 0) + (y == 1 ? 1 : 0) + (x == 1 ? 1 : 0) != 1 {
          let point = grid.origin + 0.5 * SIMD3(Double(x), Double(y), Double(z)) * grid.extent
          let error = parameters.expectedError(at: point, of: transform, covariance: covariance)
          sum += error * error
          count += 1
        }
      }
    }
    return (sum / count).squareRoot() / transform.scale
  }
}
