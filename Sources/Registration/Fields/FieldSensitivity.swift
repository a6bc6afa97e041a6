public import Volumetry

/// Means of a fine field over the coarse voxels with their gradients, quick and from a small volume: for what small
/// changes do, where ``FieldProjection`` is for the values themselves.
public struct FieldSensitivity: Sendable {
  private let model: ForwardModel
  private let transform: SpatialTransform
  /// Value and gradient (x, y, z, per um of moving space) of every coarse voxel.
  private let samples: [Float]

  /// - Parameter field: of a resolution of about a quarter of a coarse voxel.
  public init(
    of field: Volume<Float>, onto target: Grid, through transform: SpatialTransform,
    spread: PointSpread = .none,
    threads: Int = 1
  ) {
    let image = WorkingImage(grid: field.grid, voxels: field.voxels)
      .blurred(sigma: spread.sigma.min(), threads: threads)
    let model = ForwardModel(image: image, lattice: target, box: target.spacing, spread: spread)
    self.model = model
    self.transform = transform
    // The slope of a broken line differs to both sides of its knots: the mean of the two stands for it.
    let step = 1e-3 * field.grid.spacing
    let sides = [step, -step].map { (step: SIMD3<Double>) -> [Float] in
      model.sample(
        SpatialTransform(translation: step).composed(after: transform), isStrict: false, threads: threads)
    }
    samples = zip(sides[0], sides[1]).map { 0.5 * ($0 + $1) }
  }

  /// The means; NaN where the field does not reach.
  public var values: [Double] {
    (0..<model.lattice.shape.count).map { Double(samples[4 * $0]) }
  }

  /// Changes of the means by one standard deviation of every independent part of an uncertain alignment: g^T J l with
  /// the gradient g, the derivatives J of the moving point and the columns l of a root of the covariance. All voxels of
  /// a part change together. NaN where the field does not reach.
  public func changes(_ parameters: LocalParameters, covariance: Matrix) -> [[Double]] {
    let grid = model.lattice
    let root = Self.root(of: covariance)
    var result = [[Double]](
      repeating: [Double](repeating: .nan, count: grid.shape.count), count: covariance.rows)
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          let voxel = grid.shape.index(z: z, y: y, x: x)
          let at = 4 * voxel
          let slope = [Double(samples[at + 1]), Double(samples[at + 2]), Double(samples[at + 3])]
          guard !samples[at].isNaN, slope.allSatisfy(\.isFinite) else { continue }
          let jacobian = parameters.jacobian(
            arm: transform(grid.center(z: z, y: y, x: x)) - parameters.center)
          let byParameter = jacobian.transposed * slope
          for part in result.indices {
            result[part][voxel] = byParameter.indices.reduce(0.0) { $0 + byParameter[$1] * root[$1, part] }
          }
        }
      }
    }
    return result
  }

  /// Variance of the means that an uncertain alignment leaves: the squares of the changes, added.
  public func variance(_ parameters: LocalParameters, covariance: Matrix) -> [Double] {
    let parts = changes(parameters, covariance: covariance)
    return (0..<model.lattice.shape.count).map { voxel in
      parts.reduce(0) { $0 + $1[voxel] * $1[voxel] }
    }
  }

  /// Lower triangular root of a covariance, columns of zeros where a parameter is certain.
  private static func root(of covariance: Matrix) -> Matrix {
    let n = covariance.rows
    var l = Matrix(zeros: n, n)
    for j in 0..<n {
      for i in j..<n {
        var sum = covariance[i, j]
        for k in 0..<j { sum -= l[i, k] * l[j, k] }
        if i == j {
          l[j, j] = sum > 1e-14 * covariance[j, j] ? sum.squareRoot() : 0
        } else {
          l[i, j] = l[j, j] > 0 ? sum / l[j, j] : 0
        }
      }
    }
    return l
  }
}
