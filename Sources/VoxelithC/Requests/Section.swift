import Voxelith

/// A part of a request: settings, or one value.
struct Section: Encodable, Sendable {
  struct Key: Encodable, Sendable {
    let name: String
    let help: String
    let `default`: JSONValue?
  }

  let word: String
  let help: String
  /// The keys of settings; nil for a value.
  let keys: [Key]?

  /// A single value.
  init(_ word: String, _ help: String) {
    self.word = word
    self.help = help
    keys = nil
  }

  /// The settings of an operation.
  init<Value: OperationSettings>(_ word: String, _ type: Value.Type, _ help: String) {
    self.word = word
    self.help = help
    let defaults: [String: JSONValue] =
      if case .object(let object)? = try? JSONValue(encoding: Value()) { object } else { [:] }
    keys = Value.CodingKeys.allCases.map {
      Key(name: $0.stringValue, help: Value.help($0), default: defaults[$0.stringValue])
    }
  }

  /// Where files go; every operation that makes some has it.
  static let output = [
    Section("output", "Folder that keeps the files, as the command writes them; none by default."),
    Section("overwrite", "Whether files in that folder may be replaced."),
  ]
}
