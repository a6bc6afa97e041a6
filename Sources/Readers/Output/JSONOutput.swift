public import Foundation
public import Volumetry

/// JSON as every command writes it: indented, keys sorted, slashes as they are, one line end at the end.
///
/// JSON knows neither NaN nor infinity: both are written as `null`, since a missing number is better
/// than a text that other readers take for a name.
public enum JSONOutput {
  /// Stands for a number that JSON cannot hold until the text is made; U+E000 is for private use, so
  /// no text of a result holds it.
  private static let marker = "\u{E000}not a number\u{E000}"

  /// The text of a result.
  ///
  /// - Throws: `internal` where a value cannot be encoded at all.
  public static func data(_ value: some Encodable) throws(VoxelithError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: marker, negativeInfinity: marker, nan: marker)
    do {
      let text = String(decoding: try encoder.encode(value), as: UTF8.self)
      return Data((text.replacing("\"\(marker)\"", with: "null") + "\n").utf8)
    } catch {
      throw VoxelithError(.internal, "a result cannot be written as JSON", cause: "\(error)")
    }
  }

  /// Writes a result to a file.
  public static func write(
    _ value: some Encodable, to path: String, overwrite: Bool
  ) throws(VoxelithError) {
    do throws(VoxelithError) {
      try OutputFile.write(try data(value), to: path, overwrite: overwrite)
    } catch {
      throw error.located(file: path)
    }
  }
}
