/// One panel of a figure as written in YAML or JSON.
public struct PanelSpec: Sendable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A slice in colour; with `over` drawn over another volume, with `sigma` paler where less certain.
    case slice
    /// A value and its standard deviation side by side.
    case valueAndSigma = "value-and-sigma"
    /// How often the values of a volume occur; with `sigma` values divided by sigma against a normal curve.
    case histogram
    /// Mean and band of a volume along an axis.
    case profile
    /// How often the values of two volumes on one grid occur together.
    case density
    /// Directions in colour, from a file of three channels.
    case orientation
    /// Directions in the plane of the slice as a rose.
    case rose
  }

  public var kind: Kind
  public var file: String
  /// Second volume: y values of `density`.
  public var file2: String?
  public var sigma: String?
  /// Volume that the slice is drawn over, in grey.
  public var over: String?
  public var opacity: Double?
  public var axis: String?
  public var slice: Int?
  public var positionUm: Double?
  /// Normal (x, y, z) of an oblique slice.
  public var normal: [Double]?
  /// Point (x, y, z) in micrometres of an oblique slice; the middle of the volume without it.
  public var pointUm: [Double]?
  public var map: String?
  public var range: [Double]?
  public var center: Double?
  public var bins: Int?
  public var label: String?
  public var label2: String?
  public var units: String?
  public var title: String?
  /// Voxel size z, y, x in micrometres where the file does not say it.
  public var voxelSizeUm: [Double]?
  public var dataset: String?
  public var channel: Int?

  enum CodingKeys: String, CodingKey {
    case kind, file, file2, sigma, over, opacity, axis, slice, normal, map, range, center, bins, label,
      label2, units
    case title, dataset, channel
    case positionUm = "position_um"
    case pointUm = "point_um"
    case voxelSizeUm = "voxel_size_um"
  }

  public init(kind: Kind, file: String) {
    self.kind = kind
    self.file = file
  }
}
