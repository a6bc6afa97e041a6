import Volumetry

/// Which voxels share a face, and where voxels lie.
struct VoxelFaces {
  let shape: Shape
  private let spacing: SIMD3<Double>
  private let slice: Int

  init(_ grid: Grid) {
    shape = grid.shape
    spacing = grid.spacing
    slice = grid.shape.x * grid.shape.y
  }

  /// From the first voxel in um, along x, y, z.
  func place(_ voxel: Int) -> SIMD3<Double> {
    SIMD3(Double(voxel % shape.x), Double(voxel / shape.x % shape.y), Double(voxel / slice)) * spacing
  }

  /// The voxels that share a face with one, in the order of the grid.
  @inline(__always)
  func neighbours(_ voxel: Int, _ body: (Int) -> Void) {
    let (z, y, x) = (voxel / slice, voxel / shape.x % shape.y, voxel % shape.x)
    if z > 0 { body(voxel - slice) }
    if y > 0 { body(voxel - shape.x) }
    if x > 0 { body(voxel - 1) }
    if x + 1 < shape.x { body(voxel + 1) }
    if y + 1 < shape.y { body(voxel + shape.x) }
    if z + 1 < shape.z { body(voxel + slice) }
  }

  /// Says that a voxel and those beside it are about to be used.
  @inline(__always)
  func reach(_ voxel: Int, _ access: inout ScatteredAccess) {
    access.reach(voxel)
    access.reach(max(0, voxel - shape.x))
    access.reach(min(shape.count - 1, voxel + shape.x))
    access.reach(max(0, voxel - slice))
    access.reach(min(shape.count - 1, voxel + slice))
  }
}
