import Volumetry

/// Which byte parts whole numbers from decimals, and which one thousands from one another.
struct NumberMarks: Equatable {
  static let comma: UInt8 = 0x2C
  static let dot: UInt8 = 0x2E

  static let commaIsThousands = NumberMarks(decimal: dot, thousands: comma)
  static let dotIsThousands = NumberMarks(decimal: comma, thousands: dot)

  var decimal = comma
  var thousands: UInt8 = 0
  /// Whether the table has not been looked through yet, so that any marks will do.
  var isProvisional = false

  /// The number that a field spells; nil where its thousands are not groups of three digits.
  func number(_ field: Substring.UTF8View) -> Double? {
    var changed: [UInt8] = []
    changed.reserveCapacity(field.count)
    // Digits since the last mark of thousands; -1 before the first.
    var group = -1
    for byte in field {
      switch byte {
      case 0x30...0x39:
        if group >= 0 { group += 1 }
        changed.append(byte)
      // Apostrophes, and spaces within a field, part thousands and nothing else.
      case thousands, 0x27, 0x20:
        guard group == -1 || group == 3 else { return nil }
        group = 0
      case decimal:
        guard group == -1 || group == 3 else { return nil }
        group = -1
        changed.append(0x2E)
      case 0x44, 0x64: changed.append(0x65)
      default: changed.append(byte)
      }
    }
    guard group == -1 || group == 3 else { return nil }
    return Double(String(decoding: changed, as: UTF8.self))
  }
}

/// What the numbers of a table show of its marks.
///
/// A mark that stands twice in a number, or before another mark in it, parts thousands. One that is not followed by three digits,
/// or stands behind a 0 or more than three digits, is a decimal mark. Where neither shows, a mark is one of thousands if
/// the other one is the decimal mark, and no number from 1000 up is without it. Where apostrophes or spaces part the thousands, a
/// comma is a decimal mark.
struct MarkEvidence {
  private struct Mark {
    var seen = 0
    /// Numbers that only a decimal mark, or only one of thousands, explains.
    var asDecimal = 0
    var asThousands = 0
    /// Columns in which every number has it, and in which some have it.
    var columns: Set<Int> = []
    var first: String?
  }

  private var comma = Mark()
  private var dot = Mark()
  private var bare: Set<Int> = []
  private var largeAndBare = 0
  /// Whether apostrophes or spaces part the thousands of some number, so that no comma or dot does.
  private var hasOtherMarks = false
  /// Whether a comma was seen that parts no fields.
  private(set) var isOpen = false

  mutating func add(_ fields: [Substring.UTF8View], separator: Separator) {
    for (column, field) in fields.enumerated() {
      let isQuoted = field.first == 0x22
      let hasComma = (separator != .comma || isQuoted) && field.contains(NumberMarks.comma)
      let hasDot = field.contains(NumberMarks.dot)
      if hasComma { isOpen = true }
      if field.contains(0x27) || field.dropFirst().contains(0x20) { hasOtherMarks = true }
      if !hasComma && !hasDot {
        bare.insert(column)
        if field.count > 3, field.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { largeAndBare += 1 }
        continue
      }
      let digits = isQuoted ? field.dropFirst().dropLast() : field
      if hasComma {
        Self.take(digits, NumberMarks.comma, other: hasDot ? NumberMarks.dot : nil, column, &comma)
      }
      if hasDot {
        Self.take(digits, NumberMarks.dot, other: hasComma ? NumberMarks.comma : nil, column, &dot)
      }
      // Two dots are no number yet: only the second look can read them.
      if field.count(where: { $0 == NumberMarks.dot }) > 1 { isOpen = true }
    }
  }

  private static func take(
    _ field: Substring.UTF8View, _ byte: UInt8, other: UInt8?, _ column: Int, _ mark: inout Mark
  ) {
    mark.seen += 1
    mark.columns.insert(column)
    if mark.first == nil { mark.first = String(Substring(field)) }
    let parts = field.split(separator: byte, omittingEmptySubsequences: false)
    if let other, let place = field.lastIndex(of: byte), let otherPlace = field.lastIndex(of: other) {
      if place < otherPlace { mark.asThousands += 1 } else { mark.asDecimal += 1 }
      return
    }
    if parts.count > 2 {
      mark.asThousands += 1
      return
    }
    let whole = parts[0].drop { $0 == 0x2B || $0 == 0x2D }
    let rest = parts[1]
    let areDigits = rest.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    if rest.count != 3 || !areDigits || whole.isEmpty || whole.count > 3 || whole.first == 0x30 {
      mark.asDecimal += 1
    }
  }

  /// The marks that explain all numbers.
  ///
  /// - Throws: `data` where nothing tells whether the comma is a decimal mark.
  func marks(file: String) throws(VoxelithError) -> NumberMarks {
    if !isOpen { return NumberMarks() }
    if comma.seen == 0 { return dot.asThousands > 0 ? .dotIsThousands : NumberMarks() }
    if comma.asThousands > 0 && comma.asDecimal == 0 { return .commaIsThousands }
    if hasOtherMarks && comma.asThousands == 0 && dot.seen == 0 { return NumberMarks() }
    if comma.asDecimal > 0 {
      return dot.asThousands > 0 || (dot.seen > 0 && dot.asDecimal == 0) ? .dotIsThousands : NumberMarks()
    }
    if dot.asThousands > 0 { return .dotIsThousands }
    // Every comma stands before three digits.
    if dot.asDecimal > 0 { return .commaIsThousands }
    if dot.seen > 0 {
      // Both may be either: the energies, in the first column that has a mark, have decimals.
      return (dot.columns.min() ?? 0) <= (comma.columns.min() ?? 0) ? .commaIsThousands : .dotIsThousands
    }
    if largeAndBare > 0 { return NumberMarks() }
    if !comma.columns.isDisjoint(with: bare) { return .commaIsThousands }
    throw VoxelithError(
      .data,
      "'\(comma.first ?? "1,234")' may be a decimal number or thousands: nothing in the table says which",
      file: file, advice: "write the numbers with a decimal point and without marks for thousands")
  }
}
