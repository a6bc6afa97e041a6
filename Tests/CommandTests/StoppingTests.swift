import Foundation
import TestSupport
import Testing
import Volumetry

/// Ctrl-C ends every command by itself, before the process is ended from outside, and leaves no broken file.
@Suite(.serialized) struct StoppingTests {
  private static let work = Result { try Work() }

  /// A twin that is large enough for commands to take their time, and what they read.
  private struct Work {
    let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      let shape = Soak.isLong ? "240,240,240" : "96,112,112"
      for arguments in [
        ["simulate", "--shape", shape, "--ratio", "8", "--counts", "5e4", "-o", folder.file("twin")],
        ["calibrate", folder.file("twin/standards.yaml"), "-o", folder.file("cal.json")],
        ["map", folder.file("twin/xcs.nxs"), "-c", folder.file("cal.json"), "-o", folder.file("map")],
      ] {
        let made = try Program.run(arguments + ["-q"], in: folder)
        try #require(made.status == 0, "\(made.errors)")
      }
    }
  }

  private static let commands: [[String]] =
    [
      ["simulate", "--shape", "64,96,96", "--ratio", "8", "-o", "@/out"],
      ["simulate", "--shape", "64,96,96", "--ratio", "8", "--psf-um", "20", "--mixture", "-o", "@/out"],
      ["map", "@/twin/xcs.nxs", "-c", "@/cal.json", "-o", "@/out"],
      ["series", "@/twin/xcs.nxs", "@/twin/xcs.nxs", "-c", "@/cal.json", "-o", "@/out"],
      ["segment", "@/twin/xct.tif", "-o", "@/out.tif"], ["orient", "@/twin/xct.tif", "-o", "@/out"],
      ["pores", "@/twin/labels.tif", "-o", "@/out"],
      ["transport", "@/twin/labels.tif", "--phase", "0", "-o", "@/out.json"],
      ["register", "@/twin/xct.tif", "@/map/intensity.tif", "-o", "@/out.json"],
      ["resample", "@/map/li.tif", "--like", "@/twin/xct.tif", "-o", "@/out.tif"],
      [
        "correlate", "lithium=@/map/li.tif", "intensity=@/map/intensity.tif", "--replicates", "2000", "-o",
        "@/out",
      ],
      ["render", "@/twin/xct.tif", "--kind", "volume", "-o", "@/out.png"],
      ["render", "@/twin/xct.tif", "--kind", "surface", "-o", "@/out.png"],
      ["stack", "@/twin/xct.tif", "-o", "@/out"], ["export", "@/twin", "-o", "@/out"],
      ["report", "@/map", "-o", "@/out.html"],
      ["run", "@/twin/pipeline.yaml", "-o", "@/out"], ["inspect", "@/twin/xct.tif"],
      ["validate", "--voxels", "400", "--repeats", "40", "--case", "clean", "-o", "@/out"],
      ["import", "@/twin/xcs.nxs", "-o", "@/out.nxs"],
    ] + (Soak.isLong ? [["demo", "-o", "@/out"]] : [])

  @Test(arguments: commands) func endsByItself(_ command: [String]) throws {
    let folder = try Self.work.get().folder
    let arguments = command.map { $0.replacing("@", with: folder.path) } + ["-q"]
    var random = SeededGenerator(seed: UInt64(command.joined().utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
    let before = folder.entries
    func clear() throws {
      for name in folder.entries where !before.contains(name) {
        try FileManager.default.removeItem(atPath: folder.file(name))
      }
    }
    let start = ContinuousClock.now
    let whole = try Program.run(arguments, in: folder)
    let took = start.duration(to: .now) / .seconds(1)
    #expect(whole.status == 0, "\(whole.errors)")
    try clear()
    for _ in 0..<Soak.count(short: 1, long: 8) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Program.path)
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      let pipe = Pipe()
      process.standardError = pipe
      try process.run()
      Thread.sleep(forTimeInterval: max(0.1, took * Double.random(in: 0.15...0.85, using: &random)))
      let stopped = ContinuousClock.now
      if process.isRunning { kill(process.processIdentifier, SIGINT) }
      process.waitUntilExit()
      if Soak.isLong { print(command[0], stopped.duration(to: .now), process.terminationStatus) }
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      // Work that does not come to its end within five seconds is ended with another sentence. A machine that does
      // other things beside may need longer: the long form alone asserts it.
      if Soak.isLong { #expect(!text.contains("without waiting"), "\(command[0]): \(text)") }
      for name in folder.entries where !before.contains(name) {
        let inside = (try? FileManager.default.subpathsOfDirectory(atPath: folder.file(name))) ?? []
        let hidden = (inside + [name]).filter { $0.split(separator: "/").contains { $0.hasSuffix(".part") } }
        #expect(hidden.isEmpty, "\(command[0]) left \(hidden)")
      }
      try clear()
    }
  }
}
