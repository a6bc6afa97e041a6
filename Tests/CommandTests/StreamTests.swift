import Foundation
import TestSupport
import Testing
import Voxelith

/// Standard output that nobody reads or that is full, folders that are missing, options that cannot be used: for every command.
@Suite(.serialized) struct StreamTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func calls(_ place: String) throws -> [EveryCommand.Call] {
    let calls = try EveryCommand(twin, in: folder, place: place).calls
    // The demonstration takes a minute.
    guard Soak.isLong else { return calls }
    let demo = folder.file(place + "demo")
    return calls + [.init(arguments: ["demo", "-o", demo], result: demo + "/results/report/report.html")]
  }

  private func shell(_ script: String, _ arguments: [String]) throws -> (status: Int32, log: String) {
    let result = try ExternalTools.run(
      "/bin/sh", ["-c", script, "sh", Program.path] + arguments, in: folder.path)
    return (result.status, result.log)
  }

  private func isThere(_ path: String?) -> Bool {
    path.map { FileManager.default.fileExists(atPath: $0) } ?? true
  }

  @Test func nobodyReads() throws {
    for item in try calls("") {
      let status = folder.file(".status")
      let made = try shell("{ \"$@\"; echo $? > \(status); } | true", item.arguments)
      let number = try? String(contentsOfFile: status, encoding: .utf8)
      #expect(
        number?.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "\(item.name): \(made.log)")
      #expect(isThere(item.result), "\(item.name)")
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullStandardOutput() throws {
    for item in try calls("full-") {
      let made = try shell("exec \"$@\" > /dev/full", item.arguments)
      #expect(made.status == 74 && made.log.contains("standard output"), "\(item.name): \(made)")
      #expect(isThere(item.result), "\(item.name)")
    }
  }

  @Test func missingFoldersAreMade() throws {
    for item in try calls("a/b/") where item.result != nil && item.name != "merge" {
      let made = try Program.run(item.arguments + ["-q"], in: folder)
      #expect(made.status == 0 && isThere(item.result), "\(item.name): \(made.errors)")
    }
  }

  @Test func unusableOptionsAreRefused() throws {
    let (li, labels) = (twin.path("truth/li.tif"), twin.path("labels.tif"))
    let (xcs, out) = (twin.path("xcs.nxs"), ["-o", folder.file("x")])
    for arguments in [
      ["render", li, "-o", folder.file("x.png"), "--level", "0.5"],
      ["render", li, "-o", folder.file("x.png"), "--kind", "histogram", "--slice", "3"],
      ["render", li, "-o", folder.file("x.png"), "--kind", "profile", "--bins", "3"],
      ["render", li, "-o", folder.file("x.png"), "--opacity", "0.5"],
      ["render", li, "-o", folder.file("x.png"), "--pixels", "100"],
      ["render", li, "-o", folder.file("x.png"), "--times", "0"],
      ["render", labels, "-o", folder.file("x.ply"), "--kind", "surface", "--phase", "0", "--dpi", "100"],
      ["stack", li, "-o", folder.file("x.zarr"), "--format", "zarr", "--bits", "8"],
      ["orient", twin.path("xct.tif"), "--fill"] + out, ["pores", labels, "--raw-offset", "5"] + out,
      ["pores", labels, "--no-correlation", "--correlation-reach", "5"] + out,
      ["segment", twin.path("xct.tif"), "-o", folder.file("x.tif"), "--strength", "2"],
      ["segment", twin.path("xct.tif"), "-o", folder.file("x.tif"), "--sweep-metrics", "porosity"],
      ["map", xcs, "-c", twin.calibration, "--fraction-sigma", "0.1"] + out,
      ["map", xcs, "-c", twin.calibration, "--pinhole-flipped"] + out,
      ["resample", li, "--like", li, "-o", folder.file("x.tif"), "--inverse"],
      ["plan", twin.calibration, "--target", "0.1", "--live-time", "5"],
      ["register", li, li, "-o", folder.file("x.json"), "--live-time", "5"],
      ["transport", labels, "--phase", "0", "-o", folder.file("x.json"), "--local-voxel-um", "20"],
    ] {
      let result = try Program.run(arguments, in: folder)
      #expect(result.status == 64, "\(arguments): \(result.status) \(result.errors)")
    }
    // A label that no voxel has is seen in the file.
    let unknown = try Program.run(
      ["transport", labels, "--conductivity", "7=2", "--axes", "z", "-o", folder.file("x.json")], in: folder)
    #expect(unknown.status == 65 && unknown.errors.contains("7"), "\(unknown.errors)")
    let left = folder.entries.filter { !$0.hasPrefix(".") }
    #expect(left.isEmpty, "\(left)")
  }

  /// ImageJ's 0/255 and 0/1 binaries are labels as they are; nothing is outside unless somebody says so.
  @Test func binariesWorkAsTheyAre() throws {
    let grid = Grid(shape: Shape(z: 10, y: 10, x: 10), spacing: SIMD3(repeating: 1))
    // Porosity 0.6: six of ten columns.
    func porosity(_ name: String, solid: UInt8, _ options: [String]) throws -> Double {
      let path = folder.file(name)
      if !FileManager.default.fileExists(atPath: path) {
        let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .uint8)
        try writer.write(.uint8((0..<1000).map { $0 % 10 < 6 ? 0 : solid }), to: Region(whole: grid.shape))
        try writer.finish()
      }
      let folder = self.folder.file("out-\(name)-\(options.joined())")
      let made = try Program.run(
        ["pores", path, "-o", folder, "--no-thickness", "--no-correlation", "-q"] + options, in: self.folder)
      try #require(made.status == 0, "\(made.errors)")
      let report = try JSONDecoder().decode(
        PoreReport.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/pores.json")))
      return report.porosity.porosity
    }
    #expect(try porosity("a.tif", solid: 255, ["--phase", "0"]) == 0.6)
    #expect(try porosity("a.tif", solid: 255, ["--phase", "255"]) == 0.4)
    #expect(try porosity("b.tif", solid: 1, ["--phase", "0"]) == 0.6)
    #expect(try porosity("a.tif", solid: 255, ["--phase", "0", "--outside", "255"]) == 1)
  }

  /// Labels of `segment --mask` say themselves what lies outside.
  @Test func masksOfASegmentationAreKnown() throws {
    let grid = Grid(shape: Shape(z: 4, y: 10, x: 10), spacing: SIMD3(repeating: 1))
    func write(_ name: String, _ value: (Int) -> UInt8) throws -> String {
      let writer = try TIFFVolumeWriter(path: folder.file(name), grid: grid, type: .uint8)
      try writer.write(.uint8((0..<400).map(value)), to: Region(whole: grid.shape))
      try writer.finish()
      return folder.file(name)
    }
    // Half of the volume counts; half of that is dark.
    let grey = try write("grey.tif") { $0 % 10 < 5 ? ($0 / 10 % 2 == 0 ? 20 : 200) : 20 }
    let mask = try write("mask.tif") { $0 % 10 < 5 ? 1 : 0 }
    let labels = folder.file("seg/labels.tif")
    let made = try Program.run(
      ["segment", grey, "-o", labels, "--mask", mask, "--thresholds", "100", "-q"], in: folder)
    try #require(made.status == 0, "\(made.errors)")
    let pores = try Program.run(
      ["pores", labels, "-o", folder.file("p"), "--no-thickness", "--no-correlation"], in: folder)
    try #require(pores.status == 0, "\(pores.errors)")
    #expect(pores.output.contains("0.5000") && pores.errors.contains("255"), "\(pores.output)\(pores.errors)")
  }
}
