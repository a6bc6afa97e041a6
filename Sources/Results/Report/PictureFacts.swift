import Foundation

/// What a PNG says of itself: how wide it is on paper and what it shows.
struct PictureFacts {
  private(set) var millimetres: Double?
  private(set) var title: String?

  init(_ bytes: [UInt8]) {
    func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
    guard bytes.count > 33, Array(bytes[0..<8]) == [137, 80, 78, 71, 13, 10, 26, 10] else { return }
    let width = number(16)
    var place = 8
    while place + 12 <= bytes.count {
      let length = number(place)
      let start = place + 8
      guard length <= bytes.count - start - 4 else { return }
      switch String(decoding: bytes[(place + 4)..<start], as: UTF8.self) {
      case "pHYs" where length == 9 && bytes[start + 8] == 1 && number(start) > 0:
        millimetres = 1000 * Double(width) / Double(number(start))
      case "tEXt": take(bytes[start..<(start + length)], isInternational: false)
      case "iTXt": take(bytes[start..<(start + length)], isInternational: true)
      case "IEND": return
      default: break
      }
      place = start + length + 4
    }
  }

  /// `Title` and what follows it; of compressed text nothing is taken.
  private mutating func take(_ chunk: ArraySlice<UInt8>, isInternational: Bool) {
    let parts = chunk.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, String(decoding: parts[0], as: UTF8.self) == "Title" else { return }
    var text = parts[1]
    if isInternational {
      guard text.count > 2, text[text.startIndex] == 0 else { return }
      // Flag and method of compression, then language and translated word, each ended by a zero.
      for _ in 0..<2 {
        let rest = text.startIndex == parts[1].startIndex ? text.dropFirst(2) : text
        guard let end = rest.firstIndex(of: 0) else { return }
        text = rest[(end + 1)...]
      }
    }
    let found =
      isInternational
      ? String(decoding: text, as: UTF8.self)
      : String(String.UnicodeScalarView(text.map { UnicodeScalar($0) }))
    if !found.isEmpty { title = found }
  }
}
