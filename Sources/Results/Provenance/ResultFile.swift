import Foundation
package import Volumetry

/// Results that an earlier stage wrote as JSON.
package enum ResultFile {
  /// - Throws: `missing` where there is no file, `data` where it holds something else.
  package static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws(VoxelithError)
    -> Value
  {
    let data = try WholeFile.read(path, advice: "run the pipeline again")
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw VoxelithError(
        .data, "the result cannot be read back", file: path, advice: "run the stage again with --overwrite",
        cause: "\(error)".firstLine)
    }
  }
}
