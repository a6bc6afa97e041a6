/// The order in which people number files: `s2` before `s10`.
public enum NaturalOrder {
  /// Whether `left` comes before `right`: runs of digits compare as numbers, everything else by bytes;
  /// names that differ in leading zeros alone compare by bytes.
  public static func precedes(_ left: String, _ right: String) -> Bool {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    var i = 0
    var j = 0
    while i < a.count && j < b.count {
      if isDigit(a[i]) && isDigit(b[j]) {
        let first = number(a, &i)
        let second = number(b, &j)
        if first.count != second.count { return first.count < second.count }
        if first != second { return first.lexicographicallyPrecedes(second) }
      } else {
        if a[i] != b[j] { return a[i] < b[j] }
        i += 1
        j += 1
      }
    }
    if a.count - i != b.count - j { return a.count - i < b.count - j }
    return a.lexicographicallyPrecedes(b)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// The digits from `position` on without leading zeros.
  private static func number(_ bytes: [UInt8], _ position: inout Int) -> ArraySlice<UInt8> {
    let start = position
    while position < bytes.count && isDigit(bytes[position]) { position += 1 }
    return bytes[start..<position].drop { $0 == 0x30 }
  }
}
