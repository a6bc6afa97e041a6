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
    /// A volume that is looked through.
    case volume
    /// The surface where a volume has the value `level`, coloured by `file2` where given.
    case surface
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
  /// Degrees around z and above the xy plane, from where `volume` and `surface` are seen.
  public var azimuth: Double?
  public var elevation: Double?
  /// Degrees of a perspective view; orthographic without it.
  public var fieldOfView: Double?
  /// Pairs of value and opacity of `volume`; solid wherever there is a value without them.
  public var opacities: [[Double]]?
  public var level: Double?
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
    case title, dataset, channel, azimuth, elevation, opacities, level
    case fieldOfView = "field_of_view"
    case positionUm = "position_um"
    case pointUm = "point_um"
    case voxelSizeUm = "voxel_size_um"
  }

  public init(kind: Kind, file: String) {
    self.kind = kind
    self.file = file
  }
}
