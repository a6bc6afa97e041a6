/// The bytes of TIFF directories, classic (32-bit offsets) or BigTIFF (64-bit), low byte first.
struct TIFFDirectory {
  enum FieldType: UInt16 {
    case byte = 1
    case ascii = 2
    case short = 3
    case long = 4
    case rational = 5
    case long8 = 16

    var size: Int {
      switch self {
      case .byte, .ascii: 1
      case .short: 2
      case .long: 4
      case .rational, .long8: 8
      }
    }
  }

  struct Entry {
    var tag: UInt16
    var type: FieldType
    /// The values, low byte first.
    var bytes: [UInt8]
  }

  let isBig: Bool
  private var entries: [Entry] = []

  init(isBig: Bool) { self.isBig = isBig }

  static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    var value = value.littleEndian
    return (0..<(type(of: value).bitWidth / 8)).map { _ in
      defer { value >>= 8 }
      return UInt8(truncatingIfNeeded: value)
    }
  }

  mutating func add(_ tag: UInt16, short value: UInt16) {
    entries.append(Entry(tag: tag, type: .short, bytes: Self.littleEndian(value)))
  }

  mutating func add(_ tag: UInt16, long value: Int) {
    entries.append(Entry(tag: tag, type: .long, bytes: Self.littleEndian(UInt32(value))))
  }

  mutating func add(_ tag: UInt16, longs values: [Int]) {
    entries.append(
      Entry(tag: tag, type: .long, bytes: values.flatMap { Self.littleEndian(UInt32($0)) }))
  }

  /// A position or a length: as wide as the kind of file needs.
  mutating func add(_ tag: UInt16, offset value: Int) {
    isBig
      ? entries.append(Entry(tag: tag, type: .long8, bytes: Self.littleEndian(UInt64(value))))
      : add(tag, long: value)
  }

  mutating func add(_ tag: UInt16, ascii text: String) {
    entries.append(Entry(tag: tag, type: .ascii, bytes: Array(text.utf8) + [0]))
  }

  mutating func add(_ tag: UInt16, bytes: [UInt8]) {
    entries.append(Entry(tag: tag, type: .byte, bytes: bytes))
  }

  mutating func add(_ tag: UInt16, rational value: Rational) {
    entries.append(
      Entry(
        tag: tag, type: .rational,
        bytes: Self.littleEndian(value.numerator) + Self.littleEndian(value.denominator)))
  }

  private var fixedSize: Int { isBig ? 8 + 20 * entries.count + 8 : 2 + 12 * entries.count + 4 }
  private var inlineSize: Int { isBig ? 8 : 4 }

  /// Bytes that the directory takes with the values that do not fit its entries.
  var size: Int {
    entries.reduce((fixedSize + 1) & ~1) { size, entry in
      entry.bytes.count > inlineSize ? (size + entry.bytes.count + 1) & ~1 : size
    }
  }

  /// The bytes of the directory for a place in the file (an even one).
  ///
  /// - Parameter next: place of the next directory, 0 for none.
  func encoded(at position: Int, next: Int) -> [UInt8] {
    var head: [UInt8] =
      isBig ? Self.littleEndian(UInt64(entries.count)) : Self.littleEndian(UInt16(entries.count))
    var tail: [UInt8] = []
    let tailStart = (fixedSize + 1) & ~1
    for entry in entries.sorted(by: { $0.tag < $1.tag }) {
      head += Self.littleEndian(entry.tag) + Self.littleEndian(entry.type.rawValue)
      let count = entry.bytes.count / entry.type.size
      head += isBig ? Self.littleEndian(UInt64(count)) : Self.littleEndian(UInt32(count))
      if entry.bytes.count <= inlineSize {
        head += entry.bytes + [UInt8](repeating: 0, count: inlineSize - entry.bytes.count)
      } else {
        head += encodedOffset(position + tailStart + tail.count)
        tail += entry.bytes + [UInt8](repeating: 0, count: entry.bytes.count & 1)
      }
    }
    head += encodedOffset(next)
    head += [UInt8](repeating: 0, count: tailStart - head.count)
    return head + tail
  }

  private func encodedOffset(_ value: Int) -> [UInt8] {
    isBig ? Self.littleEndian(UInt64(value)) : Self.littleEndian(UInt32(value))
  }
}

/// A fraction of 32-bit numbers, as TIFF stores resolutions.
struct Rational: Equatable {
  var numerator: UInt32
  var denominator: UInt32

  /// The nearest fraction by continued fractions, numerator and denominator below 2^32; one where
  /// `value` is not finite and positive.
  init(nearest value: Double) {
    numerator = 1
    denominator = 1
    guard value.isFinite, value > 0 else { return }
    var (p0, q0, p1, q1) = (0.0, 1.0, 1.0, 0.0)
    var rest = value
    let limit = Double(UInt32.max)
    for _ in 0..<40 {
      let whole = rest.rounded(.down)
      let (p2, q2) = (whole * p1 + p0, whole * q1 + q0)
      if p2 > limit || q2 > limit { break }
      (p0, q0, p1, q1) = (p1, q1, p2, q2)
      if p1 / q1 == value || rest == whole { break }
      rest = 1 / (rest - whole)
    }
    if p1 >= 1 && q1 >= 1 {
      numerator = UInt32(p1)
      denominator = UInt32(q1)
    } else if value > 1 {
      numerator = UInt32.max
    } else {
      denominator = UInt32.max
    }
  }
}
