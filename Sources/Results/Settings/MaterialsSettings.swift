public import Volumetry

/// Several active materials in one map, each with standards of its own.
public struct MaterialsSettings: OperationSettings {
  public var labels: String?
  public var standards: [String: String] = [:]

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case labels, standards
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .labels: "Labels on the grid of the spectra: which material a voxel holds; 0 is none."
    case .standards:
      "For each label the standards (YAML) of its material, as {1: cathode.yaml, 2: anode.yaml}."
    }
  }

  public func validate() throws(VoxelithError) {
    guard labels != nil, !standards.isEmpty else {
      throw VoxelithError(
        .usage, "labels and standards go together",
        advice: "write materials: {labels: FILE, standards: {1: cathode.yaml, 2: anode.yaml}}")
    }
    for label in standards.keys.sorted() {
      guard let number = Int(label), (1...255).contains(number) else {
        throw VoxelithError(
          .usage, "standards: '\(label)' is not a label", advice: "labels run from 1 to 255")
      }
    }
  }

  /// Labels in their order with their standards.
  package var materials: [(label: Int, standards: String)] {
    var known: [(label: Int, standards: String)] = []
    for (text, path) in standards {
      if let label = Int(text) { known.append((label: label, standards: path)) }
    }
    return known.sorted { $0.label < $1.label }
  }
}
