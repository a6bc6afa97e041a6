import Foundation
public import Volumetry

/// Writers of volumes by the ending of a name.
public enum VolumeOutput {
  /// Endings that are known, and what they stand for.
  public static let endings =
    ".tif and .tiff (TIFF), .zarr (OME-Zarr), .h5 and .nxs (HDF5), .mha and .mhd (MetaImage), .nrrd, .npy (NumPy)"

  /// A writer for a path.
  ///
  /// - Parameters:
  ///   - isLabels: whether the voxels are labels, of which no means are taken.
  ///   - isCompressed: packs the voxels of a MetaImage or NRRD.
  ///   - zarr: version of an OME-Zarr folder.
  /// - Throws: `usage` where the ending is not known or its format is not packed here; `cannotCreate` where the output exists and may not be replaced.
  public static func create(
    _ path: String, grid: Grid, type: VoxelType, isLabels: Bool = false, isCompressed: Bool = false,
    overwrite: Bool = false, zarr: ZarrFormat = .ome04, isPlane: Bool = false,
    threads: Int = Parallel.availableThreads
  ) throws(VoxelithError) -> any VolumeSink {
    let ending = ending(path)
    guard !isCompressed || ["mha", "mhd", "nrrd"].contains(ending) else {
      throw VoxelithError(
        .usage, "only .mha, .mhd and .nrrd are packed on request", file: path,
        advice: ending == "zarr" ? "a Zarr keeps its own compression" : nil)
    }
    switch ending {
    case "mha", "mhd", "nrrd":
      return try HeaderedVolumeWriter(
        path: path, grid: grid, type: type, format: ending == "mha" ? .mha : ending == "mhd" ? .mhd : .nrrd,
        isCompressed: isCompressed, isPlane: isPlane, overwrite: overwrite)
    case "tif", "tiff": return try TIFFVolumeWriter(path: path, grid: grid, type: type, overwrite: overwrite)
    case "zarr":
      return try ZarrVolumeWriter(
        path: path, grid: grid, type: type, isLabels: isLabels, format: zarr, overwrite: overwrite,
        threads: threads)
    case "h5", "hdf5", "nxs":
      return try HDF5VolumeWriter(path: path, grid: grid, type: type, overwrite: overwrite)
    case "npy": return try NPYVolumeWriter(path: path, shape: grid.shape, type: type, overwrite: overwrite)
    default:
      throw VoxelithError(
        .usage, "no format is known for this ending", file: path, advice: "known: \(endings)")
    }
  }

  /// What a format cannot keep of a grid, as a notice; nil where it keeps all.
  public static func notice(_ path: String, grid: Grid) -> String? {
    guard ending(path) == "npy", grid.hasKnownSpacing else { return nil }
    return "\(path): a NumPy file holds neither voxel size nor origin; other formats do"
  }

  /// Slices that a writer takes at once without holding any: blocks should be multiples of it.
  public static func chunk(_ path: String) -> Shape { Shape(z: ending(path) == "zarr" ? 64 : 1, y: 1, x: 1) }

  private static func ending(_ path: String) -> String {
    let name = path.hasSuffix("/") ? String(path.dropLast()) : path
    return PathName.ending(of: name).lowercased()
  }
}
