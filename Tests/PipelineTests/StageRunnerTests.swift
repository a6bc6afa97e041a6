import Foundation
import Pipeline
import Readers
import TestSupport
import Testing
import Volumetry

/// A stage appears whole or not at all, and stays while it is what it was made from.
@Suite struct StageRunnerTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func runner(resume: Bool = true, overwrite: Bool = false) throws -> StageRunner {
    StageRunner(
      folder: folder.path, lock: try ResultsLock(folder.path), resume: resume, overwrite: overwrite,
      command: ["test"], resources: Resources())
  }

  private func stage(
    _ name: String = "one", input: String, value: Double = 1, fails: Bool = false
  ) throws -> Stage {
    try Stage(name, inputs: [input], settings: ["value": value]) { (work, _) throws(VoxelithError) in
      _ = FileManager.default.createFile(atPath: work + "/out.txt", contents: Data("\(value)".utf8))
      if fails { throw VoxelithError(.data, "the stage failed") }
    }
  }

  private func input(_ text: String) throws -> String {
    let path = folder.file("input.txt")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private var content: String? { try? String(contentsOfFile: folder.file("one/out.txt"), encoding: .utf8) }

  @Test func aStageIsKeptUntilSomethingChanges() throws {
    let path = try input("a")
    #expect(try !runner().run(try stage(input: path)).wasUpToDate)
    #expect(try runner().run(try stage(input: path)).wasUpToDate)
    #expect(try !runner().run(try stage(input: path, value: 2)).wasUpToDate)
    #expect(content == "2.0")
    _ = try input("b")
    #expect(try !runner().run(try stage(input: path, value: 2)).wasUpToDate)
    // A result that was damaged.
    try "x".write(toFile: folder.file("one/out.txt"), atomically: true, encoding: .utf8)
    #expect(try !runner().run(try stage(input: path, value: 2)).wasUpToDate)
    #expect(content == "2.0")
  }

  /// Results whose provenance is lost or was changed by hand are not up to date.
  @Test func aStageNeedsItsProvenance() throws {
    let path = try input("a")
    let place = folder.file("one/provenance.json")
    _ = try runner().run(try stage(input: path))
    #expect(try runner().run(try stage(input: path)).wasUpToDate)
    try FileManager.default.removeItem(atPath: place)
    #expect(try !runner().run(try stage(input: path)).wasUpToDate)
    let text = try String(contentsOfFile: place, encoding: .utf8)
    for changed in [
      text.replacing("voxelith", with: "Voxelith"), text.replacing("test", with: "best"), "{}", "",
    ] {
      try changed.write(toFile: place, atomically: true, encoding: .utf8)
      #expect(try !runner().run(try stage(input: path)).wasUpToDate)
      #expect(try runner().run(try stage(input: path)).wasUpToDate)
    }
  }

  @Test func aFailureLeavesWhatWasThere() throws {
    let path = try input("a")
    #expect(throws: VoxelithError.self) { try runner().run(try stage(input: path, fails: true)) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["input.txt"])
    _ = try runner().run(try stage(input: path))
    #expect(throws: VoxelithError.self) { try runner().run(try stage(input: path, value: 3, fails: true)) }
    #expect(content == "1.0")
  }

  @Test func nothingIsReplacedUnasked() throws {
    let path = try input("a")
    _ = try runner().run(try stage(input: path))
    let error = #expect(throws: VoxelithError.self) {
      try runner(resume: false).run(try stage(input: path, value: 2))
    }
    #expect(error?.code == .cannotCreate && content == "1.0")
    _ = try runner(resume: false, overwrite: true).run(try stage(input: path, value: 2))
    #expect(content == "2.0")
  }

  /// Stages that a pipeline has no more go; other folders are not ours.
  @Test func onlyResultsOfStagesAreRemoved() throws {
    let path = try input("a")
    _ = try runner().run(try stage(input: path))
    _ = try runner().run(try stage("two", input: path))
    try FileManager.default.createDirectory(atPath: folder.file("notes"), withIntermediateDirectories: false)
    try runner().removeOthers(than: ["two"])
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(left == ["input.txt", "notes", "two"])
  }

  @Test func keysTellSettingsSeedsAndNamesApart() throws {
    let path = try input("a")
    func key(_ name: String, _ settings: [String: any Encodable], seeds: [String: UInt64] = [:]) throws
      -> String
    {
      try StageKey.of(try Stage(name, inputs: [path], settings: settings, seeds: seeds) { _, _ in })
    }
    let base = try key("s", ["a": 1.5, "b": true])
    #expect(try base == key("s", ["b": true, "a": 1.5]))
    for other in [
      try key("t", ["a": 1.5, "b": true]), try key("s", ["a": 1.5000000000000002, "b": true]),
      try key("s", ["a": 1.5, "b": false]), try key("s", ["a": 1.5, "b": true], seeds: ["x": 1]),
      try key("s", ["a": 1.5]),
    ] { #expect(other != base) }
  }
}
