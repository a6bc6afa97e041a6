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

  /// Every command in an order in which each finds what it needs; `demo` alone is left out for its time.
  private func commands() throws -> [[String]] {
    let (xcs, labels, xct) = (twin.path("xcs.nxs"), twin.path("labels.tif"), twin.path("xct.tif"))
    let map = folder.file("map")
    let bare = folder.file("pipeline.yaml")
    try "inputs: {xcs: \(xcs), standards: \(twin.path("standards.yaml"))}\nskip: [figures, report]\n".write(
      toFile: bare, atomically: true, encoding: .utf8)
    let lines = folder.file("lines.csv")
    try Self.lines().write(toFile: lines, atomically: true, encoding: .utf8)
    let scene = folder.file("scatter.yaml")
    try Self.scene(spectrum: twin.path("standards/s0.csv")).write(
      toFile: scene, atomically: true, encoding: .utf8)
    func out(_ name: String) -> [String] { ["-o", folder.file(name)] }
    return [
      ["inspect", xcs], ["import", xcs] + out("imported.nxs"), ["check", twin.path("pipeline.yaml")],
      ["run", bare] + out("results"),
      ["slurm", bare, "--shards", "2"] + out("jobs"),
      ["simulate", "--shape", "8,16,16", "--ratio", "4", "--counts", "1e4"] + out("twin"),
      ["calibrate", twin.path("standards.yaml")] + out("c.json"),
      [
        "validate", "--voxels", "40", "--repeats", "2", "--case", "clean", "--method", "profile", "--counts",
        "1e5",
      ] + out("validation"),
      ["plan", twin.calibration, "--target", "0.02"],
      ["calibrate-energy", lines, "--lines", "W-Ka1,Pb-Ka1", "--gain", "0.025,0.033"] + out("energy.json"),
      ["scatter", scene, "--histories", "2000"] + out("multiple.csv"),
      ["map", xcs, "-c", twin.calibration, "-o", map],
      ["replay", map + "/provenance.json"], ["clean", map],
      ["series", xcs, xcs, "-c", twin.calibration] + out("series"),
      ["segment", xct] + out("labels.tif"),
      ["orient", xct] + out("orient"),
      ["pores", labels] + out("pores"),
      ["transport", labels, "--phase", "0", "--axes", "z"] + out("transport.json"),
      ["register", xct, map + "/intensity.tif"] + out("transform.json"),
      ["resample", xct, "--like", map + "/li.tif"] + out("coarse.tif"),
      [
        "correlate", "lithium=\(map)/li.tif", "intensity=\(map)/intensity.tif", "--replicates", "50",
        "--no-figures",
      ] + out("correlation"),
      ["render", map + "/li.tif"] + out("li.png"),
      ["stack", map + "/li.tif"] + out("slices"),
      ["report", map] + out("report.html"),
      ["export", map] + out("export"),
    ]
  }

  /// Two lines of known energy on 300 bins.
  private static func lines() -> String {
    var text = "adu,counts\n"
    for bin in 0..<300 {
      let place = 1700 + 5 * Double(bin)
      let counts = [59.3182, 74.9694].reduce(10.0) { sum, line in
        let z = (0.029 * place + 1 - line) / 0.4
        return sum + 4000 * Foundation.exp(-0.5 * z * z)
      }
      text += "\(place),\(Int(counts))\n"
    }
    return text
  }

  /// A block of aluminium that fills more than a thin beam and the view of the camera.
  private static func scene(spectrum: String) -> String {
    """
    incident_energy_keV: 115.6
    scattering_angle_deg: 90
    energy_resolution_keV: 0.8
    spectrum: \(spectrum)
    beam: {center_um: [0, 0, 0], size_um: [20, 20]}
    view: {center_um: [0, 0, 0], size_um: [20, 20]}
    boxes:
      - {material: Al, density_g_cm3: 2.7, center_um: [0, 0, 0], size_um: [400, 400, 400]}

    """
  }

  private static let answering: Set<String> = ["inspect", "check", "plan", "clean"]
  private static let keeping: Set<String> = ["inspect", "check", "replay", "clean"]

  @Test func everyCommandIsQuietAndSpeaksJSON() throws {
    let commands = try commands()
    for arguments in commands {
      let name = arguments[0]
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
      for line in json.errors.split(separator: "\n") { #expect(line.hasPrefix("note: "), "\(name): \(line)") }
    }
    let help = try Program.run(["--help"], in: folder).output
    let listed = try #require(help.components(separatedBy: "SUBCOMMANDS:").last).split(separator: "\n")
      .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.contains("See '") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(Set(listed) == Set(commands.map { $0[0] }).union(["demo", "merge"]))
  }

  /// Every example in the help of a command is one that the parser takes.
  @Test func helpHasExamples() throws {
    for arguments in try commands() + [["demo"], ["merge"]] {
      let help = try Program.run([arguments[0], "--help"], in: folder).output
      #expect(help.contains("Example") && help.contains("voxelith \(arguments[0])"), "\(arguments[0])")
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
