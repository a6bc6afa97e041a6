public import Correlation
public import Volumetry

/// What `correlate` is told, beside the fields.
public struct CorrelateSettings: OperationSettings {
  public var pairs: [[String]]?
  public var controls: [String] = []
  public var controlDepth = ControlSettings.Depth.layers
  public var controlLateral = ControlSettings.Lateral.smooth
  public var axial: [String] = []
  public var explain: String?
  public var descriptors: [String]?
  public var depthAxis = Axis.z
  public var confidence = 0.95
  public var replicates = 1000
  public var seed: UInt64 = 1

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case pairs, controls, axial, explain, descriptors, confidence, replicates, seed
    case controlDepth = "control_depth"
    case controlLateral = "control_lateral"
    case depthAxis = "depth_axis"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .pairs:
      "Pairs to relate, as X,Y; all pairs by default, in a pipeline lithium with every other quantity."
    case .controls: "Fields to remove from both sides, as a smooth function of each, beside depth and place."
    case .controlDepth: "What to remove of the depth: layers (the mean of every layer), spline, line or none."
    case .controlLateral: "What to remove of the place across the depth: smooth, plane or none."
    case .axial: "Fields of directions in degrees that repeat after 180."
    case .explain: "Field that the others together are to explain; in a pipeline lithium."
    case .descriptors: "Fields that may explain it; all others by default."
    case .depthAxis: "Axis of the depth: z, y or x."
    case .confidence: "Level of the intervals."
    case .replicates: "Replicates of the block bootstrap."
    case .seed: "Seed of the block bootstrap."
    }
  }

  public func validate() throws(VoxelithError) {
    try SettingsCheck.range(CodingKeys.confidence, confidence, 0.01...0.9999)
    guard replicates >= 10 else {
      throw VoxelithError(.usage, "replicates: \(replicates) are too few", advice: "give 10 or more")
    }
    guard descriptors == nil || explain != nil else {
      throw VoxelithError(
        .usage, "descriptors: they need the field that is to be explained", advice: "give explain")
    }
    for pair in pairs ?? [] where pair.count != 2 {
      throw VoxelithError(
        .usage, "pairs: \(pair) is not a pair of quantities",
        advice: "write pairs as [[lithium, porosity], ...], as options X,Y")
    }
  }

  /// - Parameter sigmas: columns of the standard errors by the names of their quantities.
  public func analysis(sigmas: [String: String]) throws(VoxelithError) -> CorrelationAnalysis {
    try validate()
    var analysis = CorrelationAnalysis()
    analysis.confidence = confidence
    analysis.controls = ControlSettings(depth: controlDepth, lateral: controlLateral, fields: controls)
    analysis.explained = explain
    analysis.descriptors = descriptors
    analysis.depthAxis = depthAxis
    analysis.replicates = replicates
    analysis.seed = seed
    analysis.sigmas = sigmas
    return analysis
  }

  /// The pairs by name; nil where all are wanted.
  public var namedPairs: [(x: String, y: String)]? { pairs.map { $0.map { ($0[0], $0[1]) } } }
}
