import Foundation
public import Registration
public import Volumetry

/// How an alignment compares with the known one of a twin.
public struct TransformTruth: Codable, Sendable {
  /// Rotation about x, then y, then z, degrees, and where the middle of the fixed grid goes, um; x, y, z.
  public struct Pose: Codable, Sendable {
    public var rotation: [Double]
    public var shift: [Double]

    enum CodingKeys: String, CodingKey {
      case rotation = "rotation_deg_xyz"
      case shift = "shift_of_middle_um_xyz"
    }

    init(_ transform: SpatialTransform, middle: SIMD3<Double>) {
      let m = transform.matrix
      let degree = 180 / Double.pi
      rotation = [
        atan2(m[2][1], m[2][2]) * degree, asin(max(-1, min(1, -m[2][0]))) * degree,
        atan2(m[1][0], m[0][0]) * degree,
      ].map { rounded($0) }
      let moved = transform(middle) - middle
      shift = [moved.x, moved.y, moved.z].map { rounded($0) }
    }
  }

  public var found: Pose
  public var truth: Pose
  /// Root mean square over the fixed grid of the distance between found and true points.
  public var errorUm: Double
  public var errorVoxels: Double
  /// The same as the covariance of the alignment expects it; nil for a transform without covariance.
  public var expectedErrorUm: Double?

  enum CodingKeys: String, CodingKey {
    case found, truth
    case errorUm = "target_registration_error_um"
    case errorVoxels = "target_registration_error_voxels"
    case expectedErrorUm = "expected_error_um"
  }

  public init(_ found: SpatialTransform, truth: SpatialTransform, grid: Grid, expectedErrorUm: Double?) {
    self.found = Pose(found, middle: grid.middle)
    self.truth = Pose(truth, middle: grid.middle)
    let error = found.meanError(against: truth, over: grid)
    errorUm = rounded(error)
    errorVoxels = rounded(error / grid.spacing.min())
    self.expectedErrorUm = expectedErrorUm.map { rounded($0) }
  }
}
