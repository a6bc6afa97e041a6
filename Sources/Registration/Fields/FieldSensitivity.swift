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
    model = ForwardModel(image: image, lattice: target, box: target.spacing, spread: spread)
    self.transform = transform
    samples = model.sample(transform, isStrict: false, threads: threads)
  }

  /// The means; NaN where the field does not reach.
  public var values: [Double] {
    (0..<model.lattice.shape.count).map { Double(samples[4 * $0]) }
  }

  /// Variance of the means that an uncertain alignment leaves: g^T J C J^T g with the gradient g, the derivatives J of
  /// the moving point and the covariance C of the parameters.
  public func variance(_ parameters: LocalParameters, covariance: Matrix) -> [Double] {
    let grid = model.lattice
    var result: [Double] = []
    result.reserveCapacity(grid.shape.count)
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          let at = 4 * grid.shape.index(z: z, y: y, x: x)
          let slope = [Double(samples[at + 1]), Double(samples[at + 2]), Double(samples[at + 3])]
          guard !samples[at].isNaN, slope.allSatisfy(\.isFinite) else {
            result.append(.nan)
            continue
          }
          let jacobian = parameters.jacobian(
            arm: transform(grid.center(z: z, y: y, x: x)) - parameters.center)
          result.append(max(0, covariance.quadraticForm(jacobian.transposed * slope)))
        }
      }
    }
    return result
  }
}
