public import Volumetry

/// The cells of a coarser grid that fields are wanted on.
public enum CellChoice: Sendable, Hashable {
  /// Cells of so many voxels from the corner of the volume; the last ones may reach beyond it.
  case voxels(Shape)
  /// Cubes of so many micrometres from the corner of the volume; the last ones may reach beyond it.
  case cubes(Double)
  /// A grid in the same frame, for instance that of the spectra.
  case grid(Grid)

  /// Which cell holds each voxel of a volume.
  ///
  /// - Throws: `usage` where cells are smaller than the voxels or larger than the volume, `data` where
  ///   the grid holds none of the volume's voxels.
  public func map(on fine: Grid) throws(VoxelithError) -> CellMap {
    switch self {
    case .voxels(let sides):
      for axis in Axis.allCases where sides[axis] < 1 || sides[axis] > fine.shape[axis] {
        throw VoxelithError(
          .usage, "cells of \(sides[axis]) voxels along \(axis) on \(fine.shape[axis])",
          advice: "cells run from 1 voxel to the side of the volume")
      }
      return CellMap(fine: fine, factor: sides)
    case .cubes(let side):
      let (least, most) = (fine.spacing.max(), fine.extent.max())
      guard side >= least && side <= most else {
        throw VoxelithError(
          .usage, "cells of \(side) µm on voxels of \(least) µm in a volume of \(most) µm",
          advice: "cells run from the voxel size to the side of the volume")
      }
      var coarse = fine
      coarse.spacing = SIMD3(repeating: side)
      for axis in Axis.allCases {
        let count = Double(fine.shape[axis]) * fine.spacing(along: axis) / side
        coarse.shape[axis] = max(1, Int((count - 1e-9).rounded(.up)))
      }
      return CellMap(fine: fine, coarse: coarse)
    case .grid(let coarse):
      try coarse.validate()
      let map = CellMap(fine: fine, coarse: coarse)
      guard map.holdsVoxels else {
        throw VoxelithError(
          .data, "the coarse grid (\(coarse.extent) µm from \(coarse.origin)) holds no voxel of the volume",
          advice: "resample the volume into the frame of the grid first")
      }
      return map
    }
  }
}
