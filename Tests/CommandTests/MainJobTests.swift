import Foundation
import TestSupport
import Testing
import Voxelith

/// The main job by its commands: simulate, calibrate, map, run.
@Suite struct MainJobTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  @Test(arguments: MapMethod.allCases) func everyMethodFindsTheTruth(method: MapMethod) throws {
    let output = folder.file("map")
    let result = try Program.run(
      ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", output, "--method", method.rawValue],
      in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let comparison = try TruthComparison(
      map: try VolumeFile.open(output + "/li.tif"), sigma: try VolumeFile.open(output + "/li_sigma.tif"),
      truth: try VolumeFile.open(twin.path("truth/li.tif")))
    #expect(comparison.voxels > 100)
    #expect(abs(comparison.pullMean) < 0.35 && abs(comparison.pullSpread - 1) < 0.2)
    let grid = try VolumeFile.open(output + "/li.tif").grid
    #expect(grid.spacing == SIMD3(repeating: 20) && grid.hasKnownSpacing)
  }

  @Test func threadsAndMemoryDoNotShow() throws {
    var hashes: Set<[String]> = []
    for (index, options) in [
      ["--threads", "1"], ["--threads", "3", "--memory", "16M"], ["--threads", "2"],
    ].enumerated() {
      let output = folder.file("map\(index)")
      let result = try Program.run(
        ["map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", output] + options, in: folder)
      #expect(result.status == 0)
      hashes.insert(
        try (MapFolder.floatFiles + ["mask.tif", "map.json"]).map { try SHA256.of(file: output + "/" + $0) })
    }
    #expect(hashes.count == 1)
  }

  @Test func standardsMayComeInAnyOrder() throws {
    let yaml = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
    var lines = yaml.split(separator: "\n").map(String.init)
    let entries = lines.indices.filter { lines[$0].contains("{file: standards/s") }
    #expect(entries.count == 5)
    let turned = entries.reversed().map { lines[$0] }
    for (place, line) in zip(entries, turned) { lines[place] = line }
    let reordered = lines.joined(separator: "\n")
    let path = twin.path("reordered-\(UUID().uuidString).yaml")
    try reordered.write(toFile: path, atomically: true, encoding: .utf8)
    let result = try Program.run(["calibrate", path, "-o", folder.file("c.json")], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("not in the order of x"))
    let ordered = try CalibrationFile.read(twin.calibration)
    let sorted = try CalibrationFile.read(folder.file("c.json"))
    #expect(ordered.methods.profile.slope == sorted.methods.profile.slope)
  }

  @Test func voxelsWithoutCountsAreMasked() throws {
    let measured = try SpectralFile.open(twin.path("xcs.nxs"))
    let bins = measured.energy.count
    let good = try measured.readCounts(Region(whole: measured.grid.shape)).chunked(by: bins)
      .max { $0.reduce(0, +) < $1.reduce(0, +) }
    let grid = Grid(shape: Shape(z: 1, y: 1, x: 4), spacing: .one)
    func write(_ voxels: [[Float]], to path: String) throws {
      let writer = try NexusSpectralWriter(
        path: path, grid: grid, energy: measured.energy, acquisition: measured.acquisition, type: .float32)
      try writer.write(voxels.flatMap { $0 }, to: Region(whole: grid.shape))
      try writer.finish()
    }
    let empty = [Float](repeating: 0, count: bins)
    var (faint, negative) = (empty, empty)
    faint[0] = 3
    negative[100] = -1
    let path = folder.file("part.nxs")
    try write([empty, faint, negative, try #require(good)], to: path)
    let result = try Program.run(["map", path, "-c", twin.calibration, "-o", folder.file("m")], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let mask = try VolumeFile.open(folder.file("m/mask.tif")).loadLabels().voxels
    #expect(mask[0] == VoxelStatus.empty.rawValue && mask[2] == VoxelStatus.badCounts.rawValue)
    #expect(mask[1] == VoxelStatus.tooFewCounts.rawValue || mask[1] == VoxelStatus.empty.rawValue)
    #expect(mask[3] == 0)
    let x = try VolumeFile.open(folder.file("m/li.tif")).loadFloats().voxels
    #expect(x[..<3].allSatisfy(\.isNaN) && x[3].isFinite)
    // Where no voxel has a value there is no map.
    let nothing = folder.file("empty.nxs")
    try write([empty, faint, negative, empty], to: nothing)
    let none = try Program.run(["map", nothing, "-c", twin.calibration, "-o", folder.file("n")], in: folder)
    #expect(none.status == 65 && none.errors.contains("no voxel"), "\(none.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("n/li.tif")))
  }

  @Test func pipelineResumes() throws {
    let output = folder.file("results")
    let arguments = ["run", twin.path("pipeline.yaml"), "-o", output]
    #expect(try Program.run(arguments, in: folder).status == 0)
    let first = try SHA256.of(file: output + "/map/li.tif")
    #expect(try Program.run(arguments, in: folder).status == 73)
    let again = try Program.run(arguments + ["--resume"], in: folder)
    #expect(again.status == 0 && again.output.components(separatedBy: "up to date").count == 12)
    try Data("x".utf8).write(to: URL(fileURLWithPath: output + "/map/li.tif"))
    #expect(try Program.run(arguments + ["--resume"], in: folder).status == 0)
    #expect(try SHA256.of(file: output + "/map/li.tif") == first)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: output).sorted() == [
        "calibrate", "correlate", "fields", "figures", "fractions", "inspect", "map", "map-plain", "orient",
        "register", "report",
      ])
  }

  @Test func checkAndInspectAnswer() throws {
    let check = try Program.run(["check", twin.path("pipeline.yaml")], in: folder)
    #expect(check.status == 0 && check.output.contains("can run"))
    let inspect = try Program.run(["inspect", twin.path("xcs.nxs"), "--json"], in: folder)
    #expect(inspect.status == 0 && inspect.output.contains("\"live_time_s\" : 600"))
  }

  @Test func lithiumOutsideTheCalibratedRangeIsFlagged() throws {
    let yaml = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
    let kept = yaml.split(separator: "\n").filter { line in
      !["s2.csv", "s3.csv", "s4.csv"].contains { line.contains($0) }
    }
    let path = twin.path("low-\(UUID().uuidString).yaml")
    try kept.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    let calibration = folder.file("low.json")
    #expect(try Program.run(["calibrate", path, "-o", calibration], in: folder).status == 0)
    let output = folder.file("m")
    let result = try Program.run(["map", twin.path("xcs.nxs"), "-c", calibration, "-o", output], in: folder)
    #expect(result.status == 0 && result.output.contains("outside calibrated range"))
    let mask = try VolumeFile.open(output + "/mask.tif").loadLabels().voxels
    let x = try VolumeFile.open(output + "/li.tif").loadFloats().voxels
    let sigma = try VolumeFile.open(output + "/li_sigma.tif").loadFloats().voxels
    var flagged = 0
    for voxel in mask.indices where !x[voxel].isNaN {
      let isOutside = x[voxel] > 0.25 + 3 * sigma[voxel] || x[voxel] < -3 * sigma[voxel]
      #expect((mask[voxel] == VoxelStatus.outsideRange.rawValue) == isOutside)
      if isOutside { flagged += 1 }
    }
    #expect(flagged > 0)
  }

  /// Electrolyte and carbon move x by several units; their fractions take that out, and bad fractions are refused.
  @Test func fractionsCorrectAMixture() throws {
    let mixture = folder.file("mixture")
    let calibration = folder.file("mixture.json")
    let made = try Program.run(
      ["simulate", "--shape", "24,32,32", "--ratio", "4", "--mixture", "-o", mixture, "-q"], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    let calibrated = try Program.run(
      ["calibrate", mixture + "/standards.yaml", "-o", calibration], in: folder)
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    func map(_ name: String, _ options: [String]) throws -> (Program, TruthComparison?) {
      let output = folder.file(name)
      let result = try Program.run(
        ["map", mixture + "/xcs.nxs", "-c", calibration, "-o", output] + options, in: folder)
      guard result.status == 0 else { return (result, nil) }
      return (
        result,
        try TruthComparison(
          map: try VolumeFile.open(output + "/li.tif"), sigma: try VolumeFile.open(output + "/li_sigma.tif"),
          truth: try VolumeFile.open(mixture + "/truth/li.tif"))
      )
    }
    let fractions = mixture + "/truth/fractions.tif"
    let without = try #require(try map("without", []).1)
    let with = try #require(try map("with", ["--fractions", fractions]).1)
    #expect(abs(without.bias) > 0.5)
    #expect(abs(with.pullMean) < 0.25 && abs(with.pullSpread - 1) < 0.12)
    let unsure = try #require(try map("unsure", ["--fractions", fractions, "--fraction-sigma", "0.02"]).1)
    #expect(abs(unsure.pullMean) < 0.25 && abs(unsure.pullSpread - 1) < 0.15)
    // Of a voxel without known fractions the mask says so, of a merged map, too.
    let holes = folder.file("holes.tif")
    let count = try VolumeFile.describe(fractions).channels
    let parts = try (0..<count).map {
      try VolumeFile.open(fractions, options: VolumeOpenOptions(channel: $0)).loadFloats()
    }
    let writer = try TIFFVolumeWriter(path: holes, grid: parts[0].grid, type: .float32, channels: count)
    for (channel, part) in parts.enumerated() {
      let values = part.voxels.enumerated().map { $0.offset < 5 ? Float.nan : $0.element }
      try writer.write(.float32(values), channel: channel, to: Region(whole: part.grid.shape))
    }
    try writer.finish()
    for (name, options) in [("holes", []), ("merged", ["--bin-to-sigma", "0.2"])] as [(String, [String])] {
      #expect(try map(name, ["--fractions", holes] + options).0.status == 0)
      let report = try ResultFile.read(MapReport.self, folder.file(name + "/map.json"))
      let entry = try #require(report.mask["not_covered"])
      #expect(entry.voxels == 5 && entry.value == 10, "\(name): \(entry)")
    }
    let single = try map("bad", ["--fractions", mixture + "/truth/li.tif"]).0
    #expect(single.status == 65 && single.errors.contains("components"))
    let elsewhere = try map("bad", ["--fractions", mixture + "/labels.tif"]).0
    #expect(elsewhere.status == 65)
    let pure = try Program.run(
      [
        "map", twin.path("xcs.nxs"), "-c", twin.calibration, "-o", folder.file("bad"), "--fractions",
        fractions,
      ],
      in: folder)
    #expect(pure.status == 65 && pure.errors.contains("components"))
  }
}

extension [Float] {
  /// Pieces of a length, one after another.
  fileprivate func chunked(by length: Int) -> [[Float]] {
    stride(from: 0, to: count, by: length).map { Array(self[$0..<($0 + length)]) }
  }
}
