public import Volumetry

extension VolumeFile {
  /// What a file is, without reading its voxels. A file of several channels is described too, where
  /// ``open(_:options:)`` would ask for one of them.
  ///
  /// - Throws: what ``open(_:options:)`` throws.
  public static func describe(
    _ path: String, options: VolumeOpenOptions = VolumeOpenOptions()
  ) throws(VoxelithError) -> VolumeDescription {
    var options = options
    options.isDescribing = true
    return try openDescribed(path, options: options).description
  }
}
