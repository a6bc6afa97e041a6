import Volumetry

extension VolumeFile {
  /// The one place where volumes in HDF5 files are handed to their reader.
  static func openHDF5(
    _ path: String, options: VolumeOpenOptions
  ) throws(VoxelithError) -> any DescribedVolume {
    HDF5DescribedVolume(
      try HDF5VolumeFile.open(
        path: path, dataset: options.dataset, voxelSize: options.voxelSize, channel: options.channel,
        threads: options.threads))
  }
}

/// An HDF5 volume that can tell what it is.
private struct HDF5DescribedVolume: DescribedVolume, GrowingSource {
  private let source: any VolumeSource

  init(_ source: any VolumeSource) { self.source = source }

  var grid: Grid { source.grid }
  var voxelType: VoxelType { source.voxelType }
  var chunkShape: Shape { source.chunkShape }
  var name: String { source.name }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer { try source.read(region) }

  var description: VolumeDescription {
    VolumeDescription(kind: "hdf5", file: name, grid: grid, type: voxelType)
  }

  var writingNotice: String? { (source as? any GrowingSource)?.writingNotice }
}
