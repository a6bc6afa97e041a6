import CRegistrationKernels
import Foundation
public import Volumetry

/// What the sums of a projection are worth.
extension FieldProjection {
  /// Sum of the squared weights of the fine voxels in a coarse voxel: the variance of a mean over white noise of unit
  /// variance. The weights are those of the voxel's box blurred by the point spread, in closed form.
  public func squaredWeight(fine: Grid) -> Double {
    func line(_ side: Double, _ sigma: Double) -> Double {
      guard sigma > 0 else { return 1 / side }
      let ratio = side / (2 * sigma)
      let tail = 2 * sigma / Double.pi.squareRoot() * (1 - exp(-ratio * ratio))
      return (side * erf(ratio) - tail) / (side * side)
    }
    let sigma = spread.sigma
    let scale = transform.scale
    let volume = fine.spacing.x * fine.spacing.y * fine.spacing.z / (scale * scale * scale)
    return min(
      1,
      volume * line(target.spacing.x, sigma.x) * line(target.spacing.y, sigma.y)
        * line(target.spacing.z, sigma.z))
  }

  /// Covariance between phases of the errors that summing up fine voxels in cells makes, measured on some coarse
  /// voxels against integrals by dense points.
  ///
  /// - Parameters:
  ///   - values: the fractions of `phases` as ``phaseFractions(of:phases:resources:)`` gives them.
  ///   - count: coarse voxels to measure on, at equal steps among those that are known.
  /// - Returns: zeros where no voxel lies wholly within the fine volume.
  public func samplingErrors(
    of labels: any VolumeSource, phases: [Int], values: [Volume<Float>], count: Int = 48,
    resources: Resources = Resources()
  ) throws(VoxelithError) -> Matrix {
    try PhaseAverages.check(phases)
    let integral = DenseIntegral(self, fine: labels.grid)
    let known = values[0].voxels.indices.filter { voxel in
      !values[0].voxels[voxel].isNaN && integral.box(of: voxel) != nil
    }
    guard !known.isEmpty else { return Matrix(zeros: phases.count, phases.count) }
    let used = Swift.stride(from: 0, to: known.count, by: max(1, known.count / count)).map { known[$0] }
    let errors = try Parallel.map(used.count, threads: resources.threads) {
      (index) throws(VoxelithError) -> [Double] in
      let voxel = used[index]
      guard let box = integral.box(of: voxel) else { return [] }
      let classes = PhaseAverages.classes(of: try labels.readLabels(box), phases: phases)
      let dense = integral.fractions(of: classes, in: box, voxel: voxel, phases: phases.count)
      return dense.indices.map { Double(values[$0].voxels[voxel]) - dense[$0] }
    }
    var result = Matrix(zeros: phases.count, phases.count)
    for error in errors where !error.isEmpty {
      for a in phases.indices {
        for b in phases.indices { result[a, b] += error[a] * error[b] / Double(errors.count) }
      }
    }
    return result
  }
}

/// Means over the point spread of one coarse voxel by points that are dense among the fine voxels.
struct DenseIntegral {
  private let projection: FieldProjection
  private let fine: Grid
  private let map: VoxelMap
  /// Places along each axis (x, y, z) relative to the voxel's centre in um, and their weights.
  private let places: [[Double]]
  private let weights: [[Double]]
  private static let mostPoints = 128
  private static let reach = 4.0

  init(_ projection: FieldProjection, fine: Grid) {
    self.projection = projection
    self.fine = fine
    map = VoxelMap(from: projection.target, through: projection.transform, to: fine)
    let step = fine.spacing.min() / projection.transform.scale / 4
    var places: [[Double]] = []
    var weights: [[Double]] = []
    for axis in 0..<3 {
      let side = projection.target.spacing[axis]
      let sigma = projection.spread.sigma[axis]
      // Points begin at the voxel's own border, so that on an even grid every fine voxel has as many whatever the point spread.
      var inner = max(1, Int((side / step - 1e-6).rounded(.up)))
      func outer() -> Int { Int((Self.reach * sigma * Double(inner) / side).rounded(.up)) }
      while inner > 1, inner + 2 * outer() > Self.mostPoints { inner -= 1 }
      let apart = side / Double(inner)
      let points = inner + 2 * outer()
      let own = (0..<points).map { (Double($0) + 0.5 - 0.5 * Double(points)) * apart }
      let raw = own.map { place -> Double in
        guard sigma > 0 else { return 1 }
        let scale = sigma * 2.0.squareRoot()
        return erf((place + 0.5 * side) / scale) - erf((place - 0.5 * side) / scale)
      }
      let sum = raw.reduce(0, +)
      places.append(own)
      weights.append(raw.map { $0 / sum })
    }
    self.places = places
    self.weights = weights
  }

  /// Coordinates among the fine voxels of a point relative to a coarse voxel's centre.
  private func at(_ voxel: Int, _ offset: SIMD3<Double>) -> SIMD3<Double> {
    let shape = projection.target.shape
    let (z, y, x) = (voxel / (shape.y * shape.x), voxel / shape.x % shape.y, voxel % shape.x)
    let place = SIMD3(Double(x), Double(y), Double(z)) + offset / projection.target.spacing
    return map(x: place.x, y: place.y, z: place.z)
  }

  /// The fine voxels that the points of a coarse voxel lie in; nil where some lie outside.
  func box(of voxel: Int) -> Region? {
    var low = SIMD3<Double>(repeating: .infinity)
    var high = SIMD3<Double>(repeating: -.infinity)
    for corner in 0..<8 {
      func end(_ axis: Int) -> Double {
        let all = places[axis]
        return corner & (1 << axis) == 0 ? all[0] : all[all.count - 1]
      }
      let point = at(voxel, SIMD3(end(0), end(1), end(2)))
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    let first = (0..<3).map { Int((low[$0] + 0.5).rounded(.down)) }
    let last = (0..<3).map { Int((high[$0] + 0.5).rounded(.down)) }
    let shape = fine.shape
    guard first.allSatisfy({ $0 >= 0 }), last[0] < shape.x, last[1] < shape.y, last[2] < shape.z else {
      return nil
    }
    return Region(
      lower: Shape(z: first[2], y: first[1], x: first[0]),
      shape: Shape(
        z: last[2] - first[2] + 1, y: last[1] - first[1] + 1, x: last[0] - first[0] + 1))
  }

  func fractions(of classes: [Int8], in box: Region, voxel: Int, phases: Int) -> [Double] {
    // The first one is of points of no class.
    var sums = [Double](repeating: 0, count: 1 + phases)
    let lower = SIMD3(Double(box.lower.x), Double(box.lower.y), Double(box.lower.z))
    let start = places[0][0]
    let step =
      places[0].count > 1
      ? at(voxel, SIMD3(places[0][1], 0, 0)) - at(voxel, SIMD3(start, 0, 0)) : .zero
    let sides = [Int32(box.shape.y), Int32(box.shape.x)]
    let steps = [step.x, step.y, step.z]
    let along = weights[0]
    for (k, z) in places[2].enumerated() {
      for (j, y) in places[1].enumerated() {
        let first = at(voxel, SIMD3(start, y, z)) - lower + 0.5
        unsafe vrk_add_weights(
          classes, sides, [first.x, first.y, first.z], steps, along, along.count,
          weights[2][k] * weights[1][j], &sums)
      }
    }
    return Array(sums.dropFirst())
  }
}
