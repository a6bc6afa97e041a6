import Foundation
import TestSupport
import Testing
import Voxelith

/// Names of files of every form, in every place.
@Suite(.serialized) struct NameTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  /// Runs in the folder, so that names can be short.
  private func run(_ script: String) throws -> (status: Int32, output: String, log: String) {
    try ExternalTools.run(
      "/bin/sh", ["-c", "cd \"$1\" && " + script, Program.path, folder.path, Program.path])
  }

  /// A path of one letter ends in an answer, never in a signal.
  @Test func oneLetter() throws {
    for command in [
      "check p", "run p -o r", "slurm p -o j --shards 2", "merge p -o r", "calibrate s -o c", "inspect n",
      "map n -c c -o m", "check .", "check é", "inspect .", "replay p", "report r -o p", "export r -o e",
      "render n -o p", "segment n -o l", "orient n -o o", "pores l -o p --phase 0",
      "transport l -o t --phase 0",
      "register m f -o t", "resample m --like f -o r", "correlate a=a b=b -o c", "stack n -o s",
      "plan -c c --target 0.1", "series s -o o", "scatter s -o o", "clean c", "import n -o i",
      "calibrate-energy c -o e", "render --spec s -o p", "inspect p/", "check /",
    ] {
      let result = try run("\"$2\" \(command)")
      #expect([64, 65, 66, 73].contains(result.status), "\(command): \(result.status) \(result.log)")
    }
    // With files of these names, also within files.
    let yaml = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
      .replacing("standards/s0.csv", with: "a").replacing("standards/", with: twin.path("standards/"))
    try yaml.write(toFile: folder.file("s"), atomically: true, encoding: .utf8)
    for (from, to) in [("standards/s0.csv", "a"), ("xcs.nxs", "n"), ("xct.tif", "x")] {
      try FileManager.default.copyItem(atPath: twin.path(from), toPath: folder.file(to))
    }
    try "inputs: {xcs: n, standards: s, xct: x}\nskip: [figures, report]\n".write(
      toFile: folder.file("p"), atomically: true, encoding: .utf8)
    for command in [
      "calibrate s -o c", "check p", "check p --portable", "inspect n", "map n -c c -o m",
      "run p -o r --before segment", "slurm p -o j --shards 2", "segment x -o l.tif", "export m -o e",
      "replay m/provenance.json",
    ] {
      let result = try run("\"$2\" \(command) -q")
      let mayFail = command.hasSuffix("--portable")
      #expect(
        result.status == 0 || (mayFail && result.status == 65), "\(command): \(result.status) \(result.log)")
    }
  }

  /// Names as long as they can be work or are refused before any work, and leave nothing.
  @Test func longNames() throws {
    for count in [236, 240, 241, 251, 255] {
      let name = String(repeating: "a", count: count - 4) + ".tif"
      let result = try Program.run(
        ["segment", twin.path("xct.tif"), "-o", folder.file("n\(count)/" + name), "-q"], in: folder)
      #expect(result.status == 0, "\(count): \(result.errors)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("n\(count)"))
      #expect(
        names.count == 3 && names.contains(name) && names.allSatisfy { $0.utf8.count <= 255 }, "\(names)")
    }
    for (arguments, name) in [
      (["segment", twin.path("xct.tif"), "-q"], String(repeating: "b", count: 252) + ".tif"),
      (["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-q"], String(repeating: "d", count: 256)),
      (["orient", twin.path("xct.tif"), "-q"], String(repeating: "é", count: 128)),
    ] {
      let result = try Program.run(arguments + ["-o", folder.file("long/" + name)], in: folder)
      #expect(result.status == 73, "\(arguments[0]): \(result.status) \(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.file("long")))
    }
  }

  /// Bytes that are no text, in folders that are there and that are not.
  @Test func bytesOfAnyKind() throws {
    let bad = "bad=$(printf 's\\377'); "
    let (xct, xcs) = (twin.path("xct.tif"), twin.path("xcs.nxs"))
    for command in [
      "segment '\(xct)' -o \"$bad/out.tif\"", "segment '\(xct)' -o \"$bad/out.tif\" --overwrite",
      "map '\(xcs)' -c '\(twin.calibration)' -o \"${bad}m\"",
      "map '\(xcs)' -c '\(twin.calibration)' -o \"${bad}m/\" --overwrite",
      "orient '\(xct)' --output=\"${bad}o/deep/er\"",
    ] {
      let result = try run(bad + "\"$2\" \(command) -q")
      #expect(result.status == 0, "\(command): \(result.log)")
    }
    #expect(
      try run(bad + "ls \"$bad/out.tif\" \"${bad}m/li.tif\" \"${bad}o/deep/er/orientation.json\"").status == 0
    )
    // The name of a new file is text: it cannot be made, and nothing is missing.
    let new = try run(bad + "\"$2\" segment '\(xct)' -o \"x${bad}.tif\" -q")
    #expect(new.status == 73 && new.log.contains("not UTF-8"), "\(new.log)")
    // A run that fails leaves no empty folder.
    #expect(try run(bad + "\"$2\" map none -c none -o \"${bad}x\" -q").status == 66)
    #expect(try run(bad + "ls -d \"${bad}x\"").status != 0)
  }

  @Test func namesThatBeginWithADash() throws {
    let xct = twin.path("xct.tif")
    #expect(try run("\"$2\" segment '\(xct)' -o -out.tif -q").status == 0)
    #expect(try run("ls ./-out.tif").status == 0)
    // A name that was forgotten is not made of the next option.
    for command in ["segment '\(xct)' -o -q", "segment '\(xct)' -o --overwrite"] {
      #expect(try run("\"$2\" \(command)").status == 64, "\(command)")
    }
  }

  /// A folder where a file is meant.
  @Test func foldersInPlaceOfFiles() throws {
    try FileManager.default.createDirectory(atPath: folder.file("d"), withIntermediateDirectories: false)
    let yaml = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
      .replacing("standards/s0.csv", with: "d").replacing("standards/", with: twin.path("standards/"))
    try yaml.write(toFile: folder.file("s.yaml"), atomically: true, encoding: .utf8)
    let result = try run("\"$2\" calibrate s.yaml -o c.json -q")
    #expect([65, 66].contains(result.status) && result.log.contains("is a folder"), "\(result.log)")
  }

  /// Every signal that asks a process to end is heard.
  @Test(arguments: ["TERM", "HUP", "XCPU", "USR1", "USR2", "ALRM", "VTALRM", "PROF"])
  func signals(_ name: String) throws {
    let result = try run(
      "\"$2\" run '\(twin.path("pipeline.yaml"))' -o r\(name) -q & p=$!; sleep 0.3; kill -\(name) $p; wait $p; s=$?; "
        + "find r\(name) -name '*.part' -o -path '*work*' | grep -q . && exit 99; exit $s")
    // Fast machines have ended before.
    #expect(
      result.status == 0 || result.status == VoxelithError.Code.cancelled.exitStatus,
      "\(name): \(result.status)")
  }
}
