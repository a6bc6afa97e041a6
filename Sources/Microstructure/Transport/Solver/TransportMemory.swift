public import Volumetry

/// How much memory a solve takes: known before it starts, so that a budget can be refused at once.
public enum TransportMemory {
  /// Bytes for every voxel of the box: concentration 8, four vectors 16, medium 4, class and piece 1,
  /// block numbers 0.5, and half a byte for runs.
  private static let perVoxel = 30.0
  /// Bytes for every conducting voxel: the coarse levels' matrices and vectors, measured between 9
  /// (an open box) and 12 (fine pores).
  private static let perConducting = 12.0

  /// Bytes that solving one axis takes.
  ///
  /// - Parameter conducting: number of voxels that conduct.
  public static func estimate(shape: Shape, conducting: Int) -> Int {
    Int(perVoxel * Double(shape.count) + perConducting * Double(conducting))
  }

  static func check(
    shape: Shape, conducting: Int, budget: Int, file: String
  ) throws(VoxelithError) {
    guard shape.checkedCount != nil else {
      throw VoxelithError(.data, "the shape \(shape) holds too many voxels", file: file)
    }
    let needed = estimate(shape: shape, conducting: conducting)
    let fixed = 8 << 20
    guard needed <= max(budget, fixed) else {
      let megabytes = (needed + 999_999) / 1_000_000
      throw VoxelithError(
        .usage,
        "diffusion through \(shape) voxels needs \(megabytes) MB, \(budget / 1_000_000) MB are allowed",
        file: file, advice: "raise --memory to \(megabytes)M, or solve a part of the volume")
    }
  }
}
