import Foundation
import TestSupport
import Testing
import Voxelith

/// Numbers beyond their ranges are refused at the door of every command, and slips of the pen in standards are told.
@Suite(.serialized) struct NumberDoorTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func refuses(_ arguments: [String], with status: Int32) throws {
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == status, "\(arguments): \(result.status) \(result.errors)")
  }

  @Test func options() throws {
    let map = ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("m"), "-q"]
    for (option, values) in [
      ("--pinhole-distance", ["1e-300", "1e300"]), ("--may-differ", ["gain=1e300", "gain=1e-300"]),
      ("--denoise", ["1e-300", "1e300"]), ("--bin-to-counts", ["1e300", "1e-300"]),
      ("--bin-to-sigma", ["1e-300", "1e300"]), ("--counts-per-unit", ["1e-300", "1e300"]),
      ("--live-time", ["1e-300", "1e300"]),
    ] {
      for value in values {
        let more = option == "--pinhole-distance" ? ["--pixel-pitch", "0.25"] : []
        try refuses(map + [option, value] + more, with: 64)
      }
    }
    try refuses(map + ["--pinhole-distance", "100", "--pixel-pitch", "1e300"], with: 64)
    let simulate = ["simulate", "--shape", "16,16,16", "--ratio", "8", "-o", folder.file("s"), "-q"]
    for (option, value) in [
      ("--resolution", "1e-9"), ("--resolution", "0"), ("--lithium", "0.5,1e9,1e9"), ("--lithium", "1e9,0,0"),
    ] {
      try refuses(simulate + [option, value], with: 64)
    }
    for value in ["1e-300", "1e300"] {
      try refuses(
        [
          "segment", twin.path("xct.tif"), "-o", folder.file("l.tif"), "--denoise", "nlm", "--strength",
          value,
        ],
        with: 64)
    }
    #expect(folder.entries.isEmpty, "\(folder.entries)")
  }

  @Test func standards() throws {
    let text = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
      .replacing("standards/", with: twin.path("standards/"))
    let time = try #require(text.firstMatch(of: /live_time_s: ([0-9.]+)/)).1
    func refuses(_ changed: String, saying words: String) throws {
      #expect(changed != text)
      let path = folder.file("s.yaml")
      try changed.write(toFile: path, atomically: true, encoding: .utf8)
      let result = try Program.run(["calibrate", path, "-o", folder.file("c.json"), "-q"], in: folder)
      #expect(
        result.status == 65 && result.errors.contains(words), "\(words): \(result.status) \(result.errors)")
    }
    for value in ["1e-9", "0", "800"] {
      try refuses(
        text.replacing(/energy_resolution_keV: .*/, with: "energy_resolution_keV: \(value)"),
        saying: "energy_resolution_keV")
    }
    for value in ["1e-300", "1e300", "0", "-1"] {
      try refuses(
        text.replacing("live_time_s: \(time)", with: "live_time_s: \(value)", maxReplacements: 1),
        saying: "live_time_s")
    }
    // Milliseconds for seconds, in either direction.
    for factor in [1000.0, 0.001] {
      try refuses(
        text.replacing(
          "live_time_s: \(time)", with: "live_time_s: \((Double(time) ?? 0) * factor)", maxReplacements: 1),
        saying: "check its live_time_s")
    }
    try refuses(
      text.replacing("standards/s1.csv", with: "standards/s0.csv"), saying: "have the same spectrum")
    // A calibration of a format that cannot be.
    let calibration = try String(contentsOfFile: twin.calibration, encoding: .utf8)
    for value in ["-1000000", "0"] {
      let path = folder.file("c\(value).json")
      try calibration.replacing(/"format_version" : [0-9]+/, with: "\"format_version\" : \(value)").write(
        toFile: path, atomically: true, encoding: .utf8)
      let result = try Program.run(
        ["map", twin.path("xcs.nxs"), "-c", path, "-o", folder.file("m"), "-q"], in: folder)
      #expect(result.status == 65 && result.errors.contains("format_version"), "\(result.errors)")
    }
  }
}
