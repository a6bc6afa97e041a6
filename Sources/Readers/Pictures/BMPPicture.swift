import Volumetry

/// Windows bitmaps without compression: 8 bits of grey, or 24 and 32 bits of colour (Microsoft, BITMAPINFOHEADER).
struct BMPPicture {
  let picture: Picture
  private let offset: Int
  private let bits: Int
  private let isTopDown: Bool
  private let file: String

  /// - Throws: `data` where the header is damaged or of another kind.
  init(_ bytes: [UInt8], file: String) throws(VoxelithError) {
    func number(_ place: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(place + $1 < bytes.count ? bytes[place + $1] : 0) << (8 * $1) }
    }
    let signed = { (place: Int) in Int(Int32(truncatingIfNeeded: number(place, 4))) }
    let (headerSize, width, rows) = (number(14, 4), signed(18), signed(22))
    offset = number(10, 4)
    bits = number(28, 2)
    isTopDown = rows < 0
    self.file = file
    guard bytes.count >= 54, headerSize >= 40, headerSize <= 124, number(26, 2) == 1, width > 0,
      width <= 1 << 20,
      rows != 0, abs(rows) <= 1 << 20
    else { throw VoxelithError(.data, "the header of the bitmap is damaged", file: file) }
    guard number(30, 4) == 0, [8, 24, 32].contains(bits) else {
      throw VoxelithError(
        .data, "a bitmap of \(bits) bits or with compression is not read", file: file,
        advice: "bitmaps of 8, 24 and 32 bits without compression are read")
    }
    if bits == 8 {
      let colours = number(46, 4) == 0 ? 256 : min(256, number(46, 4))
      let isGrey = (0..<colours).allSatisfy { index in
        (0..<3).allSatisfy { number(14 + headerSize + 4 * index + $0, 1) == index }
      }
      guard isGrey else {
        throw VoxelithError(
          .data, "the bitmap has colours of a palette and not grey values", file: file,
          advice: "convert it to grey values")
      }
    }
    picture = Picture(kind: .bmp, width: width, height: abs(rows), samples: bits / 8, type: .uint8)
    guard offset >= 54, offset + stride * abs(rows) <= bytes.count else {
      throw VoxelithError(.data, "the bitmap ends early: the file is truncated", file: file)
    }
  }

  /// Bytes of a row, which are filled up to four.
  private var stride: Int { (picture.width * bits / 8 + 3) / 4 * 4 }

  func decode(_ bytes: [UInt8], into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) {
    guard target.count == picture.bytes else {
      throw VoxelithError(.data, "the bitmap is another one than before", file: file)
    }
    let samples = picture.samples
    for y in 0..<picture.height {
      let source = offset + (isTopDown ? y : picture.height - 1 - y) * stride
      let row = y * picture.width * samples
      for x in 0..<picture.width {
        for sample in 0..<samples {
          // Colours lie as blue, green, red.
          let place = samples >= 3 && sample < 3 ? 2 - sample : sample
          unsafe target[row + x * samples + sample] = bytes[source + x * samples + place]
        }
      }
    }
  }
}
