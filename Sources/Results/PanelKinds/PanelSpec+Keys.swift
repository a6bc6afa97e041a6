import Foundation
public import Volumetry

extension PanelSpec {
  /// Every key that a panel of some kind has.
  public enum Key: String, CodingKey, CaseIterable, Sendable {
    case kind, file2, files, times, layers, sigma, sigma2, reference, fit, line, x, y, method, over, opacity
    case gradient
    case axis, slice, normal, map, range, center, bins, label, label2, units, title, dataset, channel
    case azimuth, elevation, opacities, voxels, clip, level, phase
    case file
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

  /// Names of everything that a panel of some kind may have.
  public static var keys: [String] { Key.allCases.map(\.rawValue) }
}

extension PanelSpec.Kind {
  /// The keys that panels of the kind can use.
  public var keys: [PanelSpec.Key] { [.kind] + settings.keys }

  /// - Throws: `usage` naming the first of the keys that the kind cannot use, and the kinds that can.
  func check(_ given: some Sequence<PanelSpec.Key>) throws(VoxelithError) {
    let given = Set(given)
    for key in PanelSpec.Key.allCases where given.contains(key) && !keys.contains(key) {
      let able = Self.allCases.filter { $0.keys.contains(key) }.map(\.rawValue)
      throw VoxelithError(
        .usage, "a panel '\(rawValue)' cannot use \(key.rawValue)",
        advice: "kinds that can: " + able.joined(separator: ", "))
    }
  }
}

extension PanelSpec: Codable {
  /// - Throws: `VoxelithError` of code `usage` for a key that the kind cannot use; `DecodingError` for values of a wrong kind.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let kind = try values.decode(Kind.self, forKey: .kind)
    try kind.check(try values.allKeys.filter { try !values.decodeNil(forKey: $0) })
    self = try kind.settings.init(from: values).spec
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(kind, forKey: .kind)
    try settings.encode(to: &values)
  }
}

/// What is said of a panel where its kind is known at run time only: options of a command.
public struct PanelValues: Sendable {
  private var values: [PanelSpec.Key: JSONValue] = [:]

  public init() {}

  public var isEmpty: Bool { values.isEmpty }

  /// - Throws: `internal` where the value cannot be encoded.
  public mutating func set(_ key: PanelSpec.Key, _ value: (some Encodable)?) throws(VoxelithError) {
    values[key] = try value.map { (value) throws(VoxelithError) in try JSONValue(encoding: value) }
  }

  /// The panel of a kind.
  ///
  /// - Throws: `usage` naming the first key that the kind cannot use, and the kinds that can.
  public func panel(_ kind: PanelSpec.Kind) throws(VoxelithError) -> PanelSpec {
    var object = Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
    object[PanelSpec.Key.kind.rawValue] = .text(kind.rawValue)
    return try SettingsCoding.decode(PanelSpec.self, from: .object(object))
  }
}
