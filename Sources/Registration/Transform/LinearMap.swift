import Foundation
package import Volumetry

/// A 3x3 matrix by rows, small enough to live in registers.
package struct LinearMap: Sendable, Hashable {
  package var x, y, z: SIMD3<Double>

  package init(rows x: SIMD3<Double>, _ y: SIMD3<Double>, _ z: SIMD3<Double>) {
    self.x = x
    self.y = y
    self.z = z
  }

  package static let identity = LinearMap(
    rows: SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1))

  package static func * (left: LinearMap, right: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3((left.x * right).sum(), (left.y * right).sum(), (left.z * right).sum())
  }

  package static func * (left: LinearMap, right: LinearMap) -> LinearMap {
    func row(_ r: SIMD3<Double>) -> SIMD3<Double> { r.x * right.x + r.y * right.y + r.z * right.z }
    return LinearMap(rows: row(left.x), row(left.y), row(left.z))
  }

  package static func * (left: Double, right: LinearMap) -> LinearMap {
    LinearMap(rows: left * right.x, left * right.y, left * right.z)
  }

  package static func + (left: LinearMap, right: LinearMap) -> LinearMap {
    LinearMap(rows: left.x + right.x, left.y + right.y, left.z + right.z)
  }

  package var transposed: LinearMap {
    LinearMap(rows: SIMD3(x.x, y.x, z.x), SIMD3(x.y, y.y, z.y), SIMD3(x.z, y.z, z.z))
  }

  package var determinant: Double { (x * cross(y, z)).sum() }

  /// Nil where the matrix is singular within rounding.
  package var inverse: LinearMap? {
    let size = max(length(x), length(y), length(z))
    let determinant = determinant
    guard determinant.isFinite, abs(determinant) > 1e-12 * size * size * size, size > 0 else { return nil }
    let a = cross(y, z) / determinant
    let b = cross(z, x) / determinant
    let c = cross(x, y) / determinant
    return LinearMap(rows: a, b, c).transposed
  }

  /// Rotation by a vector: its length is the angle in radians, its direction the axis (Rodrigues).
  package init(rotationVector w: SIMD3<Double>) {
    let angle = length(w)
    let k = LinearMap(rows: SIMD3(0, -w.z, w.y), SIMD3(w.z, 0, -w.x), SIMD3(-w.y, w.x, 0))
    let a = angle < 1e-6 ? 1 - angle * angle / 6 : sin(angle) / angle
    let b = angle < 1e-4 ? 0.5 - angle * angle / 24 : (1 - cos(angle)) / (angle * angle)
    self = LinearMap.identity + a * k + b * (k * k)
  }

  /// Rotation about one axis in radians.
  package init(angle: Double, about axis: Axis) {
    switch axis {
    case .x: self.init(rotationVector: SIMD3(angle, 0, 0))
    case .y: self.init(rotationVector: SIMD3(0, angle, 0))
    case .z: self.init(rotationVector: SIMD3(0, 0, angle))
    }
  }

  /// Largest difference between any element of two matrices.
  package func distance(to other: LinearMap) -> Double {
    let a = x - other.x
    let b = y - other.y
    let c = z - other.z
    return [a, b, c].map { max(abs($0.x), abs($0.y), abs($0.z)) }.max() ?? 0
  }

  /// How far the matrix is from a rotation times a scale, relative to the scale.
  package var distanceFromSimilarity: Double {
    let scale = cbrt(determinant)
    guard scale > 0 else { return .infinity }
    let product = (1 / (scale * scale)) * (self * transposed)
    return product.distance(to: .identity)
  }
}

package func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

package func length(_ a: SIMD3<Double>) -> Double { (a * a).sum().squareRoot() }
