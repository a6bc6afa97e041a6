import Foundation
import TestSupport

/// Runs the built program as a user would.
struct Program {
  let status: Int32
  let output: String
  let errors: String

  /// The executable beside the test bundle.
  static var path: String {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return (bundle as NSString).deletingLastPathComponent + "/voxelith"
  }

  /// Runs and waits; the outputs go through files, so that no pipe can fill.
  ///
  /// - Parameter environment: variables beside those of the tests.
  static func run(
    _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> Program {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let id = UUID().uuidString
    let names = ["/.out-\(id)", "/.err-\(id)"].map { folder.path + $0 }
    for name in names { _ = FileManager.default.createFile(atPath: name, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: names[0])
    process.standardError = FileHandle(forWritingAtPath: names[1])
    try process.run()
    process.waitUntilExit()
    let texts = names.map {
      String(decoding: FileManager.default.contents(atPath: $0) ?? Data(), as: UTF8.self)
    }
    for name in names { try? FileManager.default.removeItem(atPath: name) }
    return Program(status: process.terminationStatus, output: texts[0], errors: texts[1])
  }

  /// Lines on standard error.
  var errorLines: Int { errors.split(separator: "\n").count }
}

/// A small twin and its calibration, made once for all tests.
final class SmallTwin: Sendable {
  static let shared = Result { try SmallTwin() }
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let made = try Program.run(
      [
        "simulate", "--shape", "16,24,24", "--ratio", "4", "--counts", "200000", "-o", folder.file("twin"),
        "-q",
      ],
      in: folder)
    // Intervals by fewer replicates: every run of the pipeline takes a third of the time less.
    let yaml = folder.file("twin/pipeline.yaml")
    let text = try String(contentsOfFile: yaml, encoding: .utf8) + "correlate: {replicates: 200}\n"
    try text.write(toFile: yaml, atomically: true, encoding: .utf8)
    let calibrated = try Program.run(
      ["calibrate", folder.file("twin/standards.yaml"), "-o", folder.file("cal.json")], in: folder)
    guard made.status == 0, calibrated.status == 0 else {
      throw CocoaError(
        .fileNoSuchFile, userInfo: [NSDebugDescriptionErrorKey: made.errors + calibrated.errors])
    }
  }

  func path(_ name: String) -> String { folder.file("twin/" + name) }
  var calibration: String { folder.file("cal.json") }
}
