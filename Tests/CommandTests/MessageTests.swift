import Foundation
import TestSupport
import Testing
import Voxelith

/// What every command says: nothing with `--quiet` unless the words are the answer, one JSON document with `--json`, and
/// on a terminal a bar that fits and goes.
@Suite(.serialized) struct MessageTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private static let answering: Set<String> = ["inspect", "check", "plan", "clean"]
  private static let keeping: Set<String> = ["inspect", "check", "merge", "replay", "clean"]

  @Test func everyCommandIsQuietAndSpeaksJSON() throws {
    let calls = try EveryCommand(twin, in: folder).calls
    for call in calls {
      let (name, arguments) = (call.name, call.arguments)
      let quiet = try Program.run(arguments + ["--quiet"], in: folder)
      #expect(quiet.status == 0, "\(name): \(quiet.errors)")
      #expect(quiet.errors.isEmpty, "\(name): \(quiet.errors)")
      #expect(quiet.output.isEmpty != Self.answering.contains(name), "\(name): \(quiet.output)")
      let again = Self.keeping.contains(name) ? [] : ["--overwrite"]
      let json = try Program.run(arguments + again + ["--json"], in: folder)
      #expect(json.status == 0, "\(name): \(json.errors)")
      #expect(throws: Never.self, "\(name): \(json.output)") {
        try JSONSerialization.jsonObject(with: Data(json.output.utf8))
      }
      if !json.errors.isEmpty {
        let notes = try JSONDecoder().decode([String: [String]].self, from: Data(json.errors.utf8))
        #expect(notes["notes"]?.isEmpty == false, "\(name): \(json.errors)")
      }
    }
    let listed = try EveryCommand.listed(in: folder)
    #expect(listed == Set(calls.map(\.name)).union(EveryCommand.leftOut))
  }

  /// Every example in the help of a command is one that the parser takes.
  @Test func helpHasExamples() throws {
    for name in try EveryCommand.listed(in: folder) {
      let help = try Program.run([name, "--help"], in: folder).output
      #expect(help.contains("Example") && help.contains("voxelith \(name)"), "\(name)")
      #expect(help.contains("--quiet") && help.contains("--json") && help.contains("--threads"))
    }
  }

  /// In 40 columns no bar reaches the last one, and none is left when the command ends, well or badly.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
  func barsFitAndGo() throws {
    let map = ["map", twin.path("xcs.nxs"), "-c", twin.calibration]
    let flat = folder.file("flat.tif")
    let grid = Grid(shape: Shape(z: 8, y: 8, x: 8), spacing: SIMD3(repeating: 20))
    let writer = try TIFFVolumeWriter(path: flat, grid: grid, type: .float32)
    try writer.write(.float32([Float](repeating: 1, count: 512)), to: Region(whole: grid.shape))
    try writer.finish()
    for (arguments, status) in [
      (map + ["-o", folder.file("m")], 0), (["orient", twin.path("xct.tif"), "-o", folder.file("o")], 0),
      (["stack", twin.path("xct.tif"), "-o", folder.file("s")], 0),
      (["register", twin.path("xct.tif"), flat, "-o", folder.file("t.json")], 65),
    ] {
      let result = try terminal(arguments)
      #expect(result.bars.count >= 1, "\(arguments[0])")
      for bar in result.bars { #expect(bar.count < 40, "\(bar)") }
      for line in result.screen { #expect(!line.contains("%|"), "\(line)") }
      #expect(result.screen.contains { $0 == "exit \(status)" }, "\(result.screen)")
    }
    let quiet = try terminal(map + ["-o", folder.file("q"), "--quiet"])
    #expect(quiet.bars.isEmpty && quiet.screen.filter { !$0.isEmpty } == ["exit 0"])
  }

  /// Runs a command in a terminal of 40 columns: the bars that were drawn, and the lines that stay.
  private func terminal(_ arguments: [String]) throws -> (bars: [String], screen: [String]) {
    func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
    let command =
      "stty cols 40; \(([Program.path] + arguments).map(quoted).joined(separator: " ")); echo exit $?"
    let log = folder.file(".terminal")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
    process.arguments = ["-qc", command, log]
    process.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    // "\r\n" is one character, and `script` adds a first and a last line of its own.
    let text = try String(contentsOfFile: log, encoding: .utf8).replacingOccurrences(of: "\r\n", with: "\n")
    var bars: [String] = []
    var screen: [String] = []
    for line in text.components(separatedBy: "\n") where !line.hasPrefix("Script ") {
      var shown = ""
      for piece in line.components(separatedBy: "\r") where !piece.isEmpty {
        let isErased = piece.hasPrefix("\u{1B}[K")
        let rest = isErased ? String(piece.dropFirst(3)) : piece
        if isErased && rest.contains("%") { bars.append(rest) }
        shown = isErased ? rest : rest + String(shown.dropFirst(rest.count))
      }
      screen.append(shown)
    }
    return (bars, screen)
  }
}
