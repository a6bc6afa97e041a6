import ArgumentParser
import Foundation
import Voxelith

/// Results made again from their provenance.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Repeat the computation that a provenance.json records, and compare every byte.",
    discussion: """
      Example:
        voxelith replay results/map/provenance.json

      Inputs are compared with their checksums first: if one has changed, it is named and nothing is run.
      """)

  @Argument(help: "The provenance.json of a result.")
  var provenance: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder that keeps the new results.")
  var output: String?

  @OptionGroup var common: CommonOptions

  func run() throws {
    let replay = try Replay(provenance)
    try replay.checkInputs()
    let folder =
      output ?? NSTemporaryDirectory() + "/voxelith-replay-\(ProcessInfo.processInfo.processIdentifier)"
    if FileManager.default.fileExists(atPath: folder) {
      throw VoxelithError(.cannotCreate, "exists already", file: folder)
    }
    let target = PathName.absolute(folder)
    try Self.checkCommand(replay.provenance.command, file: provenance)
    guard let arguments = replay.arguments(into: target) else {
      throw VoxelithError(.data, "the recorded command names no output", file: provenance)
    }
    defer { if output == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let console = common.console
    console.detail("voxelith " + arguments.joined(separator: " "))
    if replay.provenance.version != PackageVersion.current {
      console.notice("made by version \(replay.provenance.version), replayed by \(PackageVersion.current)")
    }
    try repeatCommand(arguments, in: replay.provenance.directory)
    let made = replay.place.isEmpty ? target : target + "/" + replay.place
    let different = try replay.differences(from: made)
    struct Outcome: Encodable {
      let same: Bool
      let different: [String]
    }
    try console.result(Outcome(same: different.isEmpty, different: different))
    guard different.isEmpty else {
      throw VoxelithError(
        .data, "the results differ: " + different.joined(separator: ", "), file: provenance,
        advice: "the inputs are what they were; the recorded version is \(replay.provenance.version)")
    }
    console.say("the same bytes")
  }

  /// A provenance is a file like any other, and what it says is run: commands that make results, and no replays, which
  /// would start one another without end.
  private static func checkCommand(_ command: [String], file: String) throws(VoxelithError) {
    let isNested = ProcessInfo.processInfo.environment[Self.mark] != nil
    guard let name = command.dropFirst().first(where: { !$0.hasPrefix("-") }), !isNested,
      !["replay", "clean", "slurm", "help"].contains(name)
    else {
      throw VoxelithError(
        .data, "the recorded command makes no results that can be made again", file: file,
        advice: "give the provenance.json from a folder of results")
    }
  }

  /// Stands in the environment of what a replay runs.
  private static let mark = "VOXELITH_REPLAY"

  /// Whether this process repeats what a record says: what it reads is complete, and nobody asked it to serve anything.
  static var isRunning: Bool { ProcessInfo.processInfo.environment[mark] != nil }

  private func repeatCommand(_ arguments: [String], in directory: String?) throws {
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let isQuiet = common.quiet && !arguments.contains { ["-q", "--quiet", "-v", "--verbose"].contains($0) }
    process.arguments = arguments + (isQuiet ? ["--quiet"] : [])
    if let directory, FileManager.default.fileExists(atPath: directory) {
      process.currentDirectoryURL = URL(fileURLWithPath: directory)
    }
    process.standardOutput = FileHandle.nullDevice
    process.environment = ProcessInfo.processInfo.environment.merging([Self.mark: "1"]) { $1 }
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw VoxelithError(
        .data, "the recorded command failed with status \(process.terminationStatus)", file: provenance)
    }
  }
}
