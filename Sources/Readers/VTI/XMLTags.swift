/// Walks through the opening tags of an XML text, without entities, comments or trees: what headers of images need.
struct XMLTags {
  struct Tag {
    var name: String
    var attributes: [String: String]
    var isClosed: Bool
  }

  private let bytes: [UInt8]
  /// Behind the last tag.
  private(set) var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func numbers(_ text: String) -> [Double] {
    text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
  }

  /// Tags longer than this are damage.
  private static let most = 1 << 16

  /// The next opening tag; nil at the end of the text.
  mutating func next() -> Tag? {
    while let open = skip(to: 0x3C), open + 1 < bytes.count {
      place = open + 1
      if [0x2F, 0x21, 0x3F].contains(bytes[place]) { continue }
      guard let close = skip(to: 0x3E), close - place <= Self.most else { return nil }
      let text = String(decoding: bytes[place..<close], as: UTF8.self)
      place = close + 1
      return Self.tag(text)
    }
    place = bytes.count
    return nil
  }

  /// Place of the next byte of a value.
  func skip(to byte: UInt8) -> Int? { bytes[min(place, bytes.count)...].firstIndex(of: byte) }

  /// Place at which the text behind the last tag ends.
  func endOfText() -> Int { skip(to: 0x3C) ?? bytes.count }

  mutating func stop() { place = bytes.count }

  private static func tag(_ text: String) -> Tag {
    var rest = text[...]
    let isClosed = rest.hasSuffix("/")
    if isClosed { rest.removeLast() }
    let name = rest.prefix { !$0.isWhitespace }
    rest = rest.dropFirst(name.count)
    var attributes: [String: String] = [:]
    while let equals = rest.firstIndex(of: "=") {
      let key = rest[..<equals].filter { !$0.isWhitespace }
      rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
      guard let quote = rest.first, quote == "\"" || quote == "'" else { break }
      rest = rest.dropFirst()
      guard let end = rest.firstIndex(of: quote) else { break }
      attributes[key] = String(rest[..<end])
      rest = rest[rest.index(after: end)...]
    }
    return Tag(name: String(name), attributes: attributes, isClosed: isClosed)
  }
}
