/// A small uncompressed uint16 TIFF of 3 x 2 pixels a page, each page filled with its number, built entry
/// by entry so that tests can make the files that no writer makes.
struct HandmadeTIFF {
  var pages: Int
  var description: String?
  var isBigEndian = false
  var resolution: (UInt32, UInt32)?
  var resolutionUnit = 1
  var subfileTypes: [Int] = []
  /// Planes of pixels that follow the first without a directory.
  var valuesAfter = 0
  /// Page at which the chain goes back to the first page.
  var loopsAt: Int?
  var width = 3
  var height = 2
  var extra: [(tag: Int, type: Int, value: Int)] = []

  init(pages: Int, description: String? = nil) {
    self.pages = pages
    self.description = description
  }

  private func number(_ value: Int, _ size: Int) -> [UInt8] {
    let low = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? low.reversed() : low
  }

  var bytes: [UInt8] {
    var file: [UInt8] = (isBigEndian ? [0x4D, 0x4D] : [0x49, 0x49]) + number(42, 2) + number(0, 4)
    var link = 4
    var places: [Int] = []
    for page in 0..<pages {
      let pixels = file.count
      for plane in 0...(page == 0 ? valuesAfter : 0) {
        for _ in 0..<6 { file += number(page + plane, 2) }
      }
      let text = file.count
      let words: [UInt8] = page == 0 ? description.map { Array($0.utf8) + [0] } ?? [] : []
      file += words + [UInt8](repeating: 0, count: words.count & 1)
      let fraction = file.count
      if let resolution { file += number(Int(resolution.0), 4) + number(Int(resolution.1), 4) }
      var entries: [(tag: Int, type: Int, count: Int, value: Int)] = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, pixels), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 12),
      ]
      if page < subfileTypes.count { entries.append((254, 4, 1, subfileTypes[page])) }
      if !words.isEmpty { entries.append((270, 2, words.count, text)) }
      if resolution != nil {
        entries += [(282, 5, 1, fraction), (283, 5, 1, fraction), (296, 3, 1, resolutionUnit)]
      }
      for field in extra {
        entries.removeAll { $0.tag == field.tag }
        entries.append((field.tag, field.type, 1, field.value))
      }
      file.replaceSubrange(link..<(link + 4), with: number(file.count, 4))
      places.append(file.count)
      file += number(entries.count, 2)
      for entry in entries.sorted(by: { $0.tag < $1.tag }) {
        file += number(entry.tag, 2) + number(entry.type, 2) + number(entry.count, 4)
        file += entry.type == 3 ? number(entry.value, 2) + [0, 0] : number(entry.value, 4)
      }
      link = file.count
      file += number(page == loopsAt ? places[0] : 0, 4)
      if page == loopsAt { break }
    }
    return file
  }
}
