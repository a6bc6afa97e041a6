public import Results
public import Volumetry

/// When a watch renews its map, and when it ends.
public struct WatchSettings: OperationSettings {
  /// sigma(x) at which to stop.
  public var untilSigma: Double?
  public var sigmaOf = SigmaTarget.all
  public var duration: Double?
  public var settle = 2.0
  public var patience = 600.0
  public var interval = 0.5

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case untilSigma = "until_sigma"
    case sigmaOf = "sigma_of"
    case duration = "for_s"
    case settle = "settle_s"
    case patience = "patience_s"
    case interval = "interval_s"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .untilSigma:
      "Stop when sigma(x) is this small or smaller, and the last renewal gave no voxel its first value."
    case .sigmaOf:
      "Which voxels' sigma(x) is meant: all (the median of the mapped voxels), worst (the largest), or a box z0:z1,y0:y1,x0:x1 (the median in it, counted from 0, without the ends)."
    case .duration: "Stop after this time, as 90s, 15m or 4h."
    case .settle: "Time for which a closed file must not change before the watch ends."
    case .patience:
      "Stop when nothing was written for this time: a writer that was killed never closes its file, some files do not tell whether they were closed, and a folder has no end."
    case .interval: "Shortest time between two renewals of the map."
    }
  }

  public func validate() throws(VoxelithError) {
    try SettingsCheck.positive(CodingKeys.untilSigma, untilSigma)
    try SettingsCheck.positive(CodingKeys.duration, duration)
    try SettingsCheck.range(CodingKeys.settle, settle, 0...86_400)
    try SettingsCheck.range(CodingKeys.patience, patience, 0.1...1e7)
    try SettingsCheck.range(CodingKeys.interval, interval, 0.05...86_400)
    guard untilSigma != nil || sigmaOf == .all else {
      throw VoxelithError(.usage, "sigma_of says whose error until_sigma is: give that, too")
    }
  }
}

/// Voxels whose error is looked at.
public enum SigmaTarget: Codable, Sendable, Hashable {
  /// All that are mapped: their median.
  case all
  /// The one with the largest.
  case worst
  /// Those of a box: their median.
  case region(Region)

  /// - Returns: nil where the text is none of `all`, `worst` and `z0:z1,y0:y1,x0:x1`.
  public init?(_ text: String) {
    switch text {
    case "all": self = .all
    case "worst": self = .worst
    default:
      let ends = text.split(separator: ",", omittingEmptySubsequences: false).map { axis in
        axis.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      }
      guard ends.count == 3 else { return nil }
      var ranges: [Range<Int>] = []
      for axis in ends {
        guard axis.count == 2, let low = axis[0], let high = axis[1], low >= 0, low < high, high < 1 << 30
        else { return nil }
        ranges.append(low..<high)
      }
      self = .region(
        Region(
          lower: Shape(z: ranges[0].lowerBound, y: ranges[1].lowerBound, x: ranges[2].lowerBound),
          shape: Shape(z: ranges[0].count, y: ranges[1].count, x: ranges[2].count)))
    }
  }

  public var text: String {
    switch self {
    case .all: "all"
    case .worst: "worst"
    case .region(let region):
      [region.z, region.y, region.x].map { "\($0.lowerBound):\($0.upperBound)" }.joined(separator: ",")
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let target = SigmaTarget(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "takes all, worst or a box z0:z1,y0:y1,x0:x1")
    }
    self = target
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
