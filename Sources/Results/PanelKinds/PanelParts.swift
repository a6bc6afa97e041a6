public import Volumetry

/// A file, and how it is opened.
public struct PanelFile: Sendable, PanelPart {
  public var name: String?
  /// Voxel size z, y, x in micrometres where the file does not say it.
  public var voxelSizeUm: [Double]?
  public var dataset: String?
  /// What a headerless file lacks.
  public var rawShape: CountsZYX?
  public var rawType: VoxelType?
  public var rawOffset: Int?
  public var rawBigEndian: Bool?

  public init(_ name: String? = nil) { self.name = name }

  static var fields: [PanelField<Self>] {
    [
      .init(.file, \.name), .init(.voxelSizeUm, \.voxelSizeUm), .init(.dataset, \.dataset),
      .init(.rawShape, \.rawShape), .init(.rawType, \.rawType), .init(.rawOffset, \.rawOffset),
      .init(.rawBigEndian, \.rawBigEndian),
    ]
  }
}

/// A volume: one channel of a file.
public struct PanelVolume: Sendable, PanelPart {
  public var file: PanelFile
  public var channel: Int?

  public init(_ name: String? = nil) { file = PanelFile(name) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(PanelField.part(\.file), [.init(.channel, \.channel)])
  }
}

/// Where a slice lies: the middle without a place.
public struct PanelPlane: Sendable, PanelPart {
  public var axis: String?
  public var slice: Int?
  public var positionUm: Double?

  public init() {}

  static var fields: [PanelField<Self>] {
    [.init(.axis, \.axis), .init(.slice, \.slice), .init(.positionUm, \.positionUm)]
  }

  var rules: [PanelRule] {
    [PanelRule(.slice, needs: "no position_um", isWrong: slice != nil && positionUm != nil)]
  }
}

/// Colours of values, and what the values are.
public struct PanelColors: Sendable, PanelPart {
  public var map: String?
  public var range: [Double]?
  public var label: String?
  public var units: String?

  public init() {}

  static var fields: [PanelField<Self>] {
    [.init(.map, \.map), .init(.range, \.range), .init(.label, \.label), .init(.units, \.units)]
  }

  /// Whether values with these colours can stand on the scale of the first ones.
  func canShare(_ first: PanelColors) -> Bool {
    (map == nil || map == first.map) && (range == nil || range == first.range)
  }
}

/// What is seen of a solid, and from where.
public struct PanelView: Sendable, PanelPart {
  /// Degrees around z and above the xy plane.
  public var azimuth: Double?
  public var elevation: Double?
  /// Degrees of a perspective view; orthographic without it.
  public var fieldOfView: Double?
  /// Label to draw of a label volume.
  public var phase: Int?
  /// Standard deviation in micrometres by which the volume is smoothed first.
  public var smoothUm: Double?

  public init() {}

  static var fields: [PanelField<Self>] {
    [
      .init(.azimuth, \.azimuth), .init(.elevation, \.elevation), .init(.fieldOfView, \.fieldOfView),
      .init(.phase, \.phase), .init(.smoothUm, \.smoothUm),
    ]
  }
}
