import Foundation
import Volumetry

/// A rotation about a centre and a shift: where XCS points lie in the frame of the XCT.
public struct RigidPose: Sendable, Hashable {
  /// 4 x 4 row-major matrix from XCS (fixed) points to XCT (moving) points, x y z in micrometres.
  public let matrix: [[Double]]

  /// R = Rz Ry Rx with angles in degrees about `center`, then the shift.
  public init(rotation: SIMD3<Double>, translation: SIMD3<Double>, center: SIMD3<Double>) {
    let radians = rotation * (Double.pi / 180)
    func rotationMatrix(_ axis: Int, _ angle: Double) -> Matrix {
      var result = Matrix(identity: 3)
      let (i, j) = ((axis + 1) % 3, (axis + 2) % 3)
      result[i, i] = cos(angle)
      result[i, j] = -sin(angle)
      result[j, i] = sin(angle)
      result[j, j] = cos(angle)
      return result
    }
    let r = rotationMatrix(2, radians.z) * rotationMatrix(1, radians.y) * rotationMatrix(0, radians.x)
    let middle = [center.x, center.y, center.z]
    let turned = r * middle
    matrix =
      (0..<3).map { row in
        [r[row, 0], r[row, 1], r[row, 2], middle[row] - turned[row] + translation[row]]
      } + [[0, 0, 0, 1]]
  }

  /// Whether XCS and XCT points are the same.
  public var isIdentity: Bool {
    (0..<3).allSatisfy { row in
      (0..<4).allSatisfy { matrix[row][$0] == (row == $0 ? 1 : 0) }
    }
  }

  /// The XCT point of an XCS point.
  public func apply(_ p: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(
      matrix[0][0] * p.x + matrix[0][1] * p.y + matrix[0][2] * p.z + matrix[0][3],
      matrix[1][0] * p.x + matrix[1][1] * p.y + matrix[1][2] * p.z + matrix[1][3],
      matrix[2][0] * p.x + matrix[2][1] * p.y + matrix[2][2] * p.z + matrix[2][3])
  }
}
