public import Volumetry

/// How much memory a solve takes: known before it starts, so that what does not fit the budget is paged from the start.
public enum TransportMemory {
  /// Bytes for every voxel of the box: concentration 8, four vectors 16, diagonal 1, class and
  /// piece 1, block numbers 0.5, and half a byte for runs.
  private static let perVoxel = 27.0
  /// Bytes more for every voxel where there are several diffusivities: the resistivity.
  private static let perLayeredVoxel = 4.0
  /// Bytes for every conducting voxel: the coarse levels' matrices and vectors, measured between 9
  /// (an open box) and 12 (fine pores).
  private static let perConducting = 12.0

  /// Bytes that solving one axis takes.
  ///
  /// - Parameters:
  ///   - conducting: number of voxels that conduct.
  ///   - diffusivities: number of different diffusivities among them.
  public static func estimate(shape: Shape, conducting: Int, diffusivities: Int = 1) -> Int {
    let each = perVoxel + (diffusivities > 1 ? perLayeredVoxel : 0)
    return Int(each * Double(shape.count) + perConducting * Double(conducting))
  }
}
