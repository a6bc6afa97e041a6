import Foundation

/// The second moment of axial directions, <n n'>, and what follows from it.
public struct OrientationTensor: Sendable, Hashable {
  /// Components xx, yy, zz, xy, xz, yz; the trace is 1.
  public let components: [Double]
  public let eigen: SymmetricEigen

  /// - Parameters:
  ///   - sums: weighted sums of xx, yy, zz, xy, xz, yz.
  ///   - weight: sum of the weights, positive.
  init(sums: [Double], weight: Double) {
    components = sums.map { $0 / weight }
    eigen = SymmetricEigen(
      xx: components[0], yy: components[1], zz: components[2], xy: components[3],
      xz: components[4], yz: components[5])
  }

  /// Scalar order parameter about the mean axis, (3 a1 - 1) / 2: 1 for parallel directions, 0 for
  /// isotropic ones (P. G. de Gennes, The Physics of Liquid Crystals, 1974).
  public var orderParameter: Double { 0.5 * (3 * eigen.values.x - 1) }

  /// Order parameter about the through-thickness axis z, (3 <cos^2> - 1) / 2: 1 along it, -1/2 across.
  public var orderParameterZ: Double { 0.5 * (3 * components[2] - 1) }

  /// 1 - a3 / a1: 0 for isotropic directions, 1 for directions in a plane or along a line.
  public var degreeOfAnisotropy: Double { 1 - max(0, eigen.values.z) / eigen.values.x }

  /// Angle between the mean axis and z in degrees.
  public var angleToZ: Double { acos(min(1, abs(eigen.vectors[0].z))) * 180 / .pi }

  /// Semi-axes of the fabric ellipsoid, the roots of the eigenvalues, longest first and scaled to 1.
  public var ellipsoid: [Double] {
    [eigen.values.x, eigen.values.y, eigen.values.z].map {
      (max(0, $0) / eigen.values.x).squareRoot()
    }
  }
}
