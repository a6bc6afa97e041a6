import Foundation
import Synchronization
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

  /// Whether the command line asks for JSON, so that errors are told as such, too.
  static var speaksJSON: Bool {
    CommandLine.arguments.dropFirst().contains { $0 == "--json" || $0.hasPrefix("--json=") }
  }

  /// Tells an error, as JSON where that was asked for, and ends the process with its code.
  static func fail(_ error: VoxelithError) -> Never {
    if speaksJSON, let json = try? encoded(Failure(error)) {
      ProgressBar.clear { StandardStreams.complain(json) }
    } else {
      Self.error(error.description)
    }
    Foundation.exit(error.code.exitStatus)
  }

  /// An error for programs: `{"error": {"code": "usage", "exit_status": 64, "message": ...}}`.
  private struct Failure: Encodable {
    let notes: [String]?
    struct Words: Encodable {
      let code: String
      let exitStatus: Int32
      let message: String
      let file, place, advice, cause: String?

      enum CodingKeys: String, CodingKey {
        case code, message, file, place, advice, cause
        case exitStatus = "exit_status"
      }
    }

    let error: Words

    init(_ error: VoxelithError) {
      let held = Console.held.withLock { $0 }
      notes = held.isEmpty ? nil : held
      self.error = Words(
        code: error.code.name, exitStatus: error.code.exitStatus, message: error.message, file: error.file,
        place: error.place, advice: error.advice, cause: error.cause)
    }
  }

  private static func encoded(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return [UInt8](try encoder.encode(value) + Data("\n".utf8))
  }

  static func error(_ message: String) { write("voxelith: \(message)", to: StandardStreams.complain) }

  /// Notes of a command that speaks JSON, for the one document on standard error.
  private static let held = Mutex<[String]>([])

  /// Tells the notes that were held, as `{"notes": [...]}`; nothing where there are none.
  static func tellNotes() {
    let notes = held.withLock { $0 }
    guard !notes.isEmpty, let json = try? encoded(["notes": notes]) else { return }
    ProgressBar.clear { StandardStreams.complain(json) }
  }

  /// A notice that the user should see but that stops nothing.
  func notice(_ message: String) {
    if json {
      if !quiet { Self.held.withLock { $0.append(message) } }
    } else if !quiet {
      Self.write("note: \(message)", to: StandardStreams.complain)
    }
  }

  func detail(_ message: String) {
    if verbose { Self.write(message, to: StandardStreams.complain) }
  }

  /// A line of the result, for people; nothing with `--json`.
  func say(_ line: String) {
    if !json && (isAnswer || !quiet) { Self.write(line, to: StandardStreams.write) }
  }

  /// The result as JSON, with `--json` only.
  func result(_ value: some Encodable) throws {
    guard json else { return }
    let json = try Self.encoded(value)
    ProgressBar.clear { StandardStreams.write(json) }
  }

  /// Writes lines, broken where the terminal ends. Control characters, which a file's name or content may hold, cannot
  /// steer it.
  private static func write(_ text: String, to stream: ([UInt8]) -> Void) {
    let plain = String(
      String.UnicodeScalarView(
        PathBytes.readable(in: text).unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
    let lines = plain.components(separatedBy: "\n").flatMap { line in
      HelpText.terminalWidth.map { HelpText.broken(line, width: $0) } ?? [line]
    }
    ProgressBar.clear { stream([UInt8]((lines.joined(separator: "\n") + "\n").utf8)) }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
  }
}
