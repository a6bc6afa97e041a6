import Foundation
import Voxelith

/// Standard output and standard error of a command.
///
/// Standard output carries what was asked for: lines for people, or one JSON document with `--json`. Everything else goes
/// to standard error. With `--quiet` a command that writes files says nothing when all went well; one whose answer is what
/// it prints (``answering``) still answers. Errors are always told.
struct Console: Sendable {
  let quiet: Bool
  let verbose: Bool
  let json: Bool
  private var isAnswer = false

  init(quiet: Bool, verbose: Bool, json: Bool) {
    self.quiet = quiet
    self.verbose = verbose
    self.json = json
  }

  /// The console of a command that writes no file: its lines are the result, `--quiet` or not.
  var answering: Console {
    var console = self
    console.isAnswer = true
    return console
  }

  static func error(_ message: String) { write("voxelith: \(message)\n", to: StandardStreams.complain) }

  /// A notice that the user should see but that stops nothing.
  func notice(_ message: String) {
    if !quiet { Self.write("note: \(message)\n", to: StandardStreams.complain) }
  }

  func detail(_ message: String) {
    if verbose { Self.write("\(message)\n", to: StandardStreams.complain) }
  }

  /// A line of the result, for people; nothing with `--json`.
  func say(_ line: String) {
    if !json && (isAnswer || !quiet) { Self.write(line + "\n", to: StandardStreams.write) }
  }

  /// The result as JSON, with `--json` only.
  func result(_ value: some Encodable) throws {
    guard json else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let data = try encoder.encode(value) + Data("\n".utf8)
    ProgressBar.clear { StandardStreams.write([UInt8](data)) }
  }

  /// Writes text whose control characters, which a file's name or content may hold, cannot steer the terminal.
  private static func write(_ text: String, to stream: ([UInt8]) -> Void) {
    let plain = String(
      String.UnicodeScalarView(
        PathBytes.readable(in: text).unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    ProgressBar.clear { stream([UInt8](plain.utf8)) }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
  }
}
