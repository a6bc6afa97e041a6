import Foundation
import Volumetry

/// What a record of the program tells of files that it wrote: `provenance.json`, `NAME.provenance.json`, `stage.json`.
package struct WrittenRecord: Sendable {
  /// The folder that names start from.
  package let folder: String
  /// Checksums by name.
  package let outputs: [String: String]
  /// Checksums of what was written beyond the folder, by full paths.
  let elsewhere: [String: String]

  /// Reads a record; nil where there is none or the program did not write it.
  package init?(_ path: String) {
    folder = PathName.folder(of: path)
    guard let data = try? WholeFile.read(path), let text = try? JSONDecoder().decode(Text.self, from: data),
      text.program == "voxelith" || (text.key != nil && text.name != nil)
    else { return nil }
    elsewhere = text.program == nil ? [:] : text.elsewhere ?? [:]
    outputs = (text.program == nil ? text.outputs?.sums : text.sums) ?? [:]
  }

  /// All records of a folder.
  static func all(in folder: String) -> [WrittenRecord] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter(isRecord).sorted().compactMap { WrittenRecord(PathName.join(folder, $0)) }
  }

  static func isRecord(_ name: String) -> Bool { name.hasSuffix("provenance.json") || name == "stage.json" }

  private struct Text: Decodable {
    let program: String?
    let name: String?
    let key: String?
    let sums: [String: String]?
    let elsewhere: [String: String]?
    let outputs: Outputs?

    enum CodingKeys: String, CodingKey {
      case program, name, key, outputs
      case sums = "outputs_sha256"
      case elsewhere = "outputs_elsewhere_sha256"
    }
  }

  /// A list of names in a provenance, checksums by name in the record of a stage.
  private struct Outputs: Decodable {
    let sums: [String: String]?
    init(from decoder: any Decoder) throws {
      sums = try? decoder.singleValueContainer().decode([String: String].self)
    }
  }
}
