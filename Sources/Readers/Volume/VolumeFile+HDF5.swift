import Volumetry

extension VolumeFile {
  /// The one place where volumes in HDF5 files are handed to their reader.
  static func openHDF5(
    _ path: String, options: VolumeOpenOptions
  ) throws(VoxelithError) -> any DescribedVolume {
    try HDF5VolumeFile.open(path: path, options: options)
  }
}
