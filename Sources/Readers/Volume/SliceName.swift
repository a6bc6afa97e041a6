import Foundation
import Volumetry

/// The name of a slice's file: words, and the numbers between them.
struct SliceName: Sendable, Hashable {
  let path: String
  /// The words with `#` for every number: what the names of one series share.
  let skeleton: String
  let numbers: [Double]
  /// Whether the file manager gave the name to a copy: `s0003 (1).tif`, `s0003 - Copy.tif`, `Copy of s0003.tif`.
  let isCopy: Bool

  init(_ path: String) {
    self.path = path
    let file = PathName.last(of: path)
    var stem = PathName.withoutEnding(file)
    isCopy = Self.dropCopyMark(&stem)
    var words = ""
    var numbers: [Double] = []
    var rest = stem[...]
    while let first = rest.first {
      guard Self.isDigit(first) else {
        words.append(first)
        rest = rest.dropFirst()
        continue
      }
      var digits = String(rest.prefix(while: Self.isDigit))
      rest = rest.dropFirst(digits.count)
      let decimals = rest.dropFirst().prefix(while: Self.isDigit)
      if rest.first == ".", !decimals.isEmpty {
        digits += "." + decimals
        rest = rest.dropFirst(1 + decimals.count)
      }
      numbers.append(Double(digits) ?? 0)
      words.append("#")
    }
    skeleton = words
    self.numbers = numbers
  }

  init(path: String, skeleton: String, numbers: [Double], isCopy: Bool) {
    self.path = path
    self.skeleton = skeleton
    self.numbers = numbers
    self.isCopy = isCopy
  }

  private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

  /// Takes off what file managers add to the name of a copy.
  private static func dropCopyMark(_ stem: inout String) -> Bool {
    let lower = stem.lowercased()
    for mark in ["copy of ", "kopie von "] where lower.hasPrefix(mark) {
      stem = String(stem.dropFirst(mark.count))
      return true
    }
    // ` (1)`, and words for a copy with or without a number.
    if stem.hasSuffix(")"), let open = stem.lastIndex(of: "("), open > stem.startIndex {
      let inner = stem[stem.index(after: open)...].dropLast()
      let before = stem[..<open]
      if before.last == " ", !inner.isEmpty, inner.allSatisfy(isDigit) || inner.lowercased().hasPrefix("copy")
      {
        stem = String(before.dropLast())
        return true
      }
    }
    for word in ["copy", "kopie", "copie", "copia"] {
      guard let range = lower.range(of: word, options: .backwards), range.lowerBound > lower.startIndex else {
        continue
      }
      let after = lower[range.upperBound...].filter { $0 != " " && $0 != "_" }
      let before = lower[..<range.lowerBound]
      guard after.allSatisfy(isDigit), let last = before.last, [" ", "_", "-"].contains(last) else {
        continue
      }
      var kept = stem.prefix(before.count)
      while let end = kept.last, [" ", "_", "-"].contains(end) { kept = kept.dropLast() }
      stem = String(kept)
      return true
    }
    return false
  }

  /// The same name with the minus or plus before its last number taken for a sign.
  var signed: SliceName? {
    guard let place = skeleton.lastIndex(of: "#"), place > skeleton.startIndex, let last = numbers.last
    else { return nil }
    let mark = skeleton[skeleton.index(before: place)]
    guard mark == "-" || mark == "+" else { return nil }
    var words = skeleton
    words.remove(at: skeleton.index(before: place))
    return SliceName(
      path: path, skeleton: words, numbers: numbers.dropLast() + [mark == "-" ? -last : last], isCopy: isCopy)
  }

  var file: String { PathName.last(of: path) }
}
