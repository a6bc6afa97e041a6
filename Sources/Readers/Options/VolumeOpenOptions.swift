public import Volumetry

/// What a caller knows about a file that the file itself may not say.
public struct VolumeOpenOptions: Sendable {
  /// Size of a voxel along x, y, z in micrometres; overrides the file.
  public var voxelSize: SIMD3<Double>?
  /// Path of the dataset within an HDF5 file, or of the level or array within a Zarr folder.
  public var dataset: String?
  /// Number of the channel to read, from 0, where a file holds several values per voxel.
  public var channel: Int?
  /// Number of the time point to read, from 0, where a file holds several.
  public var frame: Int?
  /// Shape of a headerless file; with ``rawType`` it makes any file be read as headerless.
  public var rawShape: Shape?
  /// Type of the values of a headerless file.
  public var rawType: VoxelType?
  /// Whether a headerless file stores the high byte first.
  public var rawBigEndian: Bool
  /// Bytes of a headerless file to skip.
  public var rawOffset: Int
  /// Whether voxels that no file holds (slices without a file, sources that are missing) are NaN and no error.
  public var allowsMissing = false
  /// Whether slices follow one another whatever their numbers.
  public var ignoresGaps = false
  /// Number of threads that one read may use.
  public var threads: Int
  /// Set while a file is described: any channel will do then.
  var isDescribing = false

  public init(
    voxelSize: SIMD3<Double>? = nil, dataset: String? = nil, channel: Int? = nil, frame: Int? = nil,
    rawShape: Shape? = nil, rawType: VoxelType? = nil, rawBigEndian: Bool = false, rawOffset: Int = 0,
    threads: Int = Parallel.availableThreads
  ) {
    self.voxelSize = voxelSize
    self.dataset = dataset
    self.channel = channel
    self.frame = frame
    self.rawShape = rawShape
    self.rawType = rawType
    self.rawBigEndian = rawBigEndian
    self.rawOffset = rawOffset
    self.threads = max(1, threads)
  }
}

extension VolumeOpenOptions {
  /// The grid of a file: the caller's voxel size first, then the file's, else a grid that says that
  /// it knows none.
  func grid(
    _ shape: Shape, fileSpacing: SIMD3<Double>?, fileOrigin: SIMD3<Double>? = nil, file: String
  ) throws(VoxelithError) -> Grid {
    var grid = Grid(unscaled: shape)
    if let spacing = voxelSize ?? fileSpacing {
      grid = Grid(shape: shape, spacing: spacing, origin: fileOrigin ?? .zero)
    }
    try grid.validate(file: file)
    return grid
  }
}
