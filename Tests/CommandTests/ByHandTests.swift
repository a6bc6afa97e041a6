import Foundation
import TestSupport
import Testing
import Voxelith

/// The commands, given by hand what a stage is given, write the bytes of the stage.
@Suite(.serialized) struct ByHandTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String]) throws -> Program {
    let result = try Program.run(arguments, in: folder)
    try #require(result.status == 0, "\(arguments): \(result.errors)")
    return result
  }

  /// Compares files of a stage with those of a command, by pairs of names.
  private func same(_ stage: String, _ names: [(String, String)]) {
    for (mine, theirs) in names {
      let first = FileManager.default.contents(atPath: folder.file("results/\(stage)/\(mine)"))
      let second = FileManager.default.contents(atPath: folder.file(theirs))
      #expect(first != nil && first == second, "\(stage): \(mine) and \(theirs) differ")
    }
  }

  @Test func everyStageOfAPipeline() throws {
    let twin = folder.file("twin")
    _ = try run([
      "simulate", "--shape", "32,48,48", "--ratio", "8", "--mixture", "--rotation=2,-1,3",
      "--translation=4,-3,2", "--psf-um", "8", "-o", twin, "-q",
    ])
    let yaml = twin + "/pipeline.yaml"
    let text = try String(contentsOfFile: yaml, encoding: .utf8)
    try (text + "pores: {}\ntransport: {axes: z}\norient: {stride: 2}\n").write(
      toFile: yaml, atomically: true, encoding: .utf8)
    _ = try run(["run", yaml, "-o", folder.file("results"), "-q"])
    let results = folder.file("results")
    let (xcs, xct, labels) = (twin + "/xcs.nxs", twin + "/xct.tif", twin + "/labels.tif")
    let calibration = results + "/calibrate/calibration.json"
    func out(_ name: String) -> [String] { ["-o", folder.file(name), "-q"] }

    _ = try run(["calibrate", twin + "/standards.yaml"] + out("cal.json"))
    same("calibrate", [("calibration.json", "cal.json")])
    _ = try run(
      ["orient", xct, "--mask", labels, "--mask-label", "0", "--mask-role", "phase", "--stride", "2"]
        + out("orient"))
    let maps = ["orientation.tif", "anisotropy.tif", "orientation.json"]
    same("orient", maps.map { ($0, "orient/" + $0) })
    _ = try run(["pores", labels, "--phase", "0"] + out("pores"))
    same("pores", ["pores.json", "thickness.tif"].map { ($0, "pores/" + $0) })
    _ = try run(["transport", labels, "--phase", "0", "--axes", "z"] + out("transport.json"))
    same("transport", [("transport.json", "transport.json")])
    let lithium = [
      "li.tif", "li_sigma.tif", "intensity.tif", "ratio.tif", "deviance.tif", "mask.tif", "map.json",
    ]
    _ = try run(["map", xcs, "-c", calibration] + out("plain"))
    same("map-plain", lithium.map { ($0, "plain/" + $0) })
    let live = try SpectralFile.open(xcs, options: SpectralOpenOptions()).acquisition.liveTime ?? 1
    let width = PipelineFileValue.pointSpread(try PipelineFile.read(yaml))
    _ = try run(
      [
        "register", xct, folder.file("plain/intensity.tif"), "-c", calibration, "--live-time", "\(live)",
        "--psf-um", width, "--error-map", folder.file("error.tif"),
      ] + out("transform.json"))
    same("register", [("transform.json", "transform.json"), ("transform.tfm", "transform.tfm")])
    same("register", [("error.tif", "error.tif")])
    let report = try JSONDecoder().decode(
      FractionReport.self,
      from: Data(contentsOf: URL(fileURLWithPath: results + "/fractions/fractions.json"))
    )
    _ = try run(
      [
        "map", xcs, "-c", calibration, "--fractions", results + "/fractions/fractions.tif",
        "--fraction-sigma", "\(report.mapSigma)",
      ] + out("map"))
    same("map", lithium.map { ($0, "map/" + $0) })
    // What is inspected goes to standard output.
    let inspected = try run(["inspect", xcs, xct, labels, "--json"])
    let decoded = try JSONDecoder().decode([InspectReport].self, from: Data(inspected.output.utf8))
    let stage = try JSONDecoder().decode(
      [InspectReport].self, from: Data(contentsOf: URL(fileURLWithPath: results + "/inspect/inspect.json")))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try encoder.encode(decoded) == encoder.encode(stage))
  }
}

private enum PipelineFileValue {
  static func pointSpread(_ file: PipelineFile) -> String {
    let width = file.register.pointSpread?.vector ?? .zero
    return "\(width.z),\(width.y),\(width.x)"
  }
}
