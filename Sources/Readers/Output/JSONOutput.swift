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
      return Data(withNulls([UInt8](try encoder.encode(value))) + [UInt8(ascii: "\n")])
    } catch {
      throw VoxelithError(.internal, "a result cannot be written as JSON", cause: "\(error)")
    }
  }

  /// A text with `null` in the place of every marker. Searching a String takes far longer, since it compares characters.
  private static func withNulls(_ text: [UInt8]) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    let wanted = [quote] + Array(marker.utf8) + [quote]
    var result: [UInt8] = []
    result.reserveCapacity(text.count + 1)
    var i = 0
    while i < text.count {
      if text[i] == quote, text[i...].starts(with: wanted) {
        result.append(contentsOf: "null".utf8)
        i += wanted.count
      } else {
        result.append(text[i])
        i += 1
      }
    }
    return result
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
