import Foundation
import Voxelith

/// Standard output and standard error of a command.
struct Console: Sendable {
  let quiet: Bool
  let verbose: Bool
  let json: Bool

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  static func error(_ message: String) {
    ProgressBar.clear()
    FileHandle.standardError.write(Data("voxelith: \(message)\n".utf8))
  }

  /// A notice that the user should see but that stops nothing.
  func notice(_ message: String) {
    guard !quiet else { return }
    ProgressBar.clear()
    FileHandle.standardError.write(Data("note: \(message)\n".utf8))
  }

  func detail(_ message: String) {
    guard verbose else { return }
    ProgressBar.clear()
    FileHandle.standardError.write(Data("\(message)\n".utf8))
  }

  /// A line of the result, for people; nothing with `--json`.
  func say(_ line: String) {
    guard !json else { return }
    ProgressBar.clear()
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  /// The result as JSON, with `--json` only.
  func result(_ value: some Encodable) throws {
    guard json else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
  }
}
