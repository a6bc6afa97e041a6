/// How a value between voxel centres is formed.
public enum Interpolation: String, Sendable, Hashable, Codable, CaseIterable {
  /// The voxel that holds the point: for labels.
  case nearest
  /// Trilinear.
  case linear
  /// Tricubic with the kernel of Catmull and Rom (Keys, IEEE Trans. ASSP 29 (1981) 1153, a = -1/2); falls
  /// back to linear beside missing values.
  case cubic
  /// Mean over the volume of the target voxel: for targets much coarser than the source. Exact where the
  /// axes are parallel; otherwise a midpoint rule with steps of at most one source voxel.
  case area
}
