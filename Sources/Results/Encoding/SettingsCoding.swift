import Foundation
package import Volumetry

/// Settings as JSON.
package enum SettingsCoding {
  /// What a value looks like once it is encoded.
  package static func value(_ settings: some Encodable) throws(VoxelithError) -> JSONValue {
    do {
      return try JSONDecoder().decode(JSONValue.self, from: try encoder.encode(settings))
    } catch {
      throw VoxelithError(.internal, "settings cannot be encoded", cause: "\(error)")
    }
  }

  /// The settings that a value encodes.
  ///
  /// - Throws: what the settings refuse, and `internal` for a value of a wrong kind.
  static func decode<Settings: Decodable>(
    _ type: Settings.Type, from value: JSONValue
  ) throws(VoxelithError) -> Settings {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(type, from: try encoder.encode(value))
    } catch let error as VoxelithError {
      throw error
    } catch {
      throw VoxelithError(.internal, "settings cannot be decoded", cause: "\(error)")
    }
  }

  /// One text for one meaning: keys in order, numbers in their shortest form.
  package static func text(_ value: JSONValue) throws(VoxelithError) -> String {
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw VoxelithError(.internal, "settings cannot be encoded", cause: "\(error)")
    }
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}
