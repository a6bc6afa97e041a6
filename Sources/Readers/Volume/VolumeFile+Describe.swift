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
    var description = try openDescribed(path, options: options).description
    if description.origins.isEmpty {
      let size = description.voxelSizeUm
      let source =
        options.voxelSize != nil
        ? "--voxel-size" : size == nil ? "neither the file nor an option says it" : "the file"
      description.origins = [
        GeometryOrigin(
          "voxel size",
          size.map { $0.map(GeometryOrigin.text).joined(separator: " x ") + " um (z, y, x)" } ?? "not known",
          source)
      ]
    }
    return description
  }
}
