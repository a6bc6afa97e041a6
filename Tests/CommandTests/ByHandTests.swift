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

  /// Writes one column of the stage's table as a volume, on the grid of the map.
  private func column(_ name: String, of table: [[String]]) throws -> String {
    let grid = try VolumeFile.open(folder.file("results/map/li.tif")).grid
    let header = table[0].map { String($0.prefix { $0 != "[" }) }
    let place = try #require(header.firstIndex(of: name))
    let (z, y, x) = (
      try #require(header.firstIndex(of: "z_index")), try #require(header.firstIndex(of: "y_index")),
      try #require(header.firstIndex(of: "x_index"))
    )
    var values = [Float](repeating: .nan, count: grid.shape.count)
    for row in table.dropFirst() {
      let at = grid.shape.index(z: Int(row[z]) ?? 0, y: Int(row[y]) ?? 0, x: Int(row[x]) ?? 0)
      values[at] = Float(row[place]) ?? .nan
    }
    let path = folder.file(name + ".tif")
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32, overwrite: true)
    try writer.write(.float32(values), to: Region(whole: grid.shape))
    try writer.finish()
    return path
  }

  @Test func everyStageOfAPipeline() throws {
    let twin = folder.file("twin")
    _ = try run([
      "simulate", "--shape", "56,72,72", "--ratio", "8", "--mixture", "--rotation=2,-1,3",
      "--translation=8,-6,4", "--psf-um", "8", "-o", twin, "-q",
    ])
    let yaml = twin + "/pipeline.yaml"
    let text = try String(contentsOfFile: yaml, encoding: .utf8)
    // Lithium of another fit is made by the pipeline alone.
    try (text + "pores: {}\ntransport: {axes: z}\norient: {stride: 2}\ncorrelate: {cross_check: false}\n")
      .write(
        toFile: yaml, atomically: true, encoding: .utf8)
    let results = folder.file("results")
    _ = try run(["run", yaml, "-o", results, "-q"])
    let (xcs, xct, labels) = (twin + "/xcs.nxs", twin + "/xct.tif", twin + "/labels.tif")
    let calibration = results + "/calibrate/calibration.json"
    func out(_ name: String) -> [String] { ["-o", folder.file(name), "-q"] }

    _ = try run(["calibrate", twin + "/standards.yaml"] + out("cal.json"))
    same("calibrate", [("calibration.json", "cal.json")])
    _ = try run(
      ["orient", xct, "--mask", labels, "--mask-label", "0", "--mask-role", "phase", "--stride", "2"]
        + out("orient"))
    same("orient", ["orientation.tif", "anisotropy.tif", "orientation.json"].map { ($0, "orient/" + $0) })
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
    let fractions = results + "/fractions/fractions.tif"
    let report = try JSONDecoder().decode(
      FractionReport.self,
      from: Data(contentsOf: URL(fileURLWithPath: results + "/fractions/fractions.json")))
    _ = try run(
      [
        "map", xcs, "-c", calibration, "--fractions", fractions, "--fraction-sigma", "\(report.mapSigma)",
      ] + out("map"))
    // The errors of the mean that fractions and alignment have in common are known to the pipeline alone.
    same("map", lithium.filter { $0 != "map.json" }.map { ($0, "map/" + $0) })

    // Lithium against what the stages before have made; the errors that only the pipeline knows come from its table.
    let csv = try String(contentsOfFile: results + "/correlate/voxels.csv", encoding: .utf8)
    let table = csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let names = table[0].dropFirst(6).map { String($0.prefix { $0 != "[" }) }
    let units = Dictionary(
      uniqueKeysWithValues: table[0].dropFirst(6).map { text in
        (String(text.prefix { $0 != "[" }), String(text.drop { $0 != "[" }.dropFirst().dropLast()))
      })
    let quantities = names.filter { !$0.hasSuffix("_sigma") && !$0.hasSuffix("_shared_error") }
    var arguments = ["correlate"]
    for name in quantities {
      let file: String
      switch name {
      case "lithium": file = results + "/map/li.tif"
      case "active_fraction": file = fractions + "[0]"
      case "electrolyte_fraction", "carbon_binder_fraction":
        file = fractions + (names.firstIndex(of: name) == 2 ? "[1]" : "[2]")
      case "porosity": file = results + "/fractions/porosity.tif"
      default: file = results + "/fields/\(name).tif"
      }
      arguments.append("\(name)=\(file)@\(units[name] ?? "1")")
    }
    arguments += ["--mask", "lithium=" + results + "/map/mask.tif", "--explain", "lithium"]
    for name in names where name.hasSuffix("_sigma") {
      arguments += ["--sigma", "\(name.dropLast("_sigma".count))=\(try column(name, of: table))"]
    }
    for name in names where name.hasSuffix("_lithium_shared_error") {
      let field = name.dropLast("_lithium_shared_error".count)
      arguments += ["--shared-error", "\(field),lithium=\(try column(name, of: table))"]
    }
    for name in quantities.dropFirst() { arguments += ["--pair", "\(name),lithium"] }
    _ = try run(arguments + out("correlate"))
    for name in try FileManager.default.contentsOfDirectory(atPath: results + "/correlate")
    where !["provenance.json", "stage.json"].contains(name) {
      same("correlate", [(name, "correlate/" + name)])
    }

    // What is inspected goes to standard output.
    let inspected = try run(["inspect", xcs, xct, labels, "--json"])
    let decoded = try JSONDecoder().decode([InspectReport].self, from: Data(inspected.output.utf8))
    let stage = try JSONDecoder().decode(
      [InspectReport].self, from: Data(contentsOf: URL(fileURLWithPath: results + "/inspect/inspect.json")))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try encoder.encode(decoded) == encoder.encode(stage))
  }

  /// The labels of a pipeline that finds them are those of `segment`.
  @Test func segmentOfAPipeline() throws {
    let twin = folder.file("twin")
    _ = try run([
      "simulate", "--shape", "24,32,32", "--ratio", "8", "--counts", "1e4", "-o", twin, "-q",
    ])
    let yaml = folder.file("pipeline.yaml")
    try """
    inputs: {xcs: \(twin)/xcs.nxs, standards: \(twin)/standards.yaml, xct: \(twin)/xct.tif}
    segment: {denoise: median, minimum_island_voxels: 4}
    """.write(toFile: yaml, atomically: true, encoding: .utf8)
    _ = try run(["run", yaml, "-o", folder.file("results"), "--only", "segment", "-q"])
    _ = try run(
      [
        "segment", twin + "/xct.tif", "--denoise", "median", "--minimum-island", "4", "-o",
        folder.file("labels.tif"), "-q",
      ])
    same("segment", [("labels.tif", "labels.tif"), ("segment.json", "segment.json")])
  }
}

private enum PipelineFileValue {
  static func pointSpread(_ file: PipelineFile) -> String {
    let width = file.register.pointSpread?.vector ?? .zero
    return "\(width.z),\(width.y),\(width.x)"
  }
}
