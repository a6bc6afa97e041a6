import CVoxelith
import Foundation
import TestSupport
import Testing

/// Every operation ends soon after it is asked to, wherever it is then.
@Suite(.serialized) struct CancellationTests {
  private static let folder = Result { try Self.twin() }

  /// A twin with what operations need of it.
  private static func twin() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let shape = Soak.isLong ? "320, 320, 320" : "96, 96, 96"
    let made = CInterface.call(
      "simulate",
      #"{"output": "\#(folder.file("twin"))", "simulate": {"shape": [\#(shape)], "ratio": 16, "counts": 1e5}}"#
    )
    try #require(made.code == 0, "\(made.error ?? "")")
    let calibrated = CInterface.call("calibrate", files: [("standards", folder.file("twin/standards.yaml"))])
    try calibrated.report.write(toFile: folder.file("cal.json"), atomically: true, encoding: .utf8)
    let mapped = CInterface.call(
      "map", #"{"output": "\#(folder.file("map"))"}"#,
      files: [("spectra", folder.file("twin/xcs.nxs")), ("calibration", folder.file("cal.json"))])
    try #require(mapped.code == 0, "\(mapped.error ?? "")")
    return folder
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let operation: String
    var request = "{}"
    var files: [(String, String)] = []
    var testDescription: String { operation + " " + request }
  }

  private static let cases = [
    Case(operation: "simulate", request: #"{"output": "@/out", "simulate": {"shape": 64, "ratio": 8}}"#),
    Case(
      operation: "simulate",
      request:
        #"{"output": "@/out", "simulate": {"shape": 64, "ratio": 8, "psf_um": 12, "rotation_deg": [1, 2, 3], "mixture": true}}"#
    ),
    Case(operation: "calibrate", files: [("standards", "@/twin/standards.yaml")]),
    Case(operation: "map", files: [("spectra", "@/twin/xcs.nxs"), ("calibration", "@/cal.json")]),
    Case(
      operation: "map", request: #"{"map": {"denoise": "auto"}}"#,
      files: [("spectra", "@/twin/xcs.nxs"), ("calibration", "@/cal.json")]),
    Case(
      operation: "series", request: #"{"states": [{"name": "a"}, {"name": "b"}]}"#,
      files: [
        ("spectra.a", "@/twin/xcs.nxs"), ("spectra.b", "@/twin/xcs.nxs"), ("calibration", "@/cal.json"),
      ]),
    Case(operation: "inspect", files: [("file", "@/twin/xct.tif")]),
    Case(operation: "read", files: [("file", "@/twin/xct.tif")]),
    Case(operation: "read_spectra", files: [("spectra", "@/twin/xcs.nxs")]),
    Case(operation: "segment", files: [("volume", "@/twin/xct.tif")]),
    Case(operation: "orient", files: [("volume", "@/twin/xct.tif")]),
    Case(operation: "pores", files: [("labels", "@/twin/labels.tif")]),
    Case(
      operation: "transport", request: #"{"transport": {"phase": 0}}"#,
      files: [("labels", "@/twin/labels.tif")]),
    Case(
      operation: "transport", request: #"{"transport": {"phase": 0, "axes": "z"}, "flux": true}"#,
      files: [("labels", "@/twin/labels.tif")]),
    Case(
      operation: "register",
      files: [("moving", "@/twin/xct.tif"), ("fixed", "@/twin/xct.tif")]),
    Case(operation: "resample", files: [("volume", "@/map/li.tif"), ("like", "@/twin/xct.tif")]),
    Case(
      operation: "correlate", request: #"{"correlate": {"replicates": 2000}}"#,
      files: [("field.li", "@/map/li.tif"), ("field.intensity", "@/map/intensity.tif")]),
    Case(
      operation: "render",
      request: #"{"figure": {"panels": [{"kind": "volume", "file": "@/twin/xct.tif"}]}, "overwrite": true}"#,
      files: [("file", "@/figure.png")]),
    Case(
      operation: "render",
      request: #"{"figure": {"panels": [{"kind": "surface", "file": "@/twin/xct.tif"}]}, "overwrite": true}"#,
      files: [("file", "@/figure.png")]),
  ]

  private static func call(_ each: Case, in folder: TemporaryFolder) -> CInterface.Answer {
    try? FileManager.default.removeItem(atPath: folder.file("out"))
    func placed(_ text: String) -> String { text.replacing("@", with: folder.path) }
    return CInterface.call(
      each.operation, placed(each.request), files: each.files.map { ($0.0, placed($0.1)) }, threads: 1)
  }

  /// Work looks at least every second of processor time. How long a second is differs between machines: the long form
  /// alone asserts it.
  @Test(.enabled(if: Soak.isLong), arguments: cases)
  func looksOften(_ each: Case) throws {
    let folder = try Self.folder.get()
    let looks = Looks()
    var made: CInterface.Answer?
    try looks.watch { made = Self.call(each, in: folder) }
    #expect(made?.code == 0, "\(made?.error ?? "")")
    print(each.operation, looks.count, looks.longest, looks.place)
    #expect(looks.longest < 1, "\(looks.place)")
  }

  /// Stopped at any look, the answer is that it was stopped, and no broken file is left.
  @Test(arguments: cases)
  func stopsAnywhere(_ each: Case) throws {
    let folder = try Self.folder.get()
    let whole = Looks()
    try whole.watch { _ = Self.call(each, in: folder) }
    let complete = try content(of: folder.path)
    for name in ["figure.png", "out"] { try? FileManager.default.removeItem(atPath: folder.file(name)) }
    let before = try content(of: folder.path)
    let rounds = Soak.count(short: 3, long: 40)
    for round in 0..<rounds {
      let looks = Looks(stoppingAt: 1 + (whole.count - 1) * round / rounds)
      var made: CInterface.Answer?
      do {
        try looks.watch { made = Self.call(each, in: folder) }
        Issue.record("look \(round) of \(rounds) did not stop \(each.testDescription)")
      } catch {
        #expect("\(error)".contains("stopped on request"))
      }
      let isStopped = made.map { $0.code == VOXELITH_CANCELLED } ?? false
      #expect(isStopped, "\(made?.error ?? "") at \(round) of \(rounds)")
      #expect(made?.arrays.isEmpty == true)
      // What it left is whole: the file that a complete run writes.
      let after = try content(of: folder.path)
      let broken = differences(before, after).filter { after[$0] != complete[$0] }
      #expect(broken.isEmpty, "\(broken)")
    }
  }
}
