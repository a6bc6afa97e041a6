import Volumetry

/// A TrueType font with just the glyphs of a few characters (Apple TrueType Reference Manual, chapter 6).
enum FontSubset {
  /// The file of the subset; nil where the face is no TrueType font.
  static func make(_ font: Font, characters: [UInt32]) -> [UInt8]? {
    do throws(VoxelithError) {
      let canvas = try CairoCanvas(pixels: Size(width: 1, height: 1), dpi: 72)
      guard let source = SourceFont(canvas, font) else { return nil }
      var glyphs = [0]
      var numbers = [0: 0]
      func take(_ glyph: Int) -> Int {
        if let number = numbers[glyph] { return number }
        numbers[glyph] = glyphs.count
        glyphs.append(glyph)
        return glyphs.count - 1
      }
      var mapping: [(UInt32, Int)] = []
      for character in characters where character < 0x10000 {
        let glyph = canvas.glyph(character, font: font)
        if glyph > 0 { mapping.append((character, take(glyph))) }
      }
      var outlines: [[UInt8]] = []
      var position = 0
      while position < glyphs.count {
        outlines.append(source.outline(glyphs[position], renumber: take))
        position += 1
      }
      return source.file(glyphs: glyphs, outlines: outlines, mapping: mapping)
    } catch {
      return nil
    }
  }
}

/// Tables of the full font.
private struct SourceFont {
  let head: [UInt8]
  let hhea: [UInt8]
  let maxp: [UInt8]
  let hmtx: [UInt8]
  let loca: [UInt8]
  let glyf: [UInt8]
  let family: String
  /// Programs that hinted outlines call.
  let programs: [(String, [UInt8])]

  init?(_ canvas: borrowing CairoCanvas, _ font: Font) {
    guard let head = canvas.fontTable(tag("head"), font: font), head.count >= 54,
      let hhea = canvas.fontTable(tag("hhea"), font: font), hhea.count >= 36,
      let maxp = canvas.fontTable(tag("maxp"), font: font), maxp.count >= 6,
      let hmtx = canvas.fontTable(tag("hmtx"), font: font),
      let loca = canvas.fontTable(tag("loca"), font: font),
      let glyf = canvas.fontTable(tag("glyf"), font: font)
    else { return nil }
    self.head = head
    family = font.family
    self.hhea = hhea
    self.maxp = maxp
    self.hmtx = hmtx
    self.loca = loca
    self.glyf = glyf
    var programs: [(String, [UInt8])] = []
    for name in ["cvt ", "fpgm", "prep", "OS/2"] {
      if let bytes = canvas.fontTable(tag(name), font: font) { programs.append((name, bytes)) }
    }
    self.programs = programs
  }

  /// The outline of a glyph; the parts of a composite get their new numbers.
  func outline(_ glyph: Int, renumber: (Int) -> Int) -> [UInt8] {
    let isLong = word(head, 50) == 1
    let start = isLong ? long(loca, 4 * glyph) : 2 * word(loca, 2 * glyph)
    let end = isLong ? long(loca, 4 * glyph + 4) : 2 * word(loca, 2 * glyph + 2)
    guard start < end, end <= glyf.count else { return [] }
    var bytes = Array(glyf[start..<end])
    guard bytes.count > 14, bytes[0] >= 0x80 else { return bytes }
    var offset = 10
    while offset + 4 <= bytes.count {
      let flags = word(bytes, offset)
      let number = renumber(word(bytes, offset + 2))
      bytes[offset + 2] = UInt8(number >> 8 & 255)
      bytes[offset + 3] = UInt8(number & 255)
      offset += 4 + (flags & 1 != 0 ? 4 : 2)
      offset += flags & 8 != 0 ? 2 : flags & 0x40 != 0 ? 4 : flags & 0x80 != 0 ? 8 : 0
      if flags & 0x20 == 0 { break }
    }
    return bytes
  }

  func file(glyphs: [Int], outlines: [[UInt8]], mapping: [(UInt32, Int)]) -> [UInt8] {
    var newGlyf: [UInt8] = []
    var newLoca = big32(0)
    for outline in outlines {
      newGlyf += outline
      while newGlyf.count % 4 != 0 { newGlyf.append(0) }
      newLoca += big32(newGlyf.count)
    }
    let metrics = max(1, word(hhea, 34))
    var newHmtx: [UInt8] = []
    for glyph in glyphs {
      let advance = 4 * min(glyph, metrics - 1)
      let bearing = glyph < metrics ? 4 * glyph + 2 : 4 * metrics + 2 * (glyph - metrics)
      newHmtx += big16(word(hmtx, advance)) + big16(word(hmtx, bearing))
    }
    var newHead = head
    newHead.replaceSubrange(8..<12, with: [0, 0, 0, 0])
    newHead.replaceSubrange(50..<52, with: [0, 1])
    var newHhea = hhea
    newHhea.replaceSubrange(34..<36, with: big16(glyphs.count))
    var newMaxp = maxp
    newMaxp.replaceSubrange(4..<6, with: big16(glyphs.count))
    let post: [UInt8] = big32(0x30000) + [UInt8](repeating: 0, count: 28)
    let tables =
      [
        ("cmap", characterMap(mapping)), ("glyf", newGlyf), ("head", newHead), ("hhea", newHhea),
        ("hmtx", newHmtx), ("loca", newLoca), ("maxp", newMaxp), ("name", names()), ("post", post),
      ] + programs
    return assemble(tables.sorted { tag($0.0) < tag($1.0) })
  }

  /// Format 4, a segment per character.
  private func characterMap(_ mapping: [(UInt32, Int)]) -> [UInt8] {
    let segments = mapping.map { (Int($0.0), $0.1) } + [(0xFFFF, 0)]
    let count = segments.count
    var power = 1
    var exponent = 0
    while 2 * power <= count {
      power *= 2
      exponent += 1
    }
    var body: [UInt8] = big16(2 * count) + big16(2 * power) + big16(exponent) + big16(2 * (count - power))
    for (character, _) in segments { body += big16(character) }
    body += big16(0)
    for (character, _) in segments { body += big16(character) }
    for (character, glyph) in segments { body += big16(character == 0xFFFF ? 1 : glyph - character) }
    for _ in segments { body += big16(0) }
    let table = big16(4) + big16(6 + body.count) + big16(0) + body
    return big16(0) + big16(1) + big16(3) + big16(1) + big32(12) + table
  }

  private func names() -> [UInt8] {
    let name = family.utf16.flatMap { big16(Int($0)) }
    var records: [UInt8] = []
    for id in [1, 4, 6] {
      records += [3, 1, 0x409, id, name.count, 0].flatMap { big16($0) }
    }
    return big16(0) + big16(3) + big16(6 + records.count) + records + name
  }

  private func assemble(_ tables: [(String, [UInt8])]) -> [UInt8] {
    var power = 1
    var exponent = 0
    while 2 * power <= tables.count {
      power *= 2
      exponent += 1
    }
    var directory =
      big32(0x10000) + big16(tables.count) + big16(16 * power) + big16(exponent)
      + big16(16 * (tables.count - power))
    var data: [UInt8] = []
    let start = 12 + 16 * tables.count
    var headOffset = 0
    for (name, bytes) in tables {
      if name == "head" { headOffset = start + data.count }
      directory += big32(Int(tag(name))) + big32(Int(checksum(bytes))) + big32(start + data.count)
      directory += big32(bytes.count)
      data += bytes
      while data.count % 4 != 0 { data.append(0) }
    }
    var file = directory + data
    let adjustment = 0xB1B0_AFBA &- checksum(file)
    file.replaceSubrange((headOffset + 8)..<(headOffset + 12), with: big32(Int(adjustment)))
    return file
  }
}

private func tag(_ name: String) -> UInt32 { name.utf8.reduce(0) { $0 << 8 | UInt32($1) } }
private func word(_ bytes: [UInt8], _ at: Int) -> Int {
  at >= 0 && at + 2 <= bytes.count ? Int(bytes[at]) << 8 | Int(bytes[at + 1]) : 0
}
private func long(_ bytes: [UInt8], _ at: Int) -> Int { word(bytes, at) << 16 | word(bytes, at + 2) }
private func big16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
private func big32(_ value: Int) -> [UInt8] { big16(value >> 16 & 0xFFFF) + big16(value & 0xFFFF) }
private func checksum(_ bytes: [UInt8]) -> UInt32 {
  var sum: UInt32 = 0
  for at in stride(from: 0, to: bytes.count, by: 4) {
    var part: UInt32 = 0
    for k in 0..<4 { part = part << 8 | (at + k < bytes.count ? UInt32(bytes[at + k]) : 0) }
    sum &+= part
  }
  return sum
}
