/// The name of a file, or the names of several: in YAML a text or a list of texts.
public struct FileNames: Codable, Sendable, Hashable {
  public var all: [String]

  public init(_ name: String) { all = [name] }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let name = try? container.decode(String.self) {
      all = [name]
      return
    }
    all = try container.decode([String].self)
    guard !all.isEmpty else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "names no file")
    }
  }

  /// One name is written as a text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if all.count == 1 { try container.encode(all[0]) } else { try container.encode(all) }
  }
}
