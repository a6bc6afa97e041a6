import ArgumentParser
import Voxelith

/// What each of two volumes that are aligned may lack, as options.
struct VolumePairInput: ParsableArguments {
  @Option(help: "Voxel size of the moving volume in µm: one number, or z,y,x.")
  var movingVoxelSize: VoxelSize?

  @Option(help: "Path of the array of the moving volume within an HDF5 file.")
  var movingDataset: String?

  @Option(help: "Channel of the moving volume, from 0.")
  var movingChannel: Int?

  @Option(help: "Sides of a headerless moving volume as z,y,x.")
  var movingRawShape: VoxelCounts?

  @Option(help: "Type of a headerless moving volume: uint8, uint16, ...")
  var movingRawType: VoxelType?

  @Option(help: "Bytes before the first voxel of a headerless moving volume.")
  var movingRawOffset: Int?

  @Flag(help: "A headerless moving volume has the high byte first.")
  var movingRawBigEndian = false

  @Option(help: "Voxel size of the fixed volume in µm: one number, or z,y,x.")
  var fixedVoxelSize: VoxelSize?

  @Option(help: "Path of the array of the fixed volume within an HDF5 file.")
  var fixedDataset: String?

  @Option(help: "Channel of the fixed volume, from 0.")
  var fixedChannel: Int?

  @Option(help: "Sides of a headerless fixed volume as z,y,x.")
  var fixedRawShape: VoxelCounts?

  @Option(help: "Type of a headerless fixed volume: uint8, uint16, ...")
  var fixedRawType: VoxelType?

  @Option(help: "Bytes before the first voxel of a headerless fixed volume.")
  var fixedRawOffset: Int?

  @Flag(help: "A headerless fixed volume has the high byte first.")
  var fixedRawBigEndian = false

  var moving: VolumeInputSettings {
    VolumeInputSettings(
      voxelSize: movingVoxelSize, dataset: movingDataset, channel: movingChannel, rawShape: movingRawShape,
      rawType: movingRawType, rawOffset: movingRawOffset, rawBigEndian: movingRawBigEndian)
  }

  var fixed: VolumeInputSettings {
    VolumeInputSettings(
      voxelSize: fixedVoxelSize, dataset: fixedDataset, channel: fixedChannel, rawShape: fixedRawShape,
      rawType: fixedRawType, rawOffset: fixedRawOffset, rawBigEndian: fixedRawBigEndian)
  }

  /// One of the two volumes.
  enum Side: String {
    case moving, fixed

    /// An error of this volume, with the names that its options have here.
    func named(_ error: VoxelithError) -> VoxelithError {
      func renamed(_ text: String) -> String {
        text.replacing(/--(voxel-size|dataset|channel|raw-[a-z-]+)/) { "--\(rawValue)-\($0.output.1)" }
      }
      return VoxelithError(
        error.code, renamed(error.message), file: error.file, place: error.place,
        advice: error.advice.map(renamed), cause: error.cause)
    }
  }

  subscript(_ side: Side) -> VolumeInputSettings { side == .moving ? moving : fixed }

  func validate() throws {
    try moving.checkOptions()
    try fixed.checkOptions()
  }
}

extension VolumeInputSettings {
  /// Settings from options.
  init(
    voxelSize: VoxelSize?, dataset: String?, channel: Int?, rawShape: VoxelCounts?, rawType: VoxelType?,
    rawOffset: Int?, rawBigEndian: Bool
  ) {
    self.init()
    self.voxelSize = voxelSize.map { LengthsZYX($0.spacing) }
    self.dataset = dataset
    self.channel = channel
    self.rawShape = rawShape.map { CountsZYX($0.shape) }
    self.rawType = rawType
    self.rawOffset = rawOffset ?? self.rawOffset
    self.rawBigEndian = rawBigEndian
  }
}
