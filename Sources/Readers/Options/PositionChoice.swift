public import Volumetry

/// Where the positions of a scan are.
public enum PositionChoice: Sendable, Hashable {
  /// Nowhere: the order of the array is that of the voxels.
  case arrayOrder
  /// In these datasets of the file.
  case named([Axis: String])

  /// As a command line spells it: `none`, or `x=PATH,y=PATH`.
  public init?(_ text: String) {
    if text == "none" {
      self = .arrayOrder
      return
    }
    var paths: [Axis: String] = [:]
    for word in text.split(separator: ",") {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let axis = Axis(rawValue: parts[0]), !parts[1].isEmpty,
        paths.updateValue(parts[1], forKey: axis) == nil
      else { return nil }
    }
    guard !paths.isEmpty else { return nil }
    self = .named(paths)
  }

  public var text: String {
    switch self {
    case .arrayOrder: "none"
    case .named(let paths):
      paths.keys.map(\.rawValue).sorted().map { "\($0)=\(paths[Axis(rawValue: $0) ?? .x] ?? "")" }
        .joined(separator: ",")
    }
  }
}

extension PositionChoice: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let choice = PositionChoice(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is neither none nor x=PATH,y=PATH")
    }
    self = choice
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
