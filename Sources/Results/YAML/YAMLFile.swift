import Foundation
package import Volumetry
package import Yams

/// YAML files with known keys.
package enum YAMLFile {
  /// Reads a file and decodes it; keys that nobody knows are refused, since a misspelt key would be ignored.
  ///
  /// - Throws: `missing` where there is no file; `data` with the line where the text is no YAML, or with the key
  ///   that is unknown, missing or of the wrong type.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from path: String, allowed: KeyTree
  ) throws(VoxelithError) -> Value {
    let text = try YAMLText.read(path)
    var root: Node?
    do {
      root = try Yams.compose(yaml: text)
      if let node = root {
        try YAMLText.checkSize(of: node, file: path)
        try allowed.check(node, file: path)
      }
      return try YAMLDecoder().decode(type, from: text)
    } catch let error as VoxelithError {
      throw error
    } catch let error as DecodingError {
      throw wrongValue(error, root, file: path)
        ?? VoxelithError(.data, describe(error), file: path)
    } catch {
      throw VoxelithError(.data, "is not valid YAML", file: path, cause: "\(error)".firstLine)
    }
  }

  /// A value that a key does not take, with its line, what was meant where a word is near, and what the key takes; nil where
  /// the file holds no such value.
  private static func wrongValue(_ error: DecodingError, _ root: Node?, file: String) -> VoxelithError? {
    let context: DecodingError.Context
    switch error {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
    default: return nil
    }
    var node = root
    for key in context.codingPath {
      switch node {
      case .sequence(let list)? where key.intValue.map(list.indices.contains) == true:
        node = key.intValue.map { list[$0] }
      case .mapping?: node = node?[key.stringValue]
      default: return nil
      }
    }
    guard case .scalar(let scalar)? = node, !context.codingPath.isEmpty else { return nil }
    let name = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(
      separator: ".")
    let help = (context.underlyingError as? SettingHelp)?.text
    let words = help?.split { !($0.isLetter || $0.isNumber || "-_".contains($0)) }.map(String.init) ?? []
    let meant = NameGuess.closest(to: scalar.string, among: words.filter { $0.count > 1 })
    let advice = [
      meant.map { "did you mean '\($0)'?" },
      help.map { "\(name): " + ($0.hasSuffix(".") ? String($0.dropLast()) : $0) },
    ].compactMap { $0 }
    return VoxelithError(
      .data,
      meant == nil
        ? "'\(name)' has the wrong kind of value: '\(scalar.string.prefix(60))'"
        : "'\(name)' does not take '\(scalar.string.prefix(60))'", file: file,
      place: scalar.mark.map { "line \($0.line)" },
      advice: advice.isEmpty ? nil : advice.joined(separator: " "))
  }

  private static func describe(_ error: DecodingError) -> String {
    func name(_ path: [any CodingKey]) -> String {
      path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context): return "the key '\(name(context.codingPath + [key]))' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      let place = context.codingPath.isEmpty ? "the file" : "'\(name(context.codingPath))'"
      return "\(place) has the wrong kind of value"
    @unknown default: return "cannot be decoded"
    }
  }
}

extension String {
  package var firstLine: String { split(separator: "\n", maxSplits: 1).first.map(String.init) ?? self }
}

/// The keys that a YAML mapping may have, and those below them.
package struct KeyTree: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, Sendable {
  private let keys: [String: KeyTree]?

  /// Any value.
  package static let leaf = KeyTree(keys: nil)

  private init(keys: [String: KeyTree]?) { self.keys = keys }

  package init(dictionaryLiteral elements: (String, KeyTree)...) {
    keys = Dictionary(elements, uniquingKeysWith: { $1 })
  }

  package init(arrayLiteral elements: String...) {
    keys = Dictionary(elements.map { ($0, KeyTree.leaf) }, uniquingKeysWith: { $1 })
  }

  /// A mapping with these leaves and these deeper keys.
  package init(_ leaves: [String], deeper: [String: KeyTree]) {
    keys = Dictionary(leaves.map { ($0, KeyTree.leaf) }, uniquingKeysWith: { $1 }).merging(deeper) { $1 }
  }

  package func check(_ node: Node, file: String, place: String = "") throws(VoxelithError) {
    guard let keys else { return }
    switch node {
    case .mapping(let mapping):
      for (keyNode, value) in mapping {
        let key = keyNode.string ?? ""
        guard let deeper = keys[key] else {
          let line = keyNode.mark.map { "line \($0.line)" }
          throw VoxelithError(
            .data, "the key '\(place)\(key)' is not known", file: file, place: line,
            advice: NameGuess.advice(for: key, among: keys.keys.sorted(), as: "known here"))
        }
        try deeper.check(value, file: file, place: place + key + ".")
      }
    case .sequence(let sequence):
      for element in sequence { try check(element, file: file, place: place) }
    case .scalar(let scalar):
      let name = place.isEmpty ? "the file" : "'\(place.dropLast())'"
      throw VoxelithError(
        .data, "\(name) holds no keys", file: file, place: scalar.mark.map { "line \($0.line)" },
        advice: "write \(place.isEmpty ? "KEY: VALUE" : "\(place.dropLast()): {}") for the defaults; keys: "
          + keys.keys.sorted().joined(separator: ", "))
    default: break
    }
  }
}
