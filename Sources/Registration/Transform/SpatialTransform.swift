import Foundation
public import Volumetry

/// What a transform may change.
public enum TransformModel: String, Sendable, Hashable, Codable, CaseIterable {
  /// Rotation and translation: 6 degrees of freedom.
  case rigid
  /// Rotation, translation and one scale: 7.
  case similarity
  /// Any linear map and a translation: 12.
  case affine

  /// Degrees of freedom.
  public var parameterCount: Int {
    switch self {
    case .rigid: 6
    case .similarity: 7
    case .affine: 12
    }
  }

  /// The model with a number of degrees of freedom.
  ///
  /// - Throws: `usage` for a number other than 6, 7 or 12.
  public init(degreesOfFreedom: Int) throws(VoxelithError) {
    guard let model = Self.allCases.first(where: { $0.parameterCount == degreesOfFreedom }) else {
      throw VoxelithError(
        .usage, "no transform has \(degreesOfFreedom) degrees of freedom",
        advice: "give 6 (rigid), 7 (similarity) or 12 (affine)")
    }
    self = model
  }
}

/// A map from points of the FIXED space to points of the MOVING space, both (x, y, z) in micrometres:
/// `moving = linear * fixed + translation`. This is the direction of ITK: to resample the moving volume
/// on the fixed grid, every fixed voxel is sent through the transform.
public struct SpatialTransform: Sendable, Hashable {
  package let linear: LinearMap
  /// Image of the fixed point (0, 0, 0), in um.
  public let translation: SIMD3<Double>

  package init(linear: LinearMap, translation: SIMD3<Double>) {
    self.linear = linear
    self.translation = translation
  }

  public static let identity = SpatialTransform(linear: .identity, translation: .zero)

  /// - Parameter matrix: 4x4 by rows, the last row 0 0 0 1.
  /// - Throws: `data` where the shape is another, a number is not finite, or the map cannot be inverted.
  public init(matrix: [[Double]]) throws(VoxelithError) {
    guard matrix.count == 4, matrix.allSatisfy({ $0.count == 4 }),
      matrix.allSatisfy({ $0.allSatisfy(\.isFinite) })
    else {
      throw VoxelithError(.data, "a transform needs a 4x4 matrix of finite numbers")
    }
    for number in matrix.joined() {
      try NumberRange.coordinate.check(number, as: "a number of the transform")
    }
    guard zip(matrix[3], [0.0, 0, 0, 1]).allSatisfy({ abs($0 - $1) < 1e-12 }) else {
      throw VoxelithError(.data, "the last row of a transform's matrix is not 0 0 0 1")
    }
    func row(_ r: [Double]) -> SIMD3<Double> { SIMD3(r[0], r[1], r[2]) }
    let linear = LinearMap(rows: row(matrix[0]), row(matrix[1]), row(matrix[2]))
    guard linear.inverse != nil else {
      throw VoxelithError(.data, "the matrix of the transform has no inverse")
    }
    self.init(linear: linear, translation: SIMD3(matrix[0][3], matrix[1][3], matrix[2][3]))
  }

  /// Rotation by `rotationVector` (radians times unit axis) about `center`, then a scale about it, then
  /// `translation`: `x -> scale * R (x - center) + center + translation`.
  ///
  /// - Precondition: `scale` is positive.
  public init(
    rotationVector: SIMD3<Double>, translation: SIMD3<Double> = .zero,
    about center: SIMD3<Double> = .zero, scale: Double = 1
  ) {
    precondition(scale > 0)
    let linear = scale * LinearMap(rotationVector: rotationVector)
    self.init(linear: linear, translation: center + translation - linear * center)
  }

  /// A pure shift in um.
  public init(translation: SIMD3<Double>) {
    self.init(linear: .identity, translation: translation)
  }

  /// The 4x4 matrix by rows.
  public var matrix: [[Double]] {
    [
      [linear.x.x, linear.x.y, linear.x.z, translation.x],
      [linear.y.x, linear.y.y, linear.y.z, translation.y],
      [linear.z.x, linear.z.y, linear.z.z, translation.z],
      [0, 0, 0, 1],
    ]
  }

  /// The moving point that belongs to a fixed point.
  public func callAsFunction(_ point: SIMD3<Double>) -> SIMD3<Double> { linear * point + translation }

  /// A vector (no translation) turned and scaled from fixed to moving space.
  public func applied(toVector vector: SIMD3<Double>) -> SIMD3<Double> { linear * vector }

  /// The map that applies `first` and then this one.
  public func composed(after first: SpatialTransform) -> SpatialTransform {
    SpatialTransform(linear: linear * first.linear, translation: linear * first.translation + translation)
  }

  /// The map from moving to fixed points.
  ///
  /// - Throws: `data` where the linear part is singular.
  public func inverted() throws(VoxelithError) -> SpatialTransform {
    guard let inverse = linear.inverse else {
      throw VoxelithError(.data, "the transform has no inverse")
    }
    return SpatialTransform(linear: inverse, translation: -(inverse * translation))
  }

  /// The least general model that describes the map within a relative tolerance.
  public func model(tolerance: Double = 1e-9) -> TransformModel {
    guard linear.distanceFromSimilarity < tolerance else { return .affine }
    return abs(scale - 1) < tolerance ? .rigid : .similarity
  }

  /// Cube root of the determinant: the change of length from fixed to moving space.
  public var scale: Double { cbrt(linear.determinant) }

  /// Angle of the rotation in radians, 0 to pi (of the linear part divided by its scale).
  public var rotationAngle: Double {
    let r = (1 / scale) * linear
    let sine = 0.5 * length(SIMD3(r.z.y - r.y.z, r.x.z - r.z.x, r.y.x - r.x.y))
    let cosine = 0.5 * (r.x.x + r.y.y + r.z.z - 1)
    return atan2(sine, cosine)
  }

  /// Distance in um between the images of a fixed point under two transforms, as it appears in fixed
  /// space: the target registration error if one of them is the truth.
  public func error(against truth: SpatialTransform, at point: SIMD3<Double>) -> Double {
    let difference = self(point) - truth(point)
    guard let back = truth.linear.inverse else { return .infinity }
    return length(back * difference)
  }

  /// Root mean square of ``error(against:at:)`` over the eight corners of a grid, its middle and the
  /// centres of its faces.
  public func meanError(against truth: SpatialTransform, over grid: Grid) -> Double {
    var sum = 0.0
    var count = 0.0
    for z in 0..<3 {
      for y in 0..<3 {
        for x in 0..<3 {
          let odd = (z == 1 ? 1 : 0) + (y == 1 ? 1 : 0) + (x == 1 ? 1 : 0)
          if odd == 1 { continue }
          let point = grid.origin + 0.5 * SIMD3(Double(x), Double(y), Double(z)) * grid.extent
          let e = error(against: truth, at: point)
          sum += e * e
          count += 1
        }
      }
    }
    return (sum / count).squareRoot()
  }
}
