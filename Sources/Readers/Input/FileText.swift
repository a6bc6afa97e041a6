import Glibc

/// Text as files spell it.
enum FileText {
  /// UTF-8, or else Latin-1, which old files use for the micro sign.
  static func decode(_ bytes: some Collection<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// The text of a file without its byte order mark, which may also say that it is UTF-16, as spreadsheets write "Unicode
  /// text". Where it is no UTF-8 and has words of Chinese characters it is GB 18030, as Chinese Windows writes it.
  static func whole(_ bytes: [UInt8]) -> String {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return decode(bytes[3...]) }
    guard isUTF16(bytes) else {
      if let text = String(validating: bytes, as: UTF8.self) { return text }
      return (holdsChineseWords(bytes) ? chinese(bytes) : nil) ?? decode(bytes)
    }
    let isBig = bytes[0] == 0xFE
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
      UInt16(bytes[place + (isBig ? 0 : 1)]) << 8 | UInt16(bytes[place + (isBig ? 1 : 0)])
    }
    return String(decoding: units, as: UTF16.self)
  }

  /// Whether all bytes beyond ASCII are pairs of the plane of GB 2312, and two characters at least stand side by side: letters and
  /// signs of Latin-1, as in `µm` and `°C`, stand alone.
  private static func holdsChineseWords(_ bytes: [UInt8]) -> Bool {
    var (run, longest) = (0, 0)
    for byte in bytes {
      if byte < 0x80 {
        guard run.isMultiple(of: 2) else { return false }
        run = 0
        continue
      }
      guard byte >= 0xA1, byte < 0xFF else { return false }
      run += 1
      longest = max(longest, run)
    }
    return run.isMultiple(of: 2) && longest >= 4
  }

  /// Text whose brackets, colons and slashes are those of ASCII: Chinese and Japanese headings have them as wide as a character.
  static func narrow(_ text: String) -> String {
    let wide: [Character: Character] = [
      "（": "(", "）": ")", "［": "[", "］": "]", "／": "/", "：": ":", "＝": "=",
    ]
    return String(text.map { wide[$0] ?? $0 })
  }

  /// Text of GB 18030, of which GBK and GB 2312 are parts; nil where the bytes are none, or UTF-8, or the system does not know it.
  static func chinese(_ bytes: [UInt8]) -> String? {
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    let converter = unsafe iconv_open("UTF-8", "GB18030")
    guard unsafe converter != iconv_t(bitPattern: -1) else { return nil }
    defer { unsafe iconv_close(converter) }
    var source = bytes.map { CChar(bitPattern: $0) }
    // Two bytes become three at most, one stays one, four become four.
    var target = [CChar](repeating: 0, count: 2 * bytes.count)
    let written: Int? = unsafe source.withUnsafeMutableBufferPointer { source in
      unsafe target.withUnsafeMutableBufferPointer { target in
        var (from, left) = (source.baseAddress, source.count)
        var (to, room) = (target.baseAddress, target.count)
        guard unsafe iconv(converter, &from, &left, &to, &room) != -1, left == 0 else { return nil }
        return target.count - room
      }
    }
    return written.flatMap { count in
      String(validating: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// Whether the first bytes of a file may be those of text: they hold no zeros, but in UTF-16.
  static func isText(_ head: [UInt8]) -> Bool { isUTF16(head) || !head.contains(0) }

  private static func isUTF16(_ bytes: [UInt8]) -> Bool {
    // Four zeros are UTF-32, or no text at all.
    (bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]))
      && !(bytes.count >= 4 && bytes[2] == 0 && bytes[3] == 0)
  }

  /// Text whose numbers have plain marks: spaces that do not break, thin ones and typographic apostrophes between digits part
  /// thousands, as spreadsheets show them.
  static func plainMarks(_ text: String) -> String {
    let marks: Set<Unicode.Scalar> = ["\u{A0}", "\u{202F}", "\u{2009}", "\u{2019}"]
    guard text.unicodeScalars.contains(where: { marks.contains($0) }) else { return text }
    var scalars = Array(text.unicodeScalars)
    for place in scalars.indices.dropFirst().dropLast() where marks.contains(scalars[place]) {
      let areDigits = [scalars[place - 1], scalars[place + 1]].allSatisfy { ("0"..."9").contains($0) }
      scalars[place] = areDigits ? "'" : scalars[place] == "\u{2019}" ? "'" : " "
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return String(result)
  }
}
