public import Readers
public import Volumetry

/// How a volume file is opened: what the file lacks, and which of its arrays is meant.
public struct VolumeInputSettings: OperationSettings {
  public var dataset: String?
  public var channel: Int?
  public var frame: Int?
  public var voxelSize: LengthsZYX?
  public var rawShape: CountsZYX?
  public var rawType: VoxelType?
  public var rawOffset = 0
  public var rawBigEndian = false
  public var allowMissing = false
  public var ignoreGaps = false

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case dataset, channel, frame
    case voxelSize = "voxel_size_um"
    case rawShape = "raw_shape"
    case rawType = "raw_type"
    case rawOffset = "raw_offset_bytes"
    case rawBigEndian = "raw_big_endian"
    case allowMissing = "allow_missing"
    case ignoreGaps = "ignore_gaps"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .dataset: "Path of the array within an HDF5 file, or of a level within a Zarr folder."
    case .channel: "Channel of a volume that has several, from 0."
    case .frame: "Time point of a volume that has several, from 0."
    case .voxelSize: "Voxel size in µm, one number or z,y,x; overrides the file."
    case .rawShape: "Sides of a headerless file as z,y,x."
    case .rawType:
      "Type of a headerless file: uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, float32 or float64."
    case .rawOffset: "Bytes before the first voxel of a headerless file."
    case .rawBigEndian: "A headerless file has the high byte first."
    case .allowMissing: "Read voxels of missing slices or sources as NaN instead of stopping with an error."
    case .ignoreGaps: "Take the slices of a folder as consecutive, even if numbers are missing."
    }
  }

  public func validate() throws(VoxelithError) {
    if let size = voxelSize?.vector, !(size.min() > 0 && size.max().isFinite) {
      throw VoxelithError(.usage, "voxel_size_um: a voxel size must be positive")
    }
    guard (rawShape == nil) == (rawType == nil) else {
      throw VoxelithError(.usage, "a headerless file needs both its shape and its type")
    }
    if let shape = rawShape?.shape, min(shape.z, shape.y, shape.x) < 1 {
      throw VoxelithError(.usage, "raw_shape: needs three whole numbers from 1 up")
    }
    guard rawShape != nil || (rawOffset == 0 && !rawBigEndian) else {
      throw VoxelithError(
        .usage, "an offset and a byte order are for headerless files",
        advice: "give the shape and the type of the file")
    }
    guard rawOffset >= 0, (channel ?? 0) >= 0, (frame ?? 0) >= 0 else {
      throw VoxelithError(.usage, "offset, channel and frame must not be negative")
    }
  }

  /// - Throws: what ``validate()`` throws.
  public func options(threads: Int = Parallel.availableThreads) throws(VoxelithError) -> VolumeOpenOptions {
    try validate()
    var options = VolumeOpenOptions(
      voxelSize: voxelSize?.vector, dataset: dataset, channel: channel, frame: frame,
      rawShape: rawShape?.shape,
      rawType: rawType, rawBigEndian: rawBigEndian, rawOffset: rawOffset, threads: threads)
    options.allowsMissing = allowMissing
    options.ignoresGaps = ignoreGaps
    return options
  }

  /// - Throws: what ``validate()`` and opening throw.
  public func open(
    _ path: String, threads: Int = Parallel.availableThreads
  ) throws(VoxelithError) -> any VolumeSource {
    try VolumeFile.open(path, options: try options(threads: threads))
  }
}
