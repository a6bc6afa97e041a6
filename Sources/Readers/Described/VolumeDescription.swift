public import Volumetry

/// What a file is, as `inspect` tells it.
public struct VolumeDescription: Codable, Sendable, Equatable {
  /// `tiff`, `tiff-slices`, `npy`, `raw`, `hdf5`, `metaimage`, `nrrd`, `ome-zarr`, `zarr`.
  public var kind: String
  public var file: String
  /// Number of voxels along z, y, x.
  public var shape: [Int]
  /// Type of the voxels as they are read.
  public var type: String
  /// Size of a voxel along z, y, x; null where the file does not say it.
  public var voxelSizeUm: [Double]?
  /// Outer corner of the first voxel along z, y, x.
  public var originUm: [Double]
  public var channels: Int
  public var channelNames: [String]?
  /// What the channels are where the file tells that they are no quantities of one place: `rotation angles`, `times`.
  public var channelsAlong: String?
  /// Pages or slices that the file holds.
  public var pages: Int?
  public var compression: String?
  public var byteOrder: String?
  /// Path of the array within an HDF5 file.
  public var dataset: String?
  /// Where every number of the geometry came from.
  public var origins: [GeometryOrigin] = []
  /// What else is worth knowing, one sentence each.
  public var notes: [String]

  enum CodingKeys: String, CodingKey {
    case kind, file, shape, type, channels, pages, compression, dataset, origins, notes
    case voxelSizeUm = "voxel_size_um"
    case originUm = "origin_um"
    case channelNames = "channel_names"
    case channelsAlong = "channels_along"
    case byteOrder = "byte_order"
  }

  public init(
    kind: String, file: String, grid: Grid, type: VoxelType, channels: Int = 1,
    channelNames: [String]? = nil, pages: Int? = nil, compression: String? = nil,
    byteOrder: String? = nil, notes: [String] = []
  ) {
    self.kind = kind
    self.file = file
    self.shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    self.type = type.rawValue
    self.voxelSizeUm =
      grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil
    self.originUm = [grid.origin.z, grid.origin.y, grid.origin.x]
    self.channels = channels
    self.channelNames = channelNames
    self.pages = pages
    self.compression = compression
    self.byteOrder = byteOrder
    self.notes = notes
  }
}

extension VolumeDescription {
  /// The description with where voxel size and origin came from.
  ///
  /// - Parameters:
  ///   - size: what of the file gave the voxel size.
  ///   - corner: what of the file gave the origin; nil where nothing did.
  ///   - unread: what of the file is not taken for the size of a voxel.
  func told(
    _ grid: Grid, size: String? = nil, corner: String? = nil, unread: String? = nil,
    options: VolumeOpenOptions
  ) -> VolumeDescription {
    var result = self
    result.origins = grid.origins(
      source: options.voxelSize == nil ? size : "--voxel-size", corner: corner, unread: unread)
    return result
  }
}

/// A volume of a file that can tell what it is.
public protocol DescribedVolume: VolumeSource {
  var description: VolumeDescription { get }
}
