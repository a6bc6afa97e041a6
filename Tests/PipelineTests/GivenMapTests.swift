import Correlation
import Foundation
import Phantoms
import Pipeline
import Readers
import Registration
import Results
import TestSupport
import Testing
import Volumetry

/// Maps of other quantities beside lithium: put on the grid of the spectra with their errors, related, drawn, or refused.
@Suite(.serialized) struct GivenMapTests {
  /// A twin whose true transform is given, so that nothing is aligned.
  private final class Bench: Sendable {
    static let shared = Result { try Bench() }
    let folder: TemporaryFolder
    let coarse: Grid
    let fine: Grid

    init() throws {
      folder = try TemporaryFolder()
      var settings = TwinSettings()
      settings.seed = 4
      settings.isMixture = true
      settings.counts = 3e7
      settings.ratio = 4
      settings.rotation = SIMD3(1, 2, 3)
      fine = Grid(shape: Shape(z: 24, y: 32, x: 32), spacing: SIMD3(repeating: 5))
      let labels = try CathodePhantom(
        grid: fine, pores: .directional, binderFraction: 0.1, tilt: 20, seed: 4)
      try TwinFolder.write(
        try Twin(labels: labels, settings: settings, resources: Resources()), to: folder.file("twin"),
        overwrite: false, resources: Resources())
      coarse = try VolumeFile.open(folder.file("twin/truth/li.tif")).grid
    }

    /// A pipeline with these maps.
    func pipeline(_ maps: [PipelineFile.Entry], as name: String) throws -> Pipeline {
      let path = folder.file("twin/\(name).yaml")
      var file = try PipelineFile.read(folder.file("twin/pipeline.yaml"))
      file.given.transform = "truth/transform.json"
      file.correlate.replicates = 50
      file.maps = maps
      try file.write(to: path, overwrite: true)
      #expect(try PipelineFile.read(path).maps.map(\.map) == maps.map(\.map))
      return try Pipeline(path)
    }

    /// Runs a pipeline with these maps; what it wrote.
    func run(_ maps: [PipelineFile.Entry], to name: String) throws -> String {
      let results = folder.file(name)
      _ = try pipeline(maps, as: name).run(into: results, command: ["test"], resources: Resources())
      return results
    }

    func check(_ maps: [PipelineFile.Entry], as name: String) throws {
      _ = try PipelineCheck(try pipeline(maps, as: name), resources: Resources())
    }

    func save(_ volume: Volume<Float>, _ name: String) throws {
      let path = folder.file("twin/" + name)
      let writer = try TIFFVolumeWriter(path: path, grid: volume.grid, type: .float32, overwrite: true)
      try writer.write(.float32(volume.voxels), channel: 0, to: Region(whole: volume.shape))
      try writer.finish()
    }
  }

  private func entry(_ name: String, _ file: String, _ change: (inout GivenMapSettings) -> Void = { _ in })
    -> PipelineFile.Entry
  {
    var entry = PipelineFile.Entry(map: GivenMapSettings(), volume: VolumeInputSettings())
    entry.map.name = name
    entry.map.file = file
    entry.map.unit = "eV"
    change(&entry.map)
    return entry
  }

  @Test func mapsReachRelationsFiguresAndPage() throws {
    let bench = try Bench.shared.get()
    let truth = try VolumeFile.open(bench.folder.file("twin/truth/li.tif")).loadFloats()
    // A valence that falls with lithium, on the grid of the spectra, with errors.
    try bench.save(
      Volume(grid: bench.coarse, voxels: truth.voxels.map { 8 - 2 * $0 }), "valence.tif")
    try bench.save(Volume(grid: bench.coarse, repeating: 0.25), "valence_sigma.tif")
    // A ramp on the grid of the XCT along x, with errors of 1 everywhere.
    let ramp = Volume(
      grid: bench.fine,
      voxels: (0..<bench.fine.shape.count).map { Float($0 % bench.fine.shape.x) * 5 + 2.5 })
    try bench.save(ramp, "ramp.tif")
    try bench.save(Volume(grid: bench.fine, repeating: 1), "ones.tif")
    let results = try bench.run(
      [
        entry("valence", "valence.tif") { $0.sigma = "valence_sigma.tif" },
        entry("ramp", "ramp.tif") {
          $0.sigma = "ones.tif"
          $0.place = "xct"
        },
        entry("ramp_by_transform", "ramp.tif") { $0.place = "truth/transform.json" },
      ], to: "placed")
    let entries = try ResultFile.read([GivenMapFolder.Entry].self, results + "/maps/maps.json")
    #expect(entries.map(\.name) == ["valence", "ramp", "ramp_by_transform"])
    #expect(entries.map { $0.sigma != nil } == [true, true, false])

    // On the grid of the spectra nothing is changed.
    let valence = try VolumeFile.open(results + "/maps/valence.tif").loadFloats()
    #expect(
      zip(valence.voxels, truth.voxels).allSatisfy { ($0.isNaN && $1.isNaN) || $0 == 8 - 2 * $1 })
    #expect(entries[0].sigma == 0.25)

    // The mean of a ramp is its value at the voxel's middle; both ways of placing agree.
    let transform = try SpatialTransform.read(path: bench.folder.file("twin/truth/transform.json"))
    let placed = try VolumeFile.open(results + "/maps/ramp.tif").loadFloats()
    let again = try VolumeFile.open(results + "/maps/ramp_by_transform.tif").loadFloats()
    let shape = bench.coarse.shape
    var known = 0
    for z in 1..<(shape.z - 1) {
      for y in 2..<(shape.y - 2) {
        for x in 2..<(shape.x - 2) {
          let index = shape.index(z: z, y: y, x: x)
          guard !placed.voxels[index].isNaN else { continue }
          known += 1
          let middle =
            bench.coarse.origin + (SIMD3(Double(x), Double(y), Double(z)) + 0.5) * bench.coarse.spacing
          let expected = transform(middle).x
          let got = Double(placed.voxels[index])
          #expect(abs(got - expected) < 0.6, "\(index): \(got) and \(expected)")
        }
      }
    }
    #expect(known > 10)
    #expect(
      zip(placed.voxels, again.voxels).allSatisfy { ($0.isNaN && $1.isNaN) || abs($0 - $1) < 1e-3 })
    // 4 x 4 x 4 voxels with independent errors of 1.
    let sigma = try #require(entries[1].sigma)
    #expect(sigma > 0.12 && sigma < 0.16, "\(sigma)")

    // Valence against lithium is found, and is no descriptor of the structure.
    let report = try String(contentsOfFile: results + "/correlate/correlation.json", encoding: .utf8)
    #expect(report.contains("\"valence\""))
    let summary = try ResultFile.read(PipelineSummary.self, results + "/report/summary.json")
    let relation = try #require(summary.relations.first { $0.x == "valence" || $0.y == "valence" })
    // Both fields are so smooth that few voxels are independent: the interval is wide.
    #expect(relation.pearson.value < -0.8, "\(relation)")
    #expect(FileManager.default.fileExists(atPath: results + "/figures/maps.png"))
    let page = try String(contentsOfFile: results + "/report/report.html", encoding: .utf8)
    #expect(page.contains("valence"))
  }

  @Test(arguments: ["lithium", "depth", "two words", "a_sigma", "active_fraction", ""])
  func aNameThatCannotBe(_ name: String) throws {
    let bench = try Bench.shared.get()
    #expect(throws: VoxelithError.self) {
      try bench.check([entry(name, "truth/li.tif")], as: "refused")
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let bench = try Bench.shared.get()
    func message(_ entries: [PipelineFile.Entry]) throws -> String {
      do {
        try bench.check(entries, as: "refused-\(entries[0].map.name)")
      } catch let error as VoxelithError {
        return error.message + " " + (error.advice ?? "")
      }
      return "nothing"
    }
    #expect(try message([entry("no_unit", "truth/li.tif") { $0.unit = nil }]).contains("unit"))
    #expect(try message([entry("twice", "truth/li.tif"), entry("twice", "truth/li.tif")]).contains("name"))
    #expect(try message([entry("wrong_key", "truth/li.tif") { $0.quantity = "amount" }]).contains("quantity"))
    // The grid of the XCT has another number of voxels than that of the spectra, and other sides.
    let small = Grid(shape: Shape(z: 3, y: 4, x: 4), spacing: SIMD3(repeating: 5))
    try bench.save(Volume(grid: small, repeating: 1), "small.tif")
    #expect(try message([entry("small", "small.tif")]).contains("spans"))
    let wide = Grid(shape: bench.coarse.shape, spacing: 2 * bench.coarse.spacing)
    try bench.save(Volume(grid: wide, repeating: 1), "wide.tif")
    #expect(try message([entry("wide", "wide.tif")]).contains("size"))
  }
}
