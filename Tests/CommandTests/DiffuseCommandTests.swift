import Foundation
import TestSupport
import Testing
import Voxelith

/// `diffuse` from the spectra of a twin to its diffusivities.
@Suite struct DiffuseCommandTests {
  /// Pores of a twin hinder lithium; what the maps of its states say is what the pores let expect.
  @Test(arguments: ["directional", "isotropic"]) func fromTwinToDiffusivity(_ preset: String) throws {
    let folder = try TemporaryFolder()
    func run(_ arguments: [String]) throws -> Program {
      let result = try Program.run(arguments, in: folder)
      #expect(result.status == 0, "\(arguments): \(result.errors)")
      return result
    }
    let (twin, calibration, series) = (folder.file("twin"), folder.file("c.json"), folder.file("series"))
    _ = try run([
      "simulate", "--preset", preset, "--shape", "80,96,96", "--ratio", "8", "--diffusivity", "10",
      "--counts",
      "1e6", "-o", twin,
    ])
    _ = try run(["calibrate", twin + "/standards.yaml", "-o", calibration])
    _ = try run(["series", twin + "/series.yaml", "-c", calibration, "-o", series])
    let result = try run([
      "diffuse", series, "-o", folder.file("out"), "--transport", twin + "/truth/transport.json",
      "--free-diffusivity", "10",
    ])
    struct Truth: Decodable {
      let depth: Double
      let plane: Double
      let ratio: Double

      enum CodingKeys: String, CodingKey {
        case depth = "depth_um2_per_s"
        case plane = "plane_um2_per_s"
        case ratio = "plane_over_depth"
      }
    }
    let truth = try JSONDecoder().decode(
      Truth.self, from: Data(contentsOf: URL(fileURLWithPath: twin + "/truth/diffusivity.json")))
    let report = try JSONDecoder().decode(
      DiffusivityReport.self,
      from: Data(contentsOf: URL(fileURLWithPath: folder.file("out/diffusivity.json"))))
    let region = try #require(report.regions.first)
    /// Deviation over its error; far off where there is no value.
    func pull(_ value: UncertainValue?, _ truth: Double) -> Double {
      guard let number = value?.value, let sigma = value?.sigma else { return 1e9 }
      return log(number / truth) / (sigma / number)
    }
    #expect(abs(pull(region.diffusivity["depth"], truth.depth)) < 3)
    #expect(abs(pull(region.diffusivity["plane"], truth.plane)) < 3)
    #expect(abs((region.planeOverDepth?.value ?? 0) / truth.ratio - 1) < 0.15)
    #expect(abs(pull(region.prediction?.anisotropyOverPredicted, 1)) < 3)
    #expect(abs(pull(region.prediction?.overPredicted?["depth"], 1)) < 3)
    #expect(report.test.verdict == .described)
    #expect(preset == "isotropic" || truth.ratio < 0.6)
    if preset == "isotropic" {
      // The stage of a pipeline makes the same file, with what its own transport says of the pores, and the page shows it.
      try """
      inputs: {xcs: xcs.nxs, standards: standards.yaml, labels: labels.tif}
      transport: {}
      diffuse: {series: ../series, free_diffusivity_um2_per_s: 10}
      skip: [orient, map-plain, register, fractions, fields, correlate, figures]
      """.write(toFile: twin + "/diffuse.yaml", atomically: true, encoding: .utf8)
      _ = try run(["run", twin + "/diffuse.yaml", "-o", folder.file("results")])
      func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
      }
      for name in ["diffusivity.json", "model.tif", "diffusivity.png"] {
        #expect(try bytes("results/diffuse/" + name) == bytes("out/" + name), "\(name)")
      }
      let page = try String(contentsOfFile: folder.file("results/report/report.html"), encoding: .utf8)
      for words in ["Diffusion of lithium", "measured over predicted", "ratio predicted from the pores"] {
        #expect(page.contains(words), "\(words)")
      }
      let again = try run(["run", twin + "/diffuse.yaml", "-o", folder.file("results"), "--resume", "--json"])
      #expect(again.output.contains("\"was_up_to_date\" : true"))
    }
    #expect(result.output.contains("diffusivity, depth") && result.output.contains("measured over predicted"))
  }

  @Test func refusals() throws {
    let folder = try TemporaryFolder()
    for (arguments, status) in [
      (["diffuse", "none", "-o", "out"], Int32(66)), (["diffuse", "none", "-o", "out", "--at", "0h,x"], 64),
      (["diffuse", "none", "-o", "out", "--rate", "0.1"], 64),
      (["diffuse", "none", "-o", "out", "--boundary", "closed", "--boundary-x", "0.2"], 64),
      (["diffuse", "none", "-o", "out", "--layers", "0"], 64),
      (["simulate", "-o", "t", "--exchange", "2"], 64), (["simulate", "-o", "t", "--at", "0h,1h"], 64),
      (["simulate", "-o", "t", "--diffusivity", "-2"], 64),
      (["simulate", "-o", "t", "--diffusivity", "2", "--lithium", "0.5,0.2,0.1"], 64),
    ] as [([String], Int32)] {
      let result = try Program.run(arguments, in: folder)
      #expect(result.status == status, "\(arguments): \(result.status) \(result.errors)")
    }
  }
}
