public import Drawing
public import Volumetry

/// What the figures of a run are drawn with.
public struct FiguresSettings: OperationSettings {
  public var colorMap = "batlow"
  public var axis = Axis.z

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case axis
    case colorMap = "color_map"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .colorMap: "Colour map of lithium: batlow, viridis, cividis, magma, ...; reversed with _r."
    case .axis: "Axis that slices are cut across: x, y or z."
    }
  }

  public func validate() throws(VoxelithError) {
    do throws(VoxelithError) {
      _ = try colors()
    } catch {
      throw VoxelithError(error.code, "color_map: " + error.message, advice: error.advice)
    }
  }

  public func colors() throws(VoxelithError) -> ColorMap { try ColorMap.named(colorMap) }
}

/// What the page of a run is told.
public struct ReportSettings: OperationSettings {
  public var title: String?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable { case title }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .title: "Heading of the page."
    }
  }

  public func validate() throws(VoxelithError) {}
}

/// What the fractions of a run are told.
public struct FractionsSettings: OperationSettings {
  public var sigma = 0.0
  public var minimumCoverage = 0.999
  public var restIsEmpty: Bool?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case sigma
    case minimumCoverage = "minimum_coverage"
    case restIsEmpty = "rest_is_empty"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .sigma: "Standard deviation of the fractions beyond what alignment and thresholds explain."
    case .minimumCoverage: "Part of a coarse voxel, with its point spread, that the XCT must see."
    case .restIsEmpty:
      "The part of a voxel that no fraction covers is empty space (default: yes where the pores are not a component)."
    }
  }

  public func validate() throws(VoxelithError) {
    try SettingsCheck.range(CodingKeys.sigma, sigma, 0...1)
    try SettingsCheck.range(CodingKeys.minimumCoverage, minimumCoverage, 0.01...1)
  }
}

/// How well the thresholds of a segmentation are known: a key of the section `segment` that the fractions read.
public struct ThresholdSettings: OperationSettings {
  public var thresholdSigma = 0.05

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case thresholdSigma = "threshold_sigma"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .thresholdSigma:
      "Standard deviation of every threshold as a share of the contrast between the phases that it parts."
    }
  }

  public func validate() throws(VoxelithError) {
    try SettingsCheck.range(CodingKeys.thresholdSigma, thresholdSigma, 0...0.5)
  }
}
