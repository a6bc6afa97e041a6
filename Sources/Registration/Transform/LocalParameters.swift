public import Volumetry

/// Small changes of a transform: the parameters that the fits step in and that the covariance refers to.
///
/// With `y = T(x) - center` the changed image of a fixed point x is
/// - rigid: `center + exp([w]) y + t`, parameters `w` (radians, about x, y, z) and `t` (um);
/// - similarity: `center + exp(s) exp([w]) y + t`, with `s` the logarithm of the scale last;
/// - affine: `center + (1 + A) y + t`, parameters the nine elements of A by rows, then t.
public struct LocalParameters: Sendable, Hashable {
  public let model: TransformModel
  /// Point of the moving space that rotations turn about, in um.
  public let center: SIMD3<Double>
  /// Whether only the turn about z and the motion in the plane of x and y are free: for a pair of single slices.
  public let isInPlane: Bool

  public init(model: TransformModel, center: SIMD3<Double>, isInPlane: Bool = false) {
    self.model = model
    self.center = center
    self.isInPlane = isInPlane
  }

  /// Numbers of the parameters that are held.
  var held: [Int] {
    guard isInPlane else { return [] }
    return model == .affine ? [2, 5, 6, 7, 8, 11] : [0, 1, 5]
  }

  /// Number of the parameters that are free.
  public var freeCount: Int { model.parameterCount - held.count }

  /// Names with units, in order.
  public var names: [String] {
    let translation = ["translation_x_um", "translation_y_um", "translation_z_um"]
    switch model {
    case .rigid:
      return ["rotation_x_rad", "rotation_y_rad", "rotation_z_rad"] + translation
    case .similarity:
      return ["rotation_x_rad", "rotation_y_rad", "rotation_z_rad"] + translation + ["log_scale"]
    case .affine:
      return ["xx", "xy", "xz", "yx", "yy", "yz", "zx", "zy", "zz"].map { "linear_" + $0 } + translation
    }
  }

  /// The transform after a change.
  public func apply(_ change: [Double], to transform: SpatialTransform) -> SpatialTransform {
    precondition(change.count == model.parameterCount)
    let map: LinearMap
    let shift: SIMD3<Double>
    switch model {
    case .rigid, .similarity:
      let rotation = LinearMap(rotationVector: SIMD3(change[0], change[1], change[2]))
      map = model == .rigid ? rotation : exponential(change[6]) * rotation
      shift = SIMD3(change[3], change[4], change[5])
    case .affine:
      map =
        LinearMap.identity
        + LinearMap(
          rows: SIMD3(change[0], change[1], change[2]), SIMD3(change[3], change[4], change[5]),
          SIMD3(change[6], change[7], change[8]))
      shift = SIMD3(change[9], change[10], change[11])
    }
    return SpatialTransform(linear: map, translation: center + shift - map * center)
      .composed(after: transform)
  }

  /// Derivative of the moving point with respect to the parameters, one column each, at
  /// `arm = T(x) - center`.
  public func jacobian(arm y: SIMD3<Double>) -> Matrix {
    switch model {
    case .rigid:
      return Matrix([
        [0, y.z, -y.y, 1, 0, 0],
        [-y.z, 0, y.x, 0, 1, 0],
        [y.y, -y.x, 0, 0, 0, 1],
      ])
    case .similarity:
      return Matrix([
        [0, y.z, -y.y, 1, 0, 0, y.x],
        [-y.z, 0, y.x, 0, 1, 0, y.y],
        [y.y, -y.x, 0, 0, 0, 1, y.z],
      ])
    case .affine:
      return Matrix([
        [y.x, y.y, y.z, 0, 0, 0, 0, 0, 0, 1, 0, 0],
        [0, 0, 0, y.x, y.y, y.z, 0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 0, y.x, y.y, y.z, 0, 0, 1],
      ])
    }
  }

  /// Expected distance in um, in moving space, between the true and the fitted image of a fixed point:
  /// the root of the trace of `J C J^T`.
  public func expectedError(
    at point: SIMD3<Double>, of transform: SpatialTransform, covariance: Matrix
  ) -> Double {
    let jacobian = jacobian(arm: transform(point) - center)
    let product = jacobian * covariance * jacobian.transposed
    return max(0, product[0, 0] + product[1, 1] + product[2, 2]).squareRoot()
  }
}
