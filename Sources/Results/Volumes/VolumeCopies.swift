import Readers
package import Volumetry

/// Copies of the volumes of a folder in a format that ITK, 3D Slicer and ParaView read with their place in space.
///
/// The TIFFs keep their fixed names, by which other commands find them; `li.tif` gets a `li.mha` beside it.
public enum VolumeCopies: String, Sendable, Hashable, Codable, CaseIterable {
  case mha
  case nrrd

  package static let help =
    "Also write every volume as mha or nrrd, which hold its position for programs that use ITK."

  /// Files of three values a voxel, of which a copy is made for each component.
  private static let vectors: Set<String> = ["orientation.tif", "cell_orientation.tif"]

  /// Names of the copies of some of a folder's files; those that are no TIFF have none.
  public func names(of files: [String]) -> [String] { files.flatMap { copies(of: $0).map(\.name) } }

  private func copies(of file: String) -> [(name: String, channel: Int?)] {
    guard file.hasSuffix(".tif") else { return [] }
    let stem = file.dropLast(4)
    guard Self.vectors.contains(file) else { return [("\(stem).\(rawValue)", nil)] }
    return ["x", "y", "z"].enumerated().map { ("\(stem)_\($0.element).\(rawValue)", $0.offset) }
  }

  /// Copies files that a folder holds, slice by slice, each on the grid that it was made on: a TIFF does not tell where
  /// its volume lies.
  ///
  /// - Throws: `cannotCreate` where a copy exists and may not be overwritten.
  package func write(
    _ files: [(name: String, grid: Grid)], in folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) {
    for (file, grid) in files {
      for (name, channel) in copies(of: file) {
        let source = try VolumeFile.open(
          folder + "/" + file, options: VolumeOpenOptions(channel: channel))
        let writer = try VolumeOutput.create(
          folder + "/" + name, grid: grid, type: source.voxelType, overwrite: overwrite,
          threads: resources.threads)
        for z in 0..<grid.shape.z {
          try resources.cancellation.check()
          let region = Region(slices: z..<(z + 1), of: grid.shape)
          try writer.write(try source.read(region), to: region)
        }
        try writer.finish()
      }
    }
  }
}
