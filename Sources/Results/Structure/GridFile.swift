import Readers
public import Volumetry

/// The grid of any file that has one: spectra or a volume.
public enum GridFile {
  /// - Throws: `data` where the file holds neither, or does not tell its voxel size.
  public static func grid(of path: String) throws(VoxelithError) -> Grid {
    let grid = try read(path)
    guard grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the voxel size is not known, so its grid cannot be laid over another", file: path,
        advice: "use a file that gives its voxel size")
    }
    return grid
  }

  /// The grid of a volume or of spectra, whether its voxel size is known or not.
  ///
  /// - Parameter voxelSize: x, y, z in um; overrides the file.
  public static func anyGrid(of path: String, voxelSize: SIMD3<Double>? = nil) throws(VoxelithError) -> Grid {
    do throws(VoxelithError) {
      return try VolumeFile.open(path, options: VolumeOpenOptions(voxelSize: voxelSize)).grid
    } catch {
      if error.code == .missing { throw error }
      guard let grid = try? SpectralFile.open(path, options: SpectralOpenOptions(voxelSize: voxelSize)).grid
      else { throw error }
      return grid
    }
  }

  private static func read(_ path: String) throws(VoxelithError) -> Grid {
    do throws(VoxelithError) {
      return try SpectralFile.open(path, options: SpectralOpenOptions()).grid
    } catch {
      if error.code == .missing || SpectralFile.holdsSpectra(path) { throw error }
      return try VolumeFile.open(path, options: VolumeOpenOptions()).grid
    }
  }
}
