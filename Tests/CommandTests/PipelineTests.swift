import Foundation
import TestSupport
import Testing
import Voxelith

/// The whole pipeline by its commands: from spectra and XCT to lithium on microstructure.
@Suite(.serialized) struct PipelineTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func summary(_ results: String) throws -> PipelineSummary {
    let data = try Data(contentsOf: URL(fileURLWithPath: results + "/report/summary.json"))
    return try JSONDecoder().decode(PipelineSummary.self, from: data)
  }

  private func simulate(_ options: [String]) throws -> String {
    let twin = folder.file("twin")
    let made = try Program.run(["simulate", "-o", twin, "-q"] + options, in: folder)
    try #require(made.status == 0, "\(made.errors)")
    return twin
  }

  /// Turned, shifted and blurred, in electrolyte and with binder.
  private func mixture() throws -> String {
    try simulate([
      "--shape", "56,72,72", "--ratio", "8", "--mixture", "--rotation=2,-1,3", "--translation=8,-6,4",
      "--psf-um", "8",
    ])
  }

  @Test func fractionsOfThePipelineBeatNone() throws {
    let twin = try mixture()
    let results = folder.file("results")
    let run = try Program.run(["run", twin + "/pipeline.yaml", "-o", results], in: folder)
    try #require(run.status == 0, "\(run.errors)")
    let summary = try summary(results)
    let alignment = try #require(summary.alignment?.truth)
    #expect(alignment.errorVoxels < 0.1)
    let before = try #require(summary.withoutFractions?.truth)
    let after = try #require(summary.lithium.truth)
    #expect(before.voxels == after.voxels && after.voxels > 100)
    #expect(abs(before.bias) > 0.5)
    #expect(abs(after.bias) < 0.02 * abs(before.bias))
    #expect((0.8...1.25).contains(after.pullSpread))
    let page = try String(contentsOfFile: results + "/report/report.html", encoding: .utf8)
    #expect(page.contains("as active material alone") && page.contains("mean error against the truth"))
    #expect(page.contains("relation_pore_angle_lithium.png"))
    let table = try String(contentsOfFile: results + "/correlate/voxels.csv", encoding: .utf8)
    let header = try #require(table.split(separator: "\n").first).split(separator: ",").map(String.init)
    for column in [
      "lithium[1]", "lithium_sigma[1]", "active_fraction[1]", "active_fraction_sigma[1]",
      "active_fraction_lithium_shared_error[1]", "pore_angle[deg]", "anisotropy[1]", "depth[um]",
    ] {
      #expect(header.contains(column), "\(column): \(header)")
    }
    // The file of fractions is what `map` takes.
    let channels = try VolumeFile.describe(results + "/fractions/fractions.tif").channels
    #expect(channels == 3)

    // Resume: nothing to do, then only what a change reaches.
    func resumed() throws -> [String: Bool] {
      struct Outcome: Decodable {
        let name: String
        let wasUpToDate: Bool
        enum CodingKeys: String, CodingKey {
          case name
          case wasUpToDate = "was_up_to_date"
        }
      }
      let again = try Program.run(
        ["run", twin + "/pipeline.yaml", "-o", results, "--resume", "--json", "-q"], in: folder)
      #expect(again.status == 0, "\(again.errors)")
      let list = try JSONDecoder().decode([Outcome].self, from: Data(again.output.utf8))
      return Dictionary(list.map { ($0.name, $0.wasUpToDate) }, uniquingKeysWith: { $1 })
    }
    #expect(try resumed().values.allSatisfy { $0 })
    let yaml = try String(contentsOfFile: twin + "/pipeline.yaml", encoding: .utf8)
    try (yaml + "fractions: {sigma: 0.01}\n").write(
      toFile: twin + "/pipeline.yaml", atomically: true, encoding: .utf8)
    let changed = try resumed()
    for (name, wasUpToDate) in changed {
      let isReached = ["fractions", "map", "correlate", "figures", "report"].contains(name)
      #expect(wasUpToDate == !isReached, "\(name)")
    }
    let unsure = try self.summary(results)
    #expect((unsure.fractions?.mapSigma ?? 0) >= 0.01)
    #expect((unsure.lithium.meanSigma ?? 0) > (summary.lithium.meanSigma ?? 1))
  }

  @Test(.enabled(if: SharedData.isPresent)) func realMicrostructure() throws {
    let twin = try simulate([
      "--labels", SharedData.path("nmc-nrel/nmc-1-cal_generatedCBD_bridge.tif"), "--voxel-size", "0.4",
      "--mixture", "--ratio", "20", "--rotation=2,-3,4", "--translation=3,-2,1.5", "--psf-um", "2",
    ])
    let yaml = try String(contentsOfFile: twin + "/pipeline.yaml", encoding: .utf8)
    try (yaml + "skip: [inspect, orient, correlate, figures]\n").write(
      toFile: twin + "/pipeline.yaml", atomically: true, encoding: .utf8)
    let results = folder.file("results")
    let run = try Program.run(["run", twin + "/pipeline.yaml", "-o", results, "-q"], in: folder)
    try #require(run.status == 0, "\(run.errors)")
    let summary = try summary(results)
    let before = try #require(summary.withoutFractions?.truth)
    let after = try #require(summary.lithium.truth)
    #expect(abs(before.bias) > 1 && abs(after.bias) < 0.02)
    #expect((0.8...1.25).contains(after.pullSpread))
    #expect((summary.alignment?.truth?.errorVoxels ?? 1) < 0.1)
  }

  @Test func checkTellsWhatARunTakes() throws {
    let twin = try simulate(["--shape", "16,24,24", "--ratio", "4", "--counts", "200000"])
    let check = try Program.run(["check", twin + "/pipeline.yaml"], in: folder)
    #expect(check.status == 0, "\(check.errors)")
    for word in ["register", "about MB", "left out", "not requested", "labels are given", "can run"] {
      #expect(check.output.contains(word), "\(check.output)")
    }
    let only = try Program.run(
      ["run", twin + "/pipeline.yaml", "-o", folder.file("r"), "--only", "map"], in: folder)
    #expect(only.status == 66 && only.errors.contains("'calibrate'"))
    let absent = try Program.run(
      ["run", twin + "/pipeline.yaml", "-o", folder.file("r"), "--only", "pores"], in: folder)
    #expect(absent.status == 64 && absent.errors.contains("not requested"))
  }

  @Test func pipelinesThatCannotRun() throws {
    let twin = try mixture()
    let good = try String(contentsOfFile: twin + "/pipeline.yaml", encoding: .utf8)
    func fails(_ yaml: String, says words: String..., status: Int32 = 65) throws {
      let path = twin + "/bad.yaml"
      try yaml.write(toFile: path, atomically: true, encoding: .utf8)
      let result = try Program.run(["check", path], in: folder)
      #expect(result.status == status, "\(result.errors)")
      #expect((1...2).contains(result.errorLines), "\(result.errors)")
      for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
    }
    try fails(good + "registration: {dof: 6}\n", says: "'registration' is not known", "register")
    try fails(
      good + "fractions: {sigmas: 0.1}\n", says: "'fractions.sigmas' is not known", "minimum_coverage")
    try fails(good + "pores:\n", says: "'pores' holds no keys", "pores: {}")
    try fails(good + "skip: [fraction]\n", says: "no stage 'fraction'", "fractions")
    try fails(good + "transport: {axes: abc}\n", says: "transport.axes")
    try fails(good + "fractions: {sigma: -1}\n", says: "fractions.sigma")
    try fails(
      good.replacing("electrolyte: 0", with: "electrolyt: 0"), says: "no component 'electrolyt'",
      "electrolyte")
    try fails(good.replacing("electrolyte: 0", with: "electrolyte: 1"), says: "one label")
    try fails(good.replacing("xct: xct.tif", with: "xct: none.tif"), says: "'xct' is not there", status: 66)
    try fails(
      good.replacing("labels: labels.tif", with: "labels: truth/li.tif"),
      says: "the voxels of the labels measure", "those of the XCT")
    try fails(good.replacing("truth: truth/li.tif", with: "truth: labels.tif"), says: "inputs.truth")
  }
}
