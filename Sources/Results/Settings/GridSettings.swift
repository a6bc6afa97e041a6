package import Volumetry

/// A grid as a part of what results depend on.
package struct GridSettings: Encodable, Sendable {
  package var shape: [Int]
  package var voxelSize: [Double]
  package var origin: [Double]
  package var hasKnownSpacing: Bool

  enum CodingKeys: String, CodingKey {
    case shape
    case voxelSize = "voxel_size_um"
    case origin = "origin_um"
    case hasKnownSpacing = "voxel_size_is_known"
  }

  package init(_ grid: Grid) {
    shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    voxelSize = [grid.spacing.z, grid.spacing.y, grid.spacing.x]
    origin = [grid.origin.z, grid.origin.y, grid.origin.x]
    hasKnownSpacing = grid.hasKnownSpacing
  }
}
