import Foundation
import Voxelith

/// What a call is told, beside its arrays: JSON, its sections by their words.
struct Request {
  private let values: [String: JSONValue]

  /// - Throws: `usage` where the text is no JSON object, or names what the operation does not know.
  init(_ text: String, words: [Section]) throws(VoxelithError) {
    let plain = text.isEmpty ? "{}" : text
    guard plain.utf8.count < 1 << 24,
      let value = try? JSONDecoder().decode(JSONValue.self, from: Data(plain.utf8)),
      case .object(let object) = value
    else { throw VoxelithError(.usage, "the request is not a JSON object") }
    for word in object.keys.sorted() where !words.contains(where: { $0.word == word }) {
      throw VoxelithError(
        .usage, "the request has an unknown part '\(word)'",
        advice: "known are: \(words.map(\.word).joined(separator: ", "))")
    }
    values = object.filter { $0.value != .null }
  }

  /// The settings of a section: the defaults with the keys that it names.
  ///
  /// - Throws: `usage` at an unknown key, a value of the wrong kind, and what the settings' own checks throw.
  func settings<Value: OperationSettings>(_ type: Value.Type, _ word: String) throws(VoxelithError) -> Value {
    guard let section = values[word] else { return Value() }
    guard case .object(let object) = section else {
      throw VoxelithError(.usage, "'\(word)' is not an object of settings")
    }
    for key in object.keys.sorted() where !Value.keys.contains(key) {
      throw VoxelithError(
        .usage, "\(word) has no setting '\(key)'",
        advice: "known are: \(Value.keys.sorted().joined(separator: ", "))")
    }
    do {
      let settings = try Value(overriding: object)
      try settings.validate()
      return settings
    } catch let error as VoxelithError {
      throw error
    } catch let error as DecodingError {
      let key = Self.path(error).first ?? word
      let help = Value.CodingKeys(stringValue: key).map { Value.help($0) }
      throw VoxelithError(.usage, "\(key): the value is of the wrong kind", advice: help)
    } catch {
      throw VoxelithError(.usage, "\(word) cannot be understood", cause: "\(error)")
    }
  }

  /// Any value of the request.
  func value<Value: Decodable>(_ type: Value.Type, _ word: String) throws(VoxelithError) -> Value? {
    guard let value = values[word] else { return nil }
    do {
      return try JSONDecoder().decode(type, from: try JSONEncoder().encode(value))
    } catch {
      throw VoxelithError(.usage, "\(word): the value is of the wrong kind")
    }
  }

  func flag(_ word: String) throws(VoxelithError) -> Bool { try value(Bool.self, word) ?? false }
  func text(_ word: String) throws(VoxelithError) -> String? { try value(String.self, word) }

  /// All that was said.
  var all: JSONValue { .object(values) }

  private static func path(_ error: DecodingError) -> [String] {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      context.codingPath.map(\.stringValue)
    @unknown default: []
    }
  }
}
