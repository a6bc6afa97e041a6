import Foundation
public import Volumetry
import Yams

extension FigureSpec {
  /// Reads a figure from YAML (or JSON, which YAML holds).
  ///
  /// - Throws: `missing` where there is no such file, `usage` where its content is no figure.
  public static func read(_ path: String) throws(VoxelithError) -> FigureSpec {
    let text = try YAMLText.read(path)
    if let node = try? Yams.compose(yaml: text) { try YAMLText.checkSize(of: node, file: path) }
    try checkKeys(text, path)
    do {
      return try YAMLDecoder().decode(FigureSpec.self, from: text)
    } catch DecodingError.dataCorrupted(let context) where context.underlyingError is VoxelithError {
      // Such as a key that the kind cannot use.
      throw context.underlyingError as? VoxelithError ?? VoxelithError(.usage, context.debugDescription)
    } catch let error as DecodingError {
      throw VoxelithError(.usage, "does not describe a figure: \(Self.explain(error))", file: path)
    } catch {
      throw VoxelithError(
        .usage, "is not valid YAML", file: path,
        cause: "\(error)".split(separator: "\n").first.map(String.init))
    }
  }

  /// A key that does not exist is a mistyped one, which would be lost without a word.
  private static func checkKeys(_ text: String, _ path: String) throws(VoxelithError) {
    // What is no YAML is said where it is decoded.
    guard let root = try? Yams.load(yaml: text) as? [String: Any] else { return }
    func check(_ keys: some Sequence<String>, _ known: [String], _ place: String?) throws(VoxelithError) {
      for key in keys.sorted() where !known.contains(key) {
        throw VoxelithError(
          .usage, "the key '\(key)' is not known in a figure", file: path, place: place,
          advice: NameGuess.advice(for: key, among: known.sorted()))
      }
    }
    try check(root.keys, FigureSpec.keys, nil)
    for (index, panel) in (root["panels"] as? [Any] ?? []).enumerated() {
      guard let panel = panel as? [String: Any] else { continue }
      try check(panel.keys, PanelSpec.keys, "panel \(index + 1)")
      let kinds = PanelSpec.Kind.allCases.map(\.rawValue)
      if let kind = panel["kind"] as? String, !kinds.contains(kind) {
        throw VoxelithError(
          .usage, "there is no kind of panel '\(kind)'", file: path, place: "panel \(index + 1)",
          advice: NameGuess.advice(for: kind, among: kinds, as: "kinds"))
      }
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      return keys.isEmpty ? "" : " in \(keys.joined(separator: "."))"
    }
    switch error {
    case .keyNotFound(let key, let context): return "'\(key.stringValue)' is missing\(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "wrong kind of value\(place(context))"
    case .dataCorrupted(let context): return "\(context.debugDescription)\(place(context))"
    @unknown default: return "\(error)"
    }
  }
}
