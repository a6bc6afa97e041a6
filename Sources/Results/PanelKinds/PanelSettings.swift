/// What one kind of panel is made from. Its `fields` are the one list of its keys: what is not there is neither read nor written.
protocol PanelSettings: Sendable {
  static var kind: PanelSpec.Kind { get }
  static var fields: [PanelField<Self>] { get }

  /// No key given.
  init()

  var title: String? { get set }

  /// The panel with these settings.
  var spec: PanelSpec { get }

  /// Keys that are of use beside others only.
  var rules: [PanelRule] { get }
}

/// A kind whose values have colours.
protocol ColoredPanel: PanelSettings {
  var colors: PanelColors { get set }
}

/// A key that needs another one, which is not there.
struct PanelRule {
  let isWrong: Bool
  let key: PanelSpec.Key
  let needs: String

  init(_ key: PanelSpec.Key, needs: String, isWrong: Bool) {
    self.isWrong = isWrong
    self.key = key
    self.needs = needs
  }
}

extension PanelSettings {
  static var keys: [PanelSpec.Key] { fields.map(\.key) }

  var rules: [PanelRule] { [] }

  init(from values: KeyedDecodingContainer<PanelSpec.Key>) throws {
    self.init()
    for field in Self.fields { try field.read(&self, values) }
  }

  func encode(to values: inout KeyedEncodingContainer<PanelSpec.Key>) throws {
    for field in Self.fields { try field.write(self, &values) }
  }

  func text(_ key: PanelSpec.Key) -> String? {
    Self.fields.first { $0.key == key }?.value(self) as? String
  }
}

/// A key and the property that holds its value.
struct PanelField<Root>: Sendable {
  typealias Key = PanelSpec.Key

  let key: Key
  let read: @Sendable (inout Root, KeyedDecodingContainer<Key>) throws -> Void
  let write: @Sendable (Root, inout KeyedEncodingContainer<Key>) throws -> Void
  let value: @Sendable (Root) -> (any Sendable)?

  init<Value: Codable & Sendable>(_ key: Key, _ path: any WritableKeyPath<Root, Value?> & Sendable) {
    self.key = key
    read = { root, values in root[keyPath: path] = try values.decodeIfPresent(Value.self, forKey: key) }
    write = { root, values in try values.encodeIfPresent(root[keyPath: path], forKey: key) }
    value = { $0[keyPath: path] }
  }

  private init<Part>(_ field: PanelField<Part>, of path: any WritableKeyPath<Root, Part> & Sendable) {
    key = field.key
    read = { root, values in try field.read(&root[keyPath: path], values) }
    write = { root, values in try field.write(root[keyPath: path], &values) }
    value = { field.value($0[keyPath: path]) }
  }

  /// The fields of the parts, then those of one's own.
  static func joined(_ fields: [PanelField]...) -> [PanelField] { fields.flatMap { $0 } }

  /// The fields of a part.
  static func part<Part: PanelPart>(_ path: any WritableKeyPath<Root, Part> & Sendable) -> [PanelField] {
    Part.fields.map { PanelField($0, of: path) }
  }
}

/// What several kinds share.
protocol PanelPart {
  static var fields: [PanelField<Self>] { get }
}
