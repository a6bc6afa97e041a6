import Foundation
import TestSupport
import Testing
import Voxelith

/// `--overwrite` replaces and removes what the program wrote and nobody changed, and nothing else, not even the file that `-o` names;
/// an input never.
@Suite(.serialized) struct ReplacingTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: folder.file("tw"))
  }

  private func tw(_ name: String) -> String { folder.file("tw/" + name) }

  private func text(_ name: String) -> String? {
    try? String(contentsOfFile: folder.file(name), encoding: .utf8)
  }

  private func put(_ name: String, _ text: String = "mine") throws {
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  private func makes(_ arguments: [String], saying words: String? = nil) throws {
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    if let words { #expect(result.errors.contains(words), "\(arguments): \(result.errors)") }
  }

  private func refuses(_ arguments: [String], saying words: String...) throws {
    let result = try Program.run(arguments + ["-q", "--overwrite"], in: folder)
    #expect(result.status == 73, "\(arguments): \(result.status) \(result.errors)")
    for word in words { #expect(result.errors.contains(word), "\(arguments): \(result.errors)") }
  }

  /// By its own name, by another link to it, and by a link that leads there.
  @Test func inputsStay() throws {
    let xct = tw("xct.tif")
    let before = try SHA256.of(file: xct)
    #expect(unsafe link(xct, folder.file("hard.tif")) == 0)
    try FileManager.default.createSymbolicLink(atPath: folder.file("soft.tif"), withDestinationPath: xct)
    for output in [xct, folder.file("hard.tif"), folder.file("soft.tif")] {
      try refuses(["segment", xct, "-o", output], saying: "is an input")
      try refuses(["render", xct, "-o", output + ""], saying: "is an input")
    }
    #expect(try SHA256.of(file: xct) == before)
    for output in ["standards.yaml", "standards/s0.csv"] {
      let sum = try SHA256.of(file: tw(output))
      try refuses(["calibrate", tw("standards.yaml"), "-o", tw(output)], saying: "is an input")
      #expect(try SHA256.of(file: tw(output)) == sum)
    }
    // A folder of chunks, as a whole and in part.
    let zarr = folder.file("image.zarr")
    try makes(["stack", xct, "-o", zarr, "--format", "zarr", "-q"])
    let sum = try SHA256.of(file: zarr)
    try refuses(["stack", zarr, "-o", zarr, "--format", "zarr"], saying: "is an input")
    #expect(try SHA256.of(file: zarr) == sum)
  }

  @Test func filesOfTheUsersStay() throws {
    let xct = tw("xct.tif")
    try put("s/segment.json", "{\"my\": \"notes\"}")
    try refuses(["segment", xct, "-o", folder.file("s/labels.tif")], saying: "segment.json", "no record")
    #expect(text("s/segment.json") == "{\"my\": \"notes\"}" && text("s/labels.tif") == nil)
    let map = ["map", tw("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("m")]
    for name in ["li.tif", "mask.tif", "map.json"] {
      try put("m/" + name)
      try refuses(map, saying: name, "no record")
      #expect(text("m/" + name) == "mine")
      try FileManager.default.removeItem(atPath: folder.file("m"))
    }
    // A Zarr image of somebody else, of which every name is one of Zarr.
    try put("z.zarr/.zgroup", "{\"zarr_format\": 2}")
    try put("z.zarr/0/0.0.0", "raw data")
    try refuses(["stack", xct, "-o", folder.file("z.zarr"), "--format", "zarr"], saying: "no record")
    #expect(text("z.zarr/0/0.0.0") == "raw data")
    // A lock's name.
    try put("l/.voxelith/lock", "my notes")
    try refuses(["orient", xct, "-o", folder.file("l")], saying: "lock")
    #expect(text("l/.voxelith/lock") == "my notes")
    // What -o names is no exception, and neither is what other options name elsewhere.
    try put("named.json")
    let calibrate = ["calibrate", tw("standards.yaml"), "-o", folder.file("named.json")]
    try refuses(calibrate, saying: "named.json", "no record")
    #expect(text("named.json") == "mine")
    try FileManager.default.removeItem(atPath: folder.file("named.json"))
    for _ in 0..<2 { try makes(calibrate + ["--overwrite", "-q"]) }
    try put("named.json", (text("named.json") ?? "") + "\n")
    try refuses(calibrate, saying: "named.json", "was changed")
    try put("far/report.json")
    let far = [
      "import", tw("xcs.nxs"), "-o", folder.file("near/xcs.nxs"), "--report", folder.file("far/report.json"),
    ]
    try refuses(far, saying: "report.json", "no record")
    try FileManager.default.removeItem(atPath: folder.file("far/report.json"))
    for _ in 0..<2 { try makes(far + ["--overwrite", "-q"]) }
    try put("far/report.json")
    try refuses(far, saying: "report.json", "was changed")
  }

  /// What we wrote is replaced again and again, unless somebody changed it.
  @Test func changesStay() throws {
    let jobs = ["slurm", tw("pipeline.yaml"), "-o", folder.file("jobs"), "--shards", "2", "-q"]
    try makes(jobs)
    try makes(jobs + ["--overwrite"])
    try put("jobs/submit.sh", (text("jobs/submit.sh") ?? "") + "# mine\n")
    try refuses(jobs, saying: "submit.sh", "was changed")
    #expect(text("jobs/submit.sh")?.hasSuffix("# mine\n") == true)
    let simulate = ["simulate", "--shape", "16,16,16", "--ratio", "8", "-o", folder.file("sim"), "-q"]
    try makes(simulate)
    try makes(simulate + ["--overwrite"])
    try put("sim/pipeline.yaml", (text("sim/pipeline.yaml") ?? "") + "# mine\n")
    try refuses(simulate, saying: "pipeline.yaml", "was changed")
    #expect(text("sim/pipeline.yaml")?.hasSuffix("# mine\n") == true)
    let export = ["export", folder.file("sim"), "-o", folder.file("ex"), "-q"]
    try makes(export)
    try makes(export + ["--overwrite"])
    try put("ex/explore.ipynb", "{}")
    try refuses(export, saying: "explore.ipynb", "was changed")
    // A side file that another result of ours left.
    try makes(["segment", tw("xct.tif"), "-o", folder.file("two/a.tif"), "-q"])
    try makes(["segment", tw("xct.tif"), "-o", folder.file("two/b.tif"), "--overwrite", "-q"])
    try put("two/segment.json")
    try refuses(
      ["segment", tw("xct.tif"), "-o", folder.file("two/b.tif")], saying: "segment.json", "was changed")
  }

  /// What an earlier run wrote and this one does not is not left to be taken for its result.
  @Test func nothingStaleIsLeft() throws {
    let crop = folder.file("short.tif")
    try makes([
      "resample", tw("xct.tif"), "--like", tw("truth/li.tif"), "-o", crop, "-q",
    ])
    let stack = folder.file("st")
    func slices() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: stack).count { $0.hasPrefix("slice_") }
    }
    try makes(["stack", tw("xct.tif"), "-o", stack, "-q"])
    let many = try slices()
    try makes(["stack", crop, "-o", stack, "--overwrite", "-q"])
    let few = try slices()
    #expect(few < many && few > 0)
    // A slice that was changed stays and is told, and notes are nobody's business.
    try makes(["stack", tw("xct.tif"), "-o", stack, "--overwrite", "-q"])
    let last = "st/slice_" + String(format: "%04d", many - 1) + ".tif"
    try put(last)
    try put("st/notes.txt")
    try makes(["stack", crop, "-o", stack, "--overwrite"], saying: "it stays")
    #expect(try slices() == few + 1 && text(last) == "mine" && text("st/notes.txt") == "mine")
    // Another format's files go with the map that they are of.
    let map = ["map", tw("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("m"), "-q", "--overwrite"]
    try makes(map + ["--format", "nexus"])
    #expect(FileManager.default.fileExists(atPath: folder.file("m/map.nxs")))
    try makes(map)
    #expect(!FileManager.default.fileExists(atPath: folder.file("m/map.nxs")))
    #expect(FileManager.default.fileExists(atPath: folder.file("m/li.tif")))
  }

  /// Two commands in one folder: the record of one is not lost with that of the other.
  @Test func recordsOfSeveralCommands() throws {
    let out = folder.file("both")
    let orient = ["orient", tw("xct.tif"), "-o", out, "--overwrite", "-q"]
    let map = ["map", tw("xcs.nxs"), "-c", twin.calibration, "-o", out, "--overwrite", "-q"]
    for command in [map, orient, map, orient] { try makes(command) }
    #expect(FileManager.default.fileExists(atPath: out + "/orient.provenance.json"))
    #expect(FileManager.default.fileExists(atPath: out + "/li.tif"))
    #expect(!FileManager.default.fileExists(atPath: out + "/.voxelith"))
  }

  /// A run that was stopped has no record yet, and can be done again.
  @Test func stoppedRunsCanBeDoneAgain() throws {
    let command = ["stack", tw("xct.tif"), "-o", folder.file("st"), "-q", "--overwrite", "--threads", "1"]
    var hadSome = false
    for wait in [0.03, 0.05, 0.08, 0.12, 0.2] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = command
      try process.run()
      Thread.sleep(forTimeInterval: wait)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      hadSome = hadSome || FileManager.default.fileExists(atPath: folder.file("st/slice_0000.tif"))
    }
    try makes(command)
    #expect(!FileManager.default.fileExists(atPath: folder.file("st/.voxelith")))
    // Whatever the moment of the kill, an own record or the journal covers what is there.
    #expect(hadSome || FileManager.default.fileExists(atPath: folder.file("st/stack.json")))
  }
}
