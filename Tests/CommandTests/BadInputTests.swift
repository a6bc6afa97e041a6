import Foundation
import TestSupport
import Testing
import Voxelith

/// Bad input gives the documented exit code, one or two lines, and nothing under a final name.
@Suite struct BadInputTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func fails(
    _ arguments: [String], with status: Int32, says words: String..., leaves names: [String] = []
  ) throws {
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == status, "\(arguments): \(result.errors)")
    // A file that names another one outside its folder says so before anything else.
    let lines = result.errors.split(separator: "\n").filter { !$0.hasPrefix("note: ") }
    #expect((1...2).contains(lines.count), "\(arguments): \(result.errors)")
    for word in words { #expect(result.errors.contains(word), "\(arguments): \(result.errors)") }
    #expect(!result.errors.contains("Fatal") && !result.errors.contains("Stack"))
    let left = folder.entries.filter { !names.contains($0) && !$0.hasPrefix("in-") }
    #expect(left.isEmpty, "\(arguments) left \(left)")
  }

  private func put(_ name: String, _ text: String) throws -> String {
    let path = folder.file("in-" + name)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func standards(_ entries: String, extra: String = "") throws -> String {
    try put(
      "standards.yaml",
      "incident_energy_keV: 115.6\nscattering_angle_deg: 90\nenergy_resolution_keV: 0.8\n\(extra)standards:\n"
        + entries)
  }

  private func spectrum(_ number: Int) -> String { twin.path("standards/s\(number).csv") }

  @Test func missingEmptyAndFolders() throws {
    let nowhere = folder.file("nowhere")
    try fails(["inspect", nowhere], with: 66, says: "no such file")
    try fails(["calibrate", nowhere, "-o", folder.file("c.json")], with: 66)
    try fails(["map", nowhere, "-c", twin.calibration, "-o", folder.file("m")], with: 66)
    try fails(
      ["map", twin.path("xcs.nxs"), "-c", nowhere, "-o", folder.file("m")], with: 66, says: "calibrate")
    let empty = try put("empty.tif", "")
    try fails(["inspect", empty], with: 65, says: "empty")
    try fails(["map", empty, "-c", twin.calibration, "-o", folder.file("m")], with: 65)
    try fails(["calibrate", empty, "-o", folder.file("c.json")], with: 65, says: "empty")
    try fails(
      ["map", twin.folder.path, "-c", twin.calibration, "-o", folder.file("m")], with: 66, says: "folder")
    try fails(["calibrate", twin.folder.path, "-o", folder.file("c.json")], with: 65, says: "folder")
    try fails(["simulate", "--labels", nowhere, "-o", folder.file("t")], with: 66)
    try fails(["run", nowhere, "-o", folder.file("r")], with: 66)
  }

  @Test func truncatedFiles() throws {
    for name in ["xct.tif", "xcs.nxs"] {
      let whole = try Data(contentsOf: URL(fileURLWithPath: twin.path(name)))
      let cut = folder.file("in-cut-" + name)
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: cut))
      try fails(["inspect", cut], with: 65)
      if name == "xcs.nxs" {
        try fails(["map", cut, "-c", twin.calibration, "-o", folder.file("m")], with: 65)
      }
    }
  }

  @Test func outputsThatExistOrCannotBeMade() throws {
    let there = try put("there.json", "{}")
    try fails(
      ["calibrate", twin.path("standards.yaml"), "-o", there], with: 73, says: "exists", "--overwrite")
    try fails(
      ["calibrate", twin.path("standards.yaml"), "-o", there + "/c.json"], with: 73)
    try fails(["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", there], with: 73)
    #expect(try String(contentsOfFile: there, encoding: .utf8) == "{}")
  }

  @Test func standardsThatCannotCalibrate() throws {
    let output = folder.file("c.json")
    let one = try standards("  - {file: \(spectrum(0)), x: 0, live_time_s: 100}\n")
    try fails(["calibrate", one, "-o", output], with: 65, says: "cannot make a calibration line")
    let same = try standards(
      "  - {file: \(spectrum(0)), x: 0.5, live_time_s: 100}\n  - {file: \(spectrum(1)), x: 0.5, live_time_s: 100}\n"
    )
    try fails(["calibrate", same, "-o", output], with: 65, says: "all standards have x = 0.5")
    let alike = try standards(
      "  - {file: \(spectrum(0)), x: 0, live_time_s: 100}\n  - {file: \(spectrum(0)), x: 1, live_time_s: 100}\n"
    )
    try fails(["calibrate", alike, "-o", output], with: 65, says: "have the same spectrum")
    let typo = try standards("  - {file: \(spectrum(0)), x: 0, livetime: 100}\n")
    try fails(["calibrate", typo, "-o", output], with: 65, says: "livetime")
    let absent = try standards("  - {file: none.csv, x: 0}\n  - {file: other.csv, x: 1}\n")
    try fails(["calibrate", absent, "-o", output], with: 66, says: "none.csv")
  }

  @Test func spectraThatAreWrong() throws {
    let output = folder.file("c.json")
    func pair(_ bad: String) throws -> String {
      try standards(
        "  - {file: \(spectrum(0)), x: 0, live_time_s: 100}\n  - {file: \(bad), x: 1, live_time_s: 100}\n")
    }
    let lines = try String(contentsOfFile: spectrum(1), encoding: .utf8).split(separator: "\n").map(
      String.init)
    func changed(_ name: String, _ change: (inout [String]) -> Void) throws -> String {
      var copy = lines
      change(&copy)
      return try put(name, copy.joined(separator: "\n") + "\n")
    }
    let last = lines.count - 1
    let negative = try changed("negative.csv") { $0[last] = $0[last].split(separator: ",")[0] + ",-5" }
    try fails(["calibrate", try pair(negative), "-o", output], with: 65, says: "negative")
    let missing = try changed("nan.csv") { $0[last] = $0[last].split(separator: ",")[0] + ",nan" }
    try fails(["calibrate", try pair(missing), "-o", output], with: 65)
    let swapped = try changed("swapped.csv") { $0.swapAt(last, last - 1) }
    try fails(["calibrate", try pair(swapped), "-o", output], with: 65, says: "not increasing")
    let short = try changed("short.csv") { $0.removeLast(100) }
    try fails(["calibrate", try pair(short), "-o", output], with: 65, says: "energy bins")
    let away = try standards(
      "  - {file: \(spectrum(0)), x: 0, live_time_s: 100}\n  - {file: \(spectrum(4)), x: 1, live_time_s: 100}\n"
    )
    let text = try String(contentsOfFile: away, encoding: .utf8).replacing("115.6", with: "60.0")
    try text.write(toFile: away, atomically: true, encoding: .utf8)
    try fails(["calibrate", away, "-o", output], with: 65, says: "misses the Compton")
  }

  @Test func wrongUsage() throws {
    let result = try Program.run(["map"], in: folder)
    #expect(result.status == 64)
    let method = try Program.run(
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("m"), "--method", "magic"],
      in: folder)
    #expect(method.status == 64)
    #expect(folder.entries.isEmpty)
  }

  @Test func calibrationThatIsNone() throws {
    let junk = try put("junk.json", "{\"format_version\": 1}")
    try fails(
      ["map", twin.path("xcs.nxs"), "-c", junk, "-o", folder.file("m")], with: 65,
      says: "not a calibration file")
  }

  @Test func shapesThatDoNotFit() throws {
    let raw = try put("volume.raw", String(repeating: "x", count: 100))
    try fails(["inspect", raw, "--raw-shape", "9,9,9", "--raw-type", "uint8"], with: 65)
    let counts = folder.file("in-short.nxs")
    do {
      let grid = Grid(shape: Shape(z: 1, y: 1, x: 2), spacing: .one)
      let writer = try NexusSpectralWriter(
        path: counts, grid: grid, energy: EnergyAxis(first: 50, width: 0.1, count: 100),
        acquisition: Acquisition(incidentEnergy: 115.6, scatteringAngle: .uniform(90), liveTime: 1))
      try writer.write([Float](repeating: 1, count: 200), to: Region(whole: grid.shape))
      try writer.finish()
    }
    try fails(
      ["map", counts, "-c", twin.calibration, "-o", folder.file("m")], with: 65,
      says: "is not that of the calibration")
  }
}
