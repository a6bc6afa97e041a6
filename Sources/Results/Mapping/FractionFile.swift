import Readers
public import Volumetry

/// Volume fractions on the grid of the spectra: a float hyperstack ZCYX, one channel per phase.
public enum FractionFile {
  /// One source per phase.
  public static func open(_ path: String) throws(VoxelithError) -> [any VolumeSource] {
    let channels = try VolumeFile.describe(path).channels
    var sources: [any VolumeSource] = []
    for channel in 0..<channels {
      sources.append(
        try VolumeFile.open(path, options: VolumeOpenOptions(channel: channels == 1 ? nil : channel)))
    }
    return sources
  }
}
