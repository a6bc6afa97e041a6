import Foundation
import TestSupport
import Testing
import Voxelith

/// Disks that are full, folders that take nothing, signals: the documented exit code, no partial file, and what was
/// there before is as it was.
@Suite(.serialized) struct FaultTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  /// A small file system of its own; nil where this user may not make one.
  private final class SmallDisk {
    let path: String

    init?(_ options: String, at path: String) {
      self.path = path
      try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      guard Self.system(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path]) else { return nil }
    }

    deinit { _ = Self.system(["umount", path]) }

    func remount(_ options: String) -> Bool { Self.system(["mount", "-o", "remount," + options, path]) }

    static func system(_ arguments: [String]) -> Bool {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = arguments
      process.standardError = FileHandle.nullDevice
      return (try? process.run()).map { process.waitUntilExit() } != nil && process.terminationStatus == 0
    }

    static let isPossible: Bool = {
      guard let folder = try? TemporaryFolder() else { return false }
      return SmallDisk("size=64k", at: folder.file("disk")) != nil
    }()
  }

  /// Every entry below a folder, hidden ones, too.
  private func entries(_ path: String) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).sorted()
  }

  /// Working arrays of 15 MB that go to a disk of 4 MB: `check` says so before, `transport` when it finds out.
  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
  func aFullDiskOfWorkingArrays() throws {
    let disk = try #require(SmallDisk("size=4M", at: folder.file("pages")))
    let made = try Program.run(
      [
        "simulate", "--shape", "72,72,72", "--ratio", "8", "--counts", "10000", "-o", folder.file("twin"),
        "-q",
      ], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    let labels = folder.file("twin/labels.tif")
    let yaml = folder.file("twin/transport.yaml")
    let text = try String(contentsOfFile: folder.file("twin/pipeline.yaml"), encoding: .utf8)
    try (text + "\ntransport: {axes: z}\n").write(toFile: yaml, atomically: true, encoding: .utf8)
    let solve = ["transport", labels, "--phase", "0", "--axes", "z", "--memory", "8M", "-q", "-o"]
    let full = ["TMPDIR": disk.path]
    for arguments in [["check", yaml, "--memory", "8M"], solve + [folder.file("full.json")]] {
      let result = try Program.run(arguments, in: folder, environment: full)
      #expect(result.status == 74 && result.errors.contains("working arrays"), "\(result.errors)")
      #expect(result.errors.contains("TMPDIR"), "\(result.errors)")
    }
    #expect(entries(disk.path).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder.file("full.json")))
    let paged = try Program.run(solve + [folder.file("paged.json")], in: folder)
    let held = try Program.run(
      solve.filter { $0 != "--memory" && $0 != "8M" } + [folder.file("held.json")], in: folder)
    #expect(paged.status == 0 && held.status == 0, "\(paged.errors)\(held.errors)")
    let results = ["paged.json", "held.json"].map { FileManager.default.contents(atPath: folder.file($0)) }
    #expect(results[0] != nil && results[0] == results[1])
    let check = try Program.run(["check", yaml, "--memory", "8M"], in: folder)
    #expect(check.status == 0 && check.output.contains("about MB on disk"), "\(check.output)")
  }

  /// A disk of 200 kB has room for a part of each of these results only.
  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
  func aFullDisk() throws {
    let disk = try #require(SmallDisk("size=200k", at: folder.file("disk")))
    let kept = disk.path + "/kept.txt"
    try "earlier result".write(toFile: kept, atomically: true, encoding: .utf8)
    let xct = twin.path("xct.tif")
    var faults = 0
    for (index, arguments) in [
      ["simulate", "--shape", "16,24,24", "--ratio", "4", "-o", disk.path + "/twin"],
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", disk.path + "/map"],
      ["run", twin.path("pipeline.yaml"), "-o", disk.path + "/results"],
      ["resample", xct, "--like", xct, "-o", disk.path + "/out.tif"],
      ["resample", xct, "--like", xct, "-o", disk.path + "/out.npy"],
      ["resample", xct, "--like", xct, "-o", disk.path + "/out.h5"],
      ["resample", xct, "--like", xct, "-o", disk.path + "/out.zarr"],
      ["stack", xct, "-o", disk.path + "/slices"],
      ["orient", xct, "-o", disk.path + "/orient"],
      ["segment", xct, "-o", disk.path + "/labels.tif"],
    ].enumerated() {
      // Fill the disk but for less than the result needs.
      let filler = disk.path + "/filler"
      try Data(count: 8 << 10).write(to: URL(fileURLWithPath: filler))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: filler))
      try handle.seekToEnd()
      while (try? handle.write(contentsOf: Data(count: 4096))) != nil {}
      try handle.truncate(atOffset: UInt64(max(0, try handle.offset() - UInt64(8 << 10))))
      try handle.close()
      let result = try Program.run(arguments + ["-q"], in: folder)
      #expect(
        result.status == 74 || result.status == 73,
        "\(arguments[0]) \(index): \(result.status) \(result.errors)")
      #expect((1...2).contains(result.errorLines), "\(result.errors)")
      try FileManager.default.removeItem(atPath: filler)
      let files = entries(disk.path).filter { path in
        var isFolder = ObjCBool(false)
        _ = unsafe FileManager.default.fileExists(atPath: disk.path + "/" + path, isDirectory: &isFolder)
        return !isFolder.boolValue && path != "kept.txt"
      }
      // What was complete before the disk was full may stay; no file is cut off or has a temporary name.
      #expect(
        !files.contains { $0.hasSuffix(".part") || $0.contains(".partial") }, "\(arguments[0]): \(files)")
      faults += 1
      for name in entries(disk.path) where name != "kept.txt" && !name.contains("/") {
        try? FileManager.default.removeItem(atPath: disk.path + "/" + name)
      }
      #expect(try String(contentsOfFile: kept, encoding: .utf8) == "earlier result")
    }
    print("\(faults) full disks")
  }

  /// Without any right to mount: a limit on the size of files, as a quota has it.
  @Test func aLimitOnTheSizeOfFiles() throws {
    for (name, arguments) in [
      (
        "out.tif",
        ["resample", twin.path("xct.tif"), "--like", twin.path("xct.tif"), "-o", folder.file("out.tif")]
      ),
      (
        "out.h5",
        ["resample", twin.path("xct.tif"), "--like", twin.path("xct.tif"), "-o", folder.file("out.h5")]
      ),
    ] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "ulimit -f 8; exec \"$0\" \"$@\"", Program.path] + arguments + ["-q"]
      let pipe = Pipe()
      process.standardError = pipe
      try process.run()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit, "\(name): ended by signal \(process.terminationStatus)")
      #expect(process.terminationStatus == 74 || process.terminationStatus == 73, "\(name): \(text)")
      #expect((1...2).contains(text.split(separator: "\n").count), "\(name): \(text)")
      #expect(folder.entries.isEmpty, "\(folder.entries)")
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
  func aFolderThatTakesNothing() throws {
    let disk = try #require(SmallDisk("size=1m", at: folder.file("disk")))
    try FileManager.default.createDirectory(atPath: disk.path + "/old", withIntermediateDirectories: false)
    try "earlier".write(toFile: disk.path + "/old/li.tif", atomically: true, encoding: .utf8)
    try #require(disk.remount("ro"))
    let xct = twin.path("xct.tif")
    for arguments in [
      ["simulate", "--shape", "16,24,24", "--ratio", "4", "-o", disk.path + "/twin"],
      ["calibrate", twin.path("standards.yaml"), "-o", disk.path + "/cal.json"],
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", disk.path + "/map"],
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", disk.path + "/old", "--overwrite"],
      ["run", twin.path("pipeline.yaml"), "-o", disk.path + "/results"],
      ["resample", xct, "--like", xct, "-o", disk.path + "/out.tif"],
      ["resample", xct, "--like", xct, "-o", disk.path + "/out.zarr"],
      ["resample", xct, "--like", xct, "-o", disk.path + "/out.h5"],
      ["stack", xct, "-o", disk.path + "/slices"], ["segment", xct, "-o", disk.path + "/labels.tif"],
      ["orient", xct, "-o", disk.path + "/orient"], ["render", xct, "-o", disk.path + "/figure.png"],
    ] {
      let result = try Program.run(arguments + ["-q"], in: folder)
      #expect(result.status == 73, "\(arguments[0]): \(result.status) \(result.errors)")
      #expect((1...2).contains(result.errorLines), "\(arguments[0]): \(result.errors)")
    }
    #expect(entries(disk.path) == ["old", "old/li.tif"])
    _ = disk.remount("rw")
  }

  /// The results of a run that nobody stops, and the seconds that it took: one run for all signals.
  private static let undisturbed = Result { () throws -> (files: [String: Data], took: Double) in
    let folder = try TemporaryFolder()
    let whole = folder.file("whole")
    let pipeline = try SmallTwin.shared.get().path("pipeline.yaml")
    let start = ContinuousClock.now
    let run = try Program.run(["run", pipeline, "-o", whole, "-q"], in: folder)
    let took = start.duration(to: .now) / .seconds(1)
    try #require(run.status == 0, "\(run.errors)")
    return (try content(of: whole), took)
  }

  /// Ctrl-C and a polite kill at seeded moments: status 130, nothing partial, and the run can go on.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1])
  func signals(number: Int32) throws {
    let (expected, took) = try Self.undisturbed.get()
    var random = SeededGenerator(seed: UInt64(number))
    var stopped = 0
    for round in 0..<Soak.count(short: number == SIGINT ? 3 : 1, long: 60) {
      let output = folder.file("stopped")
      try? FileManager.default.removeItem(atPath: output)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = ["run", twin.path("pipeline.yaml"), "-o", output, "-q"]
      let pipe = Pipe()
      process.standardError = pipe
      try process.run()
      // Not in the first moments, when the handler may not stand yet and the system ends the process itself.
      Thread.sleep(forTimeInterval: took * Double.random(in: 0.2...0.9, using: &random))
      let wasRunning = process.isRunning
      if wasRunning { kill(process.processIdentifier, number) }
      process.waitUntilExit()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      if process.terminationReason == .exit, process.terminationStatus == 130 {
        stopped += 1
        #expect((1...2).contains(text.split(separator: "\n").count), "\(text)")
      } else {
        // The last block was done already, or the process had not begun to listen.
        #expect(process.terminationStatus == 0 || process.terminationReason == .uncaughtSignal, "\(text)")
      }
      let hidden = entries(output).filter { $0.split(separator: "/").contains { $0.hasPrefix(".") } }
      #expect(hidden.isEmpty || process.terminationReason == .uncaughtSignal, "round \(round): \(hidden)")
      let resumed = try Program.run(
        ["run", twin.path("pipeline.yaml"), "-o", output, "-q", "--resume"], in: folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(differences(expected, try content(of: output)).isEmpty)
    }
    print("signal \(number): stopped \(stopped) times")
  }
}
