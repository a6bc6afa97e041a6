import Foundation
public import Volumetry

/// What an operation is told. One type for each operation: the options of its command fill it, its section of `pipeline.yaml` is decoded
/// into it, and its encoding stands in `stage.json`, in `provenance.json` and in the key that says whether a stage is up to date.
///
/// Values have their defaults where they are declared, and nowhere else. Keys carry their unit. A file that is named by a setting is
/// named, not read; its content enters a stage's key as a checksum.
public protocol OperationSettings: Codable, Sendable, Hashable {
  associatedtype CodingKeys: CodingKey & CaseIterable & Hashable

  /// The defaults.
  init()

  /// What a key means, in one line: for `--help` and the tables of the READMEs.
  static func help(_ key: CodingKeys) -> String

  /// - Throws: `usage` naming the key that makes no sense.
  func validate() throws(VoxelithError)
}

extension OperationSettings {
  /// Names of all keys.
  public static var keys: [String] { CodingKeys.allCases.map(\.stringValue) }

  /// The value of a key where nobody says otherwise; nil where there is none.
  public static func defaultText(_ key: CodingKeys) -> String? {
    DefaultValues.of(Self.self)[key.stringValue]?.text
  }

  /// ``help(_:)`` with the default behind it.
  public static func option(_ key: CodingKeys) -> String {
    help(key) + (defaultText(key).map { " (default: \($0))" } ?? "")
  }

  /// The defaults with some keys replaced.
  ///
  /// - Throws: `DecodingError` at the key whose value is of the wrong kind.
  public init(overriding values: [String: JSONValue]) throws {
    guard case .object(var object) = try SettingsCoding.value(Self()) else {
      self = Self()
      return
    }
    object.merge(values.filter { $0.value != .null }) { $1 }
    func decoded() throws -> Self {
      try JSONDecoder().decode(Self.self, from: try JSONEncoder().encode(JSONValue.object(object)))
    }
    do {
      self = try decoded()
    } catch DecodingError.typeMismatch(let type, let context) {
      // A title may look like a number.
      guard type == String.self, let key = context.codingPath.first?.stringValue,
        context.codingPath.count == 1,
        let value = object[key]
      else { throw DecodingError.typeMismatch(type, context) }
      object[key] = .text(value.text)
      self = try decoded()
    }
  }
}

extension OperationSettings {
  /// The keys whose values are not the defaults, with these values.
  package func changes() throws -> [String: JSONValue] {
    guard case .object(let own) = try SettingsCoding.value(self),
      case .object(let usual) = try SettingsCoding.value(Self())
    else { return [:] }
    return own.filter { usual[$0.key] != $0.value }
  }
}

extension KeyedDecodingContainer {
  /// The settings of a section: the defaults with the keys that the section names. Keys of other settings in the same section are
  /// passed over.
  package func settings<Value: OperationSettings>(_ type: Value.Type, _ key: Key) throws -> Value {
    guard let section = try decodeIfPresent([String: JSONValue].self, forKey: key) else { return Value() }
    let known = Set(Value.keys)
    do {
      return try Value(overriding: section.filter { known.contains($0.key) })
    } catch let error as DecodingError {
      throw error.below(
        codingPath + [key], help: { name in Value.CodingKeys(stringValue: name).map(Value.help) })
    }
  }
}

extension KeyedDecodingContainer {
  /// The settings of every entry of a list; none where there is no list. Keys of other settings in the same entry are passed over.
  package func settingsList<Value: OperationSettings>(_ type: Value.Type, _ key: Key) throws -> [Value] {
    let entries = try decodeIfPresent([[String: JSONValue]].self, forKey: key) ?? []
    let known = Set(Value.keys)
    return try entries.enumerated().map { (index, entry) in
      do {
        return try Value(overriding: entry.filter { known.contains($0.key) })
      } catch let error as DecodingError {
        throw error.below(
          codingPath + [key, ListIndex(index)],
          help: { name in Value.CodingKeys(stringValue: name).map(Value.help) })
      }
    }
  }
}

/// The defaults of settings by key. Every option's help asks for one of them, several times for each start of the program.
private enum DefaultValues {
  private static let known = Guarded<[ObjectIdentifier: [String: JSONValue]]>([:])

  static func of<Settings: OperationSettings>(_ type: Settings.Type) -> [String: JSONValue] {
    let name = ObjectIdentifier(type)
    if let values = known.withLock({ $0[name] }) { return values }
    guard case .object(let values)? = try? SettingsCoding.value(Settings()) else { return [:] }
    known.withLock { $0[name] = values }
    return values
  }
}

/// A place in a list, for the path of an error.
private struct ListIndex: CodingKey {
  let intValue: Int?
  var stringValue: String { intValue.map { "\($0)" } ?? "" }

  init(_ index: Int) { intValue = index }
  init?(intValue: Int) { self.intValue = intValue }
  init?(stringValue: String) { nil }
}

extension DecodingError {
  /// The same error at a deeper place, with what the key there takes.
  fileprivate func below(_ path: [any CodingKey], help: (String) -> String?) -> DecodingError {
    let inner: Context
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      inner = context
    @unknown default: return self
    }
    let hint = inner.codingPath.first.flatMap { help($0.stringValue) }
    return .dataCorrupted(
      Context(
        codingPath: path + inner.codingPath, debugDescription: hint ?? inner.debugDescription,
        underlyingError: hint.map(SettingHelp.init) ?? inner.underlyingError))
  }
}
