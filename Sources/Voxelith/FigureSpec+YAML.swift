import Foundation
public import Renderers
public import Volumetry
import Yams

extension FigureSpec {
  /// Reads a figure from YAML (or JSON, which YAML holds).
  ///
  /// - Throws: `missing` where there is no such file, `usage` where its content is no figure.
  public static func read(_ path: String) throws(VoxelithError) -> FigureSpec {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw VoxelithError(.missing, "the description of the figure cannot be read", file: path)
    }
    do {
      return try YAMLDecoder().decode(FigureSpec.self, from: text)
    } catch let error as DecodingError {
      throw VoxelithError(.usage, "is no figure: \(Self.explain(error))", file: path)
    } catch {
      throw VoxelithError(
        .usage, "is no YAML", file: path, cause: "\(error)".split(separator: "\n").first.map(String.init))
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
