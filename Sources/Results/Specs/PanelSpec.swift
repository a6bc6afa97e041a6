public import Volumetry

/// One panel of a figure as written in YAML or JSON.
public struct PanelSpec: Sendable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A slice in colour; with `over` drawn over another volume, with `sigma` paler where less certain.
    case slice
    /// A value and its standard deviation side by side.
    case valueAndSigma = "value-and-sigma"
    /// How often the values of a volume occur; with `reference` the differences from it, with `sigma` divided by sigma
    /// against a normal curve, with `fit` against that many normal curves fitted to it.
    case histogram
    /// Mean and band of a volume along an axis.
    case profile
    /// How often the values of two volumes on one grid occur together.
    case density
    /// Points of two volumes on one grid, or of two columns of a CSV file, with their standard errors.
    case scatter
    /// Mean of volumes, `files`, at their `times`, with its interval; in `layers` along an axis where given.
    case series
    /// Standards, line and residuals of a calibration file.
    case calibration
    /// Directions in colour, from a file of three channels.
    case orientation
    /// Directions in the plane of the slice as a rose.
    case rose
    /// Directions as a pole figure about the axis: the hemisphere in equal-area projection.
    case polar
    /// A volume that is looked through.
    case volume
    /// The surface where a volume has the value `level`, coloured by `file2` where given.
    case surface
  }

  public var kind: Kind
  /// The first file.
  public var file: String {
    get { path ?? files?.first ?? "" }
    set { path = newValue }
  }
  var path: String?
  /// Second volume: y values of `density` and `scatter`, colours of `surface`.
  public var file2: String?
  /// Volumes of `series`.
  public var files: [String]?
  public var times: [Double]?
  public var layers: Int?
  /// Standard deviations of `file` and of `file2`.
  public var sigma: String?
  public var sigma2: String?
  /// Volume that is subtracted before a histogram is made.
  public var reference: String?
  /// Number of normal curves fitted to a histogram.
  public var fit: Int?
  /// Line through a scatter: `fit` (of voxels as `correlate` has it, of a table weighted by the errors along y) or `identity`.
  public var line: String?
  /// Columns of a CSV file: `scatter`.
  public var x: String?
  public var y: String?
  public var xError: String?
  public var yError: String?
  /// Method of a calibration: `s-parameter` or `valence-core`.
  public var method: String?
  /// Volume that the slice is drawn over, in grey.
  public var over: String?
  public var opacity: Double?
  /// Whether arrows show the gradient of a `slice`, where it exceeds twice its standard error.
  public var gradient: Bool?
  public var axis: String?
  public var slice: Int?
  /// Whether a `slice` has y or z upwards, as in three dimensions, with its axes named; downwards without.
  public var upright: Bool?
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
  /// Whether `volume` shows every voxel as a block.
  public var voxels: Bool?
  /// Planes that cut a `volume` open: point (x, y, z) in micrometres, then the normal to the side that goes.
  public var clip: [[Double]]?
  public var level: Double?
  /// Label to draw of a label volume: `volume` and `surface`.
  public var phase: Int?
  /// Standard deviation in micrometres by which `volume` and `surface` are smoothed first.
  public var smoothUm: Double?
  public var map: String?
  public var range: [Double]?
  public var center: Double?
  public var bins: Int?
  /// What the values are; along x of `density`, `scatter` and `histogram`.
  public var label: String?
  /// Along y of `density` and `scatter`, along x of `series`.
  public var label2: String?
  public var units: String?
  public var title: String?
  /// Voxel size z, y, x in micrometres where the file does not say it.
  public var voxelSizeUm: [Double]?
  public var dataset: String?
  public var channel: Int?
  /// What a headerless file lacks.
  public var rawShape: CountsZYX?
  public var rawType: VoxelType?
  public var rawOffset: Int?
  public var rawBigEndian: Bool?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case kind, file2, files, times, layers, sigma, sigma2, reference, fit, line, x, y, method, over, opacity
    case gradient, upright
    case axis, slice, normal, map, range, center, bins, label, label2, units, title, dataset, channel
    case azimuth, elevation, opacities, voxels, clip, level, phase
    case path = "file"
    case xError = "x_error"
    case yError = "y_error"
    case fieldOfView = "field_of_view"
    case positionUm = "position_um"
    case pointUm = "point_um"
    case smoothUm = "smooth_um"
    case voxelSizeUm = "voxel_size_um"
    case rawShape = "raw_shape"
    case rawType = "raw_type"
    case rawOffset = "raw_offset_bytes"
    case rawBigEndian = "raw_big_endian"
  }

  /// Names of everything that a panel may have.
  public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

  public init(kind: Kind, file: String) {
    self.kind = kind
    path = file
  }
}
