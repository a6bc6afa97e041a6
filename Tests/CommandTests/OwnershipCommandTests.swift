import Foundation
import TestSupport
import Testing
import Voxelith

/// The program removes and replaces only what it wrote, and one run at a time writes into a folder.
@Suite(.serialized) struct OwnershipCommandTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private var pipeline: String { twin.path("pipeline.yaml") }

  private func put(_ name: String, _ text: String = "mine") throws -> String {
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  private func refuses(_ arguments: [String], naming name: String) throws {
    let result = try Program.run(arguments + ["-q"], in: folder)
    #expect(result.status == 73, "\(arguments): \(result.status) \(result.errors)")
    #expect(result.errors.contains(name), "\(arguments): \(result.errors)")
    #expect((1...2).contains(result.errorLines), "\(result.errors)")
  }

  /// A user's folder by the name of each stage, in the project's own folder.
  @Test func foldersInEveryStagesWay() throws {
    for stage in try Pipeline(pipeline).stageNames {
      let own = try put("project/\(stage)/paper.txt")
      for option in ["--overwrite", "--resume"] {
        try refuses(["run", pipeline, "-o", folder.file("project"), option], naming: stage)
        #expect(try String(contentsOfFile: own, encoding: .utf8) == "mine", "\(stage) \(option)")
      }
      try FileManager.default.removeItem(atPath: folder.file("project"))
      // A file, and a stage.json that is the user's own.
      let file = try put("project/\(stage)")
      try refuses(["run", pipeline, "-o", folder.file("project"), "--overwrite"], naming: stage)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
      try FileManager.default.removeItem(atPath: folder.file("project"))
      let record = try put("project/\(stage)/stage.json", #"{"act": 2}"#)
      try refuses(["run", pipeline, "-o", folder.file("project"), "--overwrite"], naming: stage)
      #expect(FileManager.default.fileExists(atPath: record))
      try FileManager.default.removeItem(atPath: folder.file("project"))
    }
  }

  /// A note that a user put beside results.
  @Test func notesAmongResults() throws {
    let results = folder.file("results")
    #expect(try Program.run(["run", pipeline, "-o", results, "-q"], in: folder).status == 0)
    let note = try put("results/map/notes.txt")
    #expect(try Program.run(["run", pipeline, "-o", results, "--resume", "-q"], in: folder).status == 0)
    try refuses(["run", pipeline, "-o", results, "--overwrite"], naming: "notes.txt")
    // A stage that must be made again.
    try Data([1]).write(to: URL(fileURLWithPath: results + "/map/li.tif"))
    try refuses(["run", pipeline, "-o", results, "--resume"], naming: "notes.txt")
    #expect(try String(contentsOfFile: note, encoding: .utf8) == "mine")
    try FileManager.default.removeItem(atPath: note)
    #expect(try Program.run(["run", pipeline, "-o", results, "--resume", "-q"], in: folder).status == 0)
    let hidden = try FileManager.default.subpathsOfDirectory(atPath: results).filter {
      $0.contains(".voxelith")
    }
    #expect(hidden.isEmpty)
  }

  /// A file of the user's by the name of every file that a command writes.
  @Test func filesInEveryCommandsWay() throws {
    let xct = twin.path("xct.tif")
    let labels = twin.path("labels.tif")
    let map = ["map", twin.path("xcs.nxs"), "-c", twin.calibration]
    for (arguments, names) in [
      (map, ["li.tif", "mask.tif", "map.json"]),
      (["orient", xct], ["orientation.tif", "orientation.json"]),
      (["pores", labels, "--phase", "0"], ["pores.json"]),
      (["stack", xct], ["stack.json"]),
    ] as [([String], [String])] {
      for name in names {
        let own = try put("out/" + name)
        try refuses(arguments + ["-o", folder.file("out")], naming: name)
        #expect(try String(contentsOfFile: own, encoding: .utf8) == "mine", "\(arguments[0]) \(name)")
        try FileManager.default.removeItem(atPath: folder.file("out"))
      }
    }
    // With --overwrite, too, a provenance that is none stays.
    let own = try put("out/provenance.json")
    try refuses(map + ["-o", folder.file("out"), "--overwrite"], naming: "provenance.json")
    #expect(try String(contentsOfFile: own, encoding: .utf8) == "mine")
  }

  /// The file that -o names, of every command that writes one file.
  @Test func theNamedFileOfEveryCommandIsNotReplaced() throws {
    for call in try EveryCommand(twin, in: folder).calls {
      guard let result = call.result, let place = call.arguments.lastIndex(of: "-o"),
        call.arguments[place + 1] == result
      else { continue }
      let own = try put((result as NSString).lastPathComponent)
      try refuses(call.arguments + ["--overwrite"], naming: (own as NSString).lastPathComponent)
      #expect(try String(contentsOfFile: own, encoding: .utf8) == "mine", "\(call.name)")
      try FileManager.default.removeItem(atPath: own)
    }
  }

  /// Two runs that begin at seeded moments: one works, or both one after the other; never a stage of both.
  @Test func pairsOfRunsInOneFolder() throws {
    let whole = folder.file("whole")
    let start = ContinuousClock.now
    #expect(try Program.run(["run", pipeline, "-o", whole, "-q"], in: folder).status == 0)
    let took = start.duration(to: .now) / .seconds(1)
    let expected = try content(of: whole)
    var random = SeededGenerator(seed: 19)
    var refused = 0
    for round in 0..<Soak.count(short: 3, long: 200) {
      let output = folder.file("both")
      try? FileManager.default.removeItem(atPath: output)
      let processes = try [0, 0.5 * took * Double.random(in: 0...1, using: &random)].map { delay in
        Thread.sleep(forTimeInterval: delay)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = [
          "run", pipeline, "-o", output, "-q", Bool.random(using: &random) ? "--resume" : "--overwrite",
        ]
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        return (process, pipe)
      }
      var done = 0
      for (process, pipe) in processes {
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 0 {
          done += 1
        } else {
          #expect(process.terminationStatus == 73 && text.contains("another run"), "round \(round): \(text)")
          refused += 1
        }
      }
      #expect(done >= 1, "round \(round)")
      let wrong = differences(expected, try content(of: output))
      #expect(wrong.isEmpty, "round \(round): \(wrong)")
    }
    #expect(refused > 0)
    print("\(refused) second runs refused")
  }

  /// What a killed command leaves is told from the rest, and goes.
  @Test func cleaning() throws {
    var found = 0
    for wait in [0.05, 0.1, 0.2, 0.3, 0.45, 0.6] where found == 0 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = ["run", pipeline, "-o", folder.file("killed"), "-q", "--overwrite"]
      try process.run()
      Thread.sleep(forTimeInterval: wait)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      found =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.file("killed/.voxelith/work"))) ?? [])
        .count
    }
    let note = try put("killed/.voxelith-notes")
    let clean = try Program.run(["clean", folder.file("killed")], in: folder)
    #expect(clean.status == 0, "\(clean.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("killed/.voxelith")), "\(clean.output)")
    #expect(try String(contentsOfFile: note, encoding: .utf8) == "mine")
    #expect(try Program.run(["clean", folder.file("killed")], in: folder).output.contains("nothing"))
    #expect(try Program.run(["clean", folder.file("none")], in: folder).status == 66)
  }

  /// Devices and pipes by the names of outputs stay, and --overwrite is no order to replace them.
  @Test func devicesStay() throws {
    let pipe = folder.file("pipe.json")
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    for target in [pipe, "/dev/null"] {
      try refuses(["calibrate", twin.path("standards.yaml"), "-o", target, "--overwrite"], naming: target)
    }
    var facts = stat()
    #expect(unsafe lstat(pipe, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO)
    #expect(unsafe lstat("/dev/null", &facts) == 0 && facts.st_mode & S_IFMT == S_IFCHR)
  }
}
