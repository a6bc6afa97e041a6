/// The head of a request (RFC 9112) as far as it came: what it is, or why it goes no further.
struct RequestHead {
  /// What is passed on: the request line and the fields, without what belongs to the connection.
  let forwarded: [UInt8]

  enum Reading {
    case incomplete
    case whole(RequestHead)
    case refused(Refusal)
  }

  struct Refusal {
    let status: String
    let text: String
  }

  /// Bytes that a head may have.
  static let most = 8192

  static let tooLong = Refusal(
    status: "431 Request Header Fields Too Large", text: "a request has \(most) bytes at most")
  static let malformed = Refusal(status: "400 Bad Request", text: "this is not a request of HTTP/1.1")
  static let wrongMethod = Refusal(status: "405 Method Not Allowed", text: "only GET is answered")
  static let hasBody = Refusal(status: "413 Content Too Large", text: "a request has no body")

  /// Fields of the connection, which is another one further on.
  private static let hops: Set = [
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect",
  ]

  static func read(_ bytes: [UInt8]) -> Reading {
    guard let end = end(of: bytes) else { return bytes.count >= most ? .refused(tooLong) : .incomplete }
    guard end <= most else { return .refused(tooLong) }
    // Line feeds alone end lines, too; a carriage return within a line does not.
    let lines = bytes[..<end].split(separator: 10, omittingEmptySubsequences: false)
      .map { $0.last == 13 ? $0.dropLast() : $0 }
    guard let first = lines.first, lines.allSatisfy({ $0.allSatisfy(isPrintable) }) else {
      return .refused(malformed)
    }
    let words = String(decoding: first, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
    // The target is a path: what a proxy is asked for has another host than its field says.
    guard words.count == 3, !words[0].isEmpty, words[1].hasPrefix("/"),
      words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0"
    else { return .refused(malformed) }
    guard words[0] == "GET" else { return .refused(wrongMethod) }
    var forwarded = Array("GET \(words[1]) HTTP/1.1\r\n".utf8)
    var hosts = 0
    for line in lines.dropFirst() where !line.isEmpty {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy({ $0 > 32 && $0 < 127 })
      else { return .refused(malformed) }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
        .trimming { $0 == " " || $0 == "\t" }
      switch name {
      case "host": hosts += 1
      case "transfer-encoding": return .refused(hasBody)
      case "content-length":
        guard value == "0" else { return .refused(hasBody) }
        continue
      default: break
      }
      if !hops.contains(name) { forwarded += line + [13, 10] }
    }
    guard hosts <= 1 else { return .refused(malformed) }
    forwarded += Array("Connection: close\r\n\r\n".utf8)
    return .whole(RequestHead(forwarded: forwarded))
  }

  /// Where the empty line begins that ends a head.
  private static func end(of bytes: [UInt8]) -> Int? {
    var lineStart = 0
    for (index, byte) in bytes.enumerated() where byte == 10 {
      let length = index - lineStart - (index > lineStart && bytes[index - 1] == 13 ? 1 : 0)
      if length == 0 && lineStart > 0 { return lineStart }
      lineStart = index + 1
    }
    return nil
  }

  private static func isPrintable(_ byte: UInt8) -> Bool { byte >= 32 && byte != 127 || byte == 9 }
}

extension String {
  fileprivate func trimming(_ isLeft: (Character) -> Bool) -> String {
    var text = self[...]
    while let first = text.first, isLeft(first) { text.removeFirst() }
    while let last = text.last, isLeft(last) { text.removeLast() }
    return String(text)
  }
}
