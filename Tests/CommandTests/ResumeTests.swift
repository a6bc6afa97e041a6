import Foundation
import TestSupport
import Testing
import Voxelith

/// A run that is killed at any moment goes on to the same bytes, and no finished stage is made again.
@Suite(.serialized) struct ResumeTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private var pipeline: String { twin.path("pipeline.yaml") }

  /// Stages that stand in a folder with their record, and when they were made.
  private func finished(_ folder: String) -> [String: Date] {
    var found: [String: Date] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where !name.hasPrefix(".") {
      let record = folder + "/" + name + "/stage.json"
      found[name] = try? FileManager.default.attributesOfItem(atPath: record)[.modificationDate] as? Date
    }
    return found
  }

  private struct Outcome: Decodable {
    let name: String
    let wasUpToDate: Bool
    enum CodingKeys: String, CodingKey {
      case name
      case wasUpToDate = "was_up_to_date"
    }
  }

  @Test func killedAtManyMoments() throws {
    let whole = folder.file("whole")
    let start = ContinuousClock.now
    let undisturbed = try Program.run(["run", pipeline, "-o", whole, "-q"], in: folder)
    let took = start.duration(to: .now)
    try #require(undisturbed.status == 0, "\(undisturbed.errors)")
    let expected = try content(of: whole)
    var random = SeededGenerator(seed: 7)
    var kills = 0
    var survivors = 0
    for round in 0..<Soak.count(short: 3, long: 300) {
      let output = folder.file("killed")
      try? FileManager.default.removeItem(atPath: output)
      // Some runs are killed more than once before they may go on.
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["run", pipeline, "-o", output, "-q", "--resume"]
        try process.run()
        Thread.sleep(forTimeInterval: took / .seconds(1) * Double.random(in: 0...1, using: &random))
        if process.isRunning {
          kill(process.processIdentifier, SIGKILL)
          kills += 1
        }
        process.waitUntilExit()
      }
      let before = finished(output)
      survivors += before.count
      let resumed = try Program.run(["run", pipeline, "-o", output, "--resume", "--json", "-q"], in: folder)
      #expect(resumed.status == 0, "round \(round): \(resumed.errors)")
      let outcomes = try JSONDecoder().decode([Outcome].self, from: Data(resumed.output.utf8))
      for outcome in outcomes {
        #expect(outcome.wasUpToDate == (before[outcome.name] != nil), "round \(round): \(outcome.name)")
      }
      let after = finished(output)
      for (name, date) in before { #expect(after[name] == date, "round \(round): \(name) was made again") }
      let wrong = differences(expected, try content(of: output))
      #expect(wrong.isEmpty, "round \(round): \(wrong)")
    }
    #expect(kills > 0)
    print("killed \(kills) times, \(survivors) finished stages kept")
  }

  @Test func whatChangedIsMadeAgain() throws {
    let copy = folder.file("twin")
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: copy)
    let arguments = [
      "run", copy + "/pipeline.yaml", "-o", folder.file("results"), "--resume", "--json", "-q",
    ]
    #expect(try Program.run(arguments, in: folder).status == 0)
    func outcomes() throws -> [String: Bool] {
      let result = try Program.run(arguments, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let list = try JSONDecoder().decode([Outcome].self, from: Data(result.output.utf8))
      return Dictionary(list.map { ($0.name, $0.wasUpToDate) }, uniquingKeysWith: { $1 })
    }
    #expect(try outcomes().values.allSatisfy { $0 })
    // A result that was damaged.
    let map = folder.file("results/map/li.tif")
    var bytes = FileManager.default.contents(atPath: map) ?? Data()
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: map))
    var again = try outcomes()
    #expect(again["calibrate"] == true && again["map"] == false)
    // An input that changed.
    let standard = copy + "/standards/s0.csv"
    let text = try String(contentsOfFile: standard, encoding: .utf8)
    try (text + "# another comment\n").write(toFile: standard, atomically: true, encoding: .utf8)
    again = try outcomes()
    #expect(again["calibrate"] == false)
  }
}
