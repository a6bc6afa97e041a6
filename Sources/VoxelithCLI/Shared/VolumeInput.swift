import ArgumentParser
import Voxelith

/// What a volume file may lack, as options.
struct VolumeInput: ParsableArguments {
  @Option(help: VolumeInputSettings.text(.voxelSize))
  var voxelSize: VoxelSize?

  @Option(help: VolumeInputSettings.text(.dataset))
  var dataset: String?

  @Option(help: VolumeInputSettings.text(.channel))
  var channel: Int?

  @Option(help: VolumeInputSettings.text(.frame))
  var frame: Int?

  @Flag(help: VolumeInputSettings.flag(.allowMissing))
  var allowMissing = false

  @Flag(help: VolumeInputSettings.flag(.ignoreGaps))
  var ignoreGaps = false

  @Option(help: VolumeInputSettings.text(.rawShape))
  var rawShape: VoxelCounts?

  @Option(help: VolumeInputSettings.text(.rawType))
  var rawType: VoxelType?

  @Option(help: VolumeInputSettings.text(.rawOffset))
  var rawOffset: Int?

  @Flag(help: VolumeInputSettings.flag(.rawBigEndian))
  var rawBigEndian = false

  func validate() throws { try settings.checkOptions() }

  var settings: VolumeInputSettings {
    var settings = VolumeInputSettings(
      voxelSize: voxelSize, dataset: dataset, channel: channel, rawShape: rawShape, rawType: rawType,
      rawOffset: rawOffset, rawBigEndian: rawBigEndian)
    settings.allowMissing = allowMissing
    settings.ignoreGaps = ignoreGaps
    settings.frame = frame
    return settings
  }

  /// Opens a volume and tells the user where its voxel size is not known.
  func open(_ path: String, console: Console, threads: Int = Parallel.availableThreads) throws
    -> any VolumeSource
  {
    let source = try settings.open(path, threads: threads)
    if let notice = VolumeFile.spacingNotice(source.grid, file: path) { console.notice(notice) }
    if let notice = VolumeFile.writingNotice(source) { console.notice(notice) }
    return source
  }
}
