import Foundation
import TestSupport
import Testing

/// `watch` beside writers in other processes: what it leaves is what `map` leaves, whichever way the writer ends.
@Suite(.serialized, .enabled(if: ExternalTools.python != nil, "no Python with h5py (VOXELITH_PYTHON)"))
struct WatchTests {
  /// Files of `map` whose bytes are compared.
  private static let names = [
    "li.tif", "li_sigma.tif", "intensity.tif", "ratio.tif", "deviance.tif", "deviance_expected.tif",
    "mask.tif",
    "map.json", "misfit.png",
  ]

  /// A process that runs beside the test.
  private final class Running {
    let process = Process()
    private let log: String

    init(_ program: String, _ arguments: [String], in folder: TemporaryFolder, log name: String) throws {
      log = folder.file(name)
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      // One handle, so that neither writes over the other.
      let handle = FileHandle(forWritingAtPath: log)
      process.standardOutput = handle
      process.standardError = handle
      try process.run()
    }

    var text: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    func wait(_ seconds: Double = 120) -> Int32 {
      let end = Date().addingTimeInterval(seconds)
      while process.isRunning, Date() < end { usleep(50_000) }
      if process.isRunning {
        process.terminate()
        Issue.record("still running after \(seconds) s: \(text)")
      }
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  private static func writer(
    _ mode: String, _ source: String, _ target: String, _ numbers: [String], in folder: TemporaryFolder
  ) throws -> Running {
    try Running(
      ExternalTools.python ?? "",
      [PackageFiles.root + "/Tests/Python/spectra_writer.py", mode, source, target] + numbers,
      in: folder, log: "writer.log")
  }

  private static func watch(_ arguments: [String], in folder: TemporaryFolder) throws -> Running {
    try Running(Program.path, ["watch", "-v"] + arguments, in: folder, log: "watch.log")
  }

  private func expectMap(
    _ spectra: [String], like live: String, _ twin: SmallTwin, in folder: TemporaryFolder,
    _ more: [String] = []
  ) throws {
    let plain = folder.file("plain")
    let made = try Program.run(["map"] + spectra + ["-c", twin.calibration, "-o", plain] + more, in: folder)
    #expect(made.status == 0, "\(made.errors)")
    for name in Self.names {
      let (own, other) = (
        FileManager.default.contents(atPath: live + "/" + name),
        FileManager.default.contents(atPath: plain + "/" + name)
      )
      #expect(own != nil && own == other, "\(name)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: live).filter { $0.hasPrefix(".") }
    #expect(left.isEmpty, "\(left)")
  }

  private func renewals(_ text: String) -> Int {
    text.split(separator: "\n").count { $0.contains("renewal ") && $0.contains("voxels fitted") }
  }

  @Test(arguments: ["swmr", "latest", "vds"]) func aFileThatIsClosedEndsWithTheBytesOfMap(_ mode: String)
    throws
  {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let file = folder.file("scan.nxs")
    let watch = try Self.watch(
      [file, "-c", twin.calibration, "-o", folder.file("live"), "--settle", "1s", "--patience", "60s"],
      in: folder)
    let writer = try Self.writer(mode, twin.path("xcs.nxs"), file, ["4", "0.8"], in: folder)
    #expect(writer.wait() == 0, "\(writer.text)")
    #expect(watch.wait() == 0, "\(watch.text)")
    #expect(watch.text.contains("the writer closed the file"), "\(watch.text)")
    #expect(renewals(watch.text) >= 3, "\(watch.text)")
    try expectMap([file], like: folder.file("live"), twin, in: folder)
  }

  /// More connections than the process may hold files open: pages are refused, and the map goes on.
  @Test(arguments: [64, 128]) func connectionsNeverEndTheMap(limit: Int) throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let file = folder.file("scan.nxs")
    let watch = try Running(
      "/bin/sh",
      [
        "-c", "ulimit -n \(limit) && exec \"$0\" \"$@\"", Program.path, "watch", "-v", file, "-c",
        twin.calibration, "-o", folder.file("live"), "--settle", "1s", "--patience", "60s", "--serve",
        "--address", "0",
      ], in: folder, log: "watch.log")
    let end = Date().addingTimeInterval(60)
    while !watch.text.contains("http://"), Date() < end { usleep(50_000) }
    let port = watch.text.components(separatedBy: "127.0.0.1:").last?.prefix { $0.isNumber } ?? ""
    let crowd = """
      import socket, sys, time
      port, held = int(sys.argv[1]), []
      for turn in range(40):
          for _ in range(10):
              try:
                  one = socket.create_connection(("127.0.0.1", port), 2)
                  if turn % 2:
                      one.sendall(b"GET /events HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\n\\r\\n" % port)
                  held.append(one)
              except OSError:
                  pass
          time.sleep(0.1)
      """
    let others = try Running(
      ExternalTools.python ?? "", ["-c", crowd, String(port)], in: folder, log: "crowd.log")
    let writer = try Self.writer("swmr", twin.path("xcs.nxs"), file, ["4", "0.8"], in: folder)
    #expect(writer.wait() == 0, "\(writer.text)")
    #expect(others.wait() == 0, "\(others.text)")
    #expect(watch.wait() == 0, "\(watch.text)")
    #expect(renewals(watch.text) >= 3, "\(watch.text)")
    try expectMap([file], like: folder.file("live"), twin, in: folder)
  }

  @Test(arguments: ["swmr", "latest", "vds"]) func aWriterThatIsKilledLeavesTheMapOfWhatWasThere(
    _ mode: String
  ) throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let file = folder.file("scan.nxs")
    let watch = try Self.watch(
      [file, "-c", twin.calibration, "-o", folder.file("live"), "--settle", "1s", "--patience", "4s"],
      in: folder)
    let writer = try Self.writer(mode, twin.path("xcs.nxs"), file, ["4", "0.6", "2"], in: folder)
    #expect(writer.wait() != 0)
    #expect(watch.wait() == 0, "\(watch.text)")
    #expect(watch.text.contains("its writer may have been killed"), "\(watch.text)")
    let first = try Program.run(
      ["map", file, "-c", twin.calibration, "-o", folder.file("first")], in: folder)
    try expectMap(
      [file], like: folder.file("live"), twin, in: folder, first.status == 0 ? [] : ["--allow-missing"])
  }

  @Test(arguments: ["frames", "hxt"]) func aFolderGrowsByExposures(_ mode: String) throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let frames = folder.file("frames")
    try FileManager.default.createDirectory(atPath: frames, withIntermediateDirectories: true)
    let more = mode == "hxt" ? ["--live-time", "100", "--voxel-size", "40"] : []
    let watch = try Self.watch(
      [frames, "-c", twin.calibration, "-o", folder.file("live"), "--patience", "3s"] + more, in: folder)
    let writer = try Self.writer(mode, twin.path("xcs.nxs"), frames, ["4", "0.6"], in: folder)
    #expect(writer.wait() == 0, "\(writer.text)")
    #expect(watch.wait() == 0, "\(watch.text)")
    #expect(renewals(watch.text) >= 3, "\(watch.text)")
    let names = (0..<4).map { frames + (mode == "hxt" ? "/scan\($0).hxt" : "/frame\($0).nxs") }
    try expectMap(names, like: folder.file("live"), twin, in: folder, more)
  }

  /// Frames of one file are added to a running sum; a killed writer's file is mapped with `--frames sum` as it was left.
  @Test func framesOfOneFileAreAddedUp() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let file = folder.file("scan.nxs")
    let watch = try Self.watch(
      [
        file, "-c", twin.calibration, "-o", folder.file("live"), "--settle", "1s", "--patience", "60s",
        "--frames",
        "sum",
      ], in: folder)
    let writer = try Self.writer("frames-axis", twin.path("xcs.nxs"), file, ["6", "0.6"], in: folder)
    #expect(writer.wait() == 0, "\(writer.text)")
    #expect(watch.wait() == 0, "\(watch.text)")
    #expect(renewals(watch.text) >= 3, "\(watch.text)")
    try expectMap([file], like: folder.file("live"), twin, in: folder, ["--frames", "sum"])
  }

  /// Without `--frames` the first frame is mapped, which is told while it is the only one; the end is that of `map`.
  @Test func framesThatNobodyChoseAreTold() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let file = folder.file("scan.nxs")
    let watch = try Self.watch(
      [file, "-c", twin.calibration, "-o", folder.file("live"), "--settle", "1s", "--patience", "20s"],
      in: folder)
    let writer = try Self.writer("frames-axis", twin.path("xcs.nxs"), file, ["2", "4"], in: folder)
    #expect(writer.wait() == 0, "\(writer.text)")
    #expect(watch.wait() == 65, "\(watch.text)")
    let told = watch.text.range(of: "is mapped as one frame, though its array may get more")
    let refused = watch.text.range(of: "come from 2 frames")
    let (first, then) = (try #require(told, "\(watch.text)"), try #require(refused, "\(watch.text)"))
    #expect(first.lowerBound < then.lowerBound, "\(watch.text)")
  }

  /// A gain that is larger by 1000 ppm in the second exposure is found and told.
  @Test func aDriftBetweenExposuresIsTold() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let writer = try Self.writer("drift", twin.path("xcs.nxs"), folder.file("frames"), [], in: folder)
    #expect(writer.wait() == 0, "\(writer.text)")
    let made = try Program.run(
      [
        "map", folder.file("frames/frame0.nxs"), folder.file("frames/frame1.nxs"), "-c", twin.calibration,
        "-o",
        folder.file("map"),
      ], in: folder)
    #expect(
      made.status == 0 && made.errors.contains("the gain changed between the exposures"), "\(made.errors)")
    struct Report: Decodable {
      struct Exposures: Decodable {
        struct File: Decodable {
          var gain, sigma: Double
          enum CodingKeys: String, CodingKey {
            case gain = "gain_since_first"
            case sigma = "gain_since_first_sigma"
          }
        }
        var verdict: String
        var files: [File]
      }
      var exposures: Exposures
    }
    let report = try JSONDecoder().decode(
      Report.self, from: try Data(contentsOf: URL(fileURLWithPath: folder.file("map/map.json"))))
    #expect(report.exposures.verdict == "drifts" && report.exposures.files.count == 2)
    let second = try #require(report.exposures.files.last)
    #expect(abs(second.gain - 1e-3) < 5e-5 && second.sigma < 5e-5, "\(second)")
  }

  /// A background that only the second exposure has moves no gain, and shows in the shape of its sum.
  @Test func aBackgroundOfOneExposureIsTold() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let writer = try Self.writer("flat", twin.path("xcs.nxs"), folder.file("frames"), [], in: folder)
    #expect(writer.wait() == 0, "\(writer.text)")
    let made = try Program.run(
      [
        "map", folder.file("frames/frame0.nxs"), folder.file("frames/frame1.nxs"), "-c", twin.calibration,
        "-o", folder.file("map"),
      ], in: folder)
    let isTold = made.errors.contains("the spectra of the exposures differ")
    #expect(made.status == 0 && isTold, "\(made.errors)")
    let json = try String(contentsOfFile: folder.file("map/map.json"), encoding: .utf8)
    #expect(json.contains("shape_probability") && json.contains("x_since_first"), "\(json)")
  }

  /// Slices of 80 x 80 voxels of 400 bins: from the flush to the files it takes less than 2 s, within the memory that is given.
  @Test func filesFollowAFlushWithinTwoSeconds() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let (large, file) = (folder.file("large.nxs"), folder.file("scan.nxs"))
    let tiled = try Self.writer("tile", twin.path("xcs.nxs"), large, ["5"], in: folder)
    #expect(tiled.wait() == 0, "\(tiled.text)")
    let watch = try Self.watch(
      [
        file, "-c", twin.calibration, "-o", folder.file("live"), "--settle", "1s", "--patience", "60s",
        "--memory",
        "256M",
      ], in: folder)
    let writer = try Self.writer("swmr", large, file, ["5", "3"], in: folder)
    // Times of the renewals, by the file that gets its name last; the peak of the process as Linux tells it.
    var renewed: [Double] = []
    var peak = 0
    while writer.process.isRunning {
      let facts = try? FileManager.default.attributesOfItem(atPath: folder.file("live/map.json"))
      if let time = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970, time != renewed.last {
        renewed.append(time)
      }
      let memory = try? String(
        contentsOfFile: "/proc/\(watch.process.processIdentifier)/status", encoding: .utf8)
      let line = memory?.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
      peak = max(peak, line?.split(separator: " ").compactMap { Int($0) }.first ?? 0)
      usleep(20_000)
    }
    #expect(watch.wait() == 0, "\(watch.text)")
    let flushed = writer.text.split(separator: "\n").compactMap {
      $0.split(separator: " ").last.flatMap { Double($0) }
    }
    #expect(flushed.count == 5)
    for time in flushed {
      let next = try #require(renewed.first { $0 >= time }, "\(renewed) \(time)")
      // Two seconds on a machine that has nothing else to do.
      #expect(next - time < (Soak.isLong ? 2 : 20), "\(next - time) s")
    }
    #expect(peak < 256 * 1024, "\(peak) kB")
    // Slices that were there are not fitted again, once two have told what the counts are.
    let fitted = watch.text.components(separatedBy: " voxels fitted").dropLast().compactMap {
      $0.split(separator: "(").last.flatMap { Int($0) }
    }
    #expect(fitted.count >= 5 && fitted.dropFirst(2).allSatisfy { $0 <= 6400 }, "\(fitted)")
    try expectMap([file], like: folder.file("live"), twin, in: folder)
  }

  /// A signal asks for the last map, and is no error; the time of `--for` likewise.
  @Test func anInterruptAndATimeEndWithTheMap() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let frames = folder.file("frames")
    let writer = try Self.writer("frames", twin.path("xcs.nxs"), frames, ["2", "0.1"], in: folder)
    #expect(writer.wait() == 0)
    let names = (0..<2).map { frames + "/frame\($0).nxs" }
    let timed = try Self.watch(
      [frames, "-c", twin.calibration, "-o", folder.file("live"), "--for", "3s"], in: folder)
    #expect(timed.wait() == 0, "\(timed.text)")
    #expect(timed.text.contains("the time is over"), "\(timed.text)")
    try expectMap(names, like: folder.file("live"), twin, in: folder)
    try FileManager.default.removeItem(atPath: folder.file("plain"))
    let stopped = try Self.watch([frames, "-c", twin.calibration, "-o", folder.file("other")], in: folder)
    let end = Date().addingTimeInterval(60)
    while renewals(stopped.text) == 0, Date() < end { usleep(100_000) }
    stopped.process.interrupt()
    #expect(stopped.wait() == 0, "\(stopped.text)")
    #expect(stopped.text.contains("interrupted"), "\(stopped.text)")
    try expectMap(names, like: folder.file("other"), twin, in: folder)
  }

  /// The wanted error ends the watch before the writer does.
  @Test func theWantedErrorEndsTheWatch() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let frames = folder.file("frames")
    try FileManager.default.createDirectory(atPath: frames, withIntermediateDirectories: true)
    let watch = try Self.watch(
      [
        frames, "-c", twin.calibration, "-o", folder.file("live"), "--until-sigma", "0.5", "--patience",
        "60s",
      ], in: folder)
    let writer = try Self.writer("frames", twin.path("xcs.nxs"), frames, ["8", "0.7"], in: folder)
    #expect(watch.wait() == 0, "\(watch.text)")
    #expect(watch.text.contains("the wanted sigma(x) is reached"), "\(watch.text)")
    _ = writer.wait()
  }

  /// Exposures that are mapped together are those that are imported together.
  @Test func exposuresOfOneScanAddUp() throws {
    let twin = try SmallTwin.shared.get()
    let folder = try TemporaryFolder()
    let frames = folder.file("frames")
    let writer = try Self.writer("frames", twin.path("xcs.nxs"), frames, ["3", "0"], in: folder)
    #expect(writer.wait() == 0)
    let names = (0..<3).map { frames + "/frame\($0).nxs" }
    let imported = try Program.run(["import"] + names + ["-o", folder.file("sum.nxs")], in: folder)
    #expect(imported.status == 0, "\(imported.errors)")
    for (spectra, output) in [
      (names, "together"), ([folder.file("sum.nxs")], "sum"), ([twin.path("xcs.nxs")], "whole"),
    ] {
      let made = try Program.run(
        ["map"] + spectra + ["-c", twin.calibration, "-o", folder.file(output)], in: folder)
      #expect(made.status == 0, "\(made.errors)")
    }
    for name in ["li.tif", "li_sigma.tif", "mask.tif", "intensity.tif"] {
      let bytes = ["together", "sum", "whole"].map {
        FileManager.default.contents(atPath: folder.file("\($0)/\(name)"))
      }
      #expect(bytes[0] != nil && bytes[0] == bytes[1] && bytes[1] == bytes[2], "\(name)")
    }
    let json = try String(contentsOfFile: folder.file("together/map.json"), encoding: .utf8)
    #expect(json.contains("\"verdict\" : \"stable\"") || json.contains("\"verdict\": \"stable\""), "\(json)")
    // A pipeline takes the same list.
    let list = names.map { "'\($0)'" }.joined(separator: ", ")
    try "inputs: {xcs: [\(list)], standards: \(twin.path("standards.yaml"))}\nskip: [figures, report]\n"
      .write(
        toFile: folder.file("pipeline.yaml"), atomically: true, encoding: .utf8)
    let run = try Program.run(
      ["run", folder.file("pipeline.yaml"), "-o", folder.file("results")], in: folder)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      FileManager.default.contents(atPath: folder.file("results/map/li.tif"))
        == FileManager.default.contents(atPath: folder.file("together/li.tif")))
    let kept = try Program.run(
      ["run", folder.file("pipeline.yaml"), "-o", folder.file("results"), "--resume"], in: folder)
    #expect(kept.status == 0, "\(kept.errors)")
    let twice = try Program.run(
      ["map", names[0], names[0], "-c", twin.calibration, "-o", folder.file("twice")], in: folder)
    #expect(twice.status == 64 && twice.errors.contains("given twice"), "\(twice.errors)")
  }
}
