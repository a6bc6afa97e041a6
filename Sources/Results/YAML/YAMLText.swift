import Foundation
import Volumetry
import Yams

/// YAML that is looked at before it is taken apart: a few lines of aliases can stand for more values than there are
/// atoms, and a parser that goes down with every bracket runs out of stack.
enum YAMLText {
  /// The text of a YAML file.
  ///
  /// - Throws: `missing` where there is no file; `data` where it is too long, no UTF-8, empty, or nested or repeated
  ///   beyond what settings need.
  static func read(_ path: String) throws(VoxelithError) -> String {
    let data = try WholeFile.read(path)
    guard !data.isEmpty else { throw VoxelithError(.data, "the file is empty", file: path) }
    try NumberRange.documentBytes.check(data.count, file: path)
    guard let text = String(data: data, encoding: .utf8) else {
      throw VoxelithError(.data, "is not YAML text", file: path)
    }
    guard !text.allSatisfy(\.isWhitespace) else {
      throw VoxelithError(.data, "the file is empty", file: path)
    }
    try check(text, file: path)
    return text
  }

  /// Bounds on nesting and aliases from the letters alone; quotes and comments may hold what looks like either, so that
  /// the bounds are generous.
  static func check(_ text: String, file: String) throws(VoxelithError) {
    var aliases = 0
    var brackets = 0
    var deepest = 0
    var line = LineState()
    var last: UInt8 = 0x0A
    for byte in text.utf8 {
      line.see(byte)
      if line.isComment { last = byte; continue }
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
      case UInt8(ascii: "*"):
        if [0x0A, 0x20, 0x09, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":")]
          .contains(last)
        {
          aliases += 1
        }
      default: break
      }
      deepest = max(deepest, brackets + line.dashes + line.indent / 4)
      last = byte
    }
    try NumberRange.documentAliases.check(aliases, file: file)
    try NumberRange.documentDepth.check(deepest, file: file)
  }

  /// What stands before the first word of a line.
  private struct LineState {
    var indent = 0
    var dashes = 0
    var isComment = false
    private var isAtStart = true

    mutating func see(_ byte: UInt8) {
      switch byte {
      case 0x0A, 0x0D: self = LineState()
      case 0x20 where isAtStart: indent += 1
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
        if isAtStart { dashes += 1 }
      case UInt8(ascii: "#") where isAtStart: isComment = true
      default: isAtStart = false
      }
    }
  }

  /// Counts the values with all that aliases stand for.
  ///
  /// - Throws: `data` where there are too many of them or they are nested too deeply.
  static func checkSize(of node: Node, file: String) throws(VoxelithError) {
    var count = 0
    func visit(_ node: Node, depth: Int) throws(VoxelithError) {
      count += 1
      try NumberRange.documentNodes.check(count, file: file)
      try NumberRange.documentDepth.check(depth, file: file)
      switch node {
      case .mapping(let mapping):
        for (key, value) in mapping {
          try visit(key, depth: depth + 1)
          try visit(value, depth: depth + 1)
        }
      case .sequence(let sequence):
        for element in sequence { try visit(element, depth: depth + 1) }
      default: break
      }
    }
    try visit(node, depth: 0)
  }
}
