import Foundation
import TestSupport
import Testing
import Voxelith

/// Bad input of what tells the instrument: priors, shapes, layers, coefficients.
@Suite struct InstrumentOptionTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private func map(_ options: [String]) throws -> Program {
    let calibration = folder.file("cal.json")
    if !FileManager.default.fileExists(atPath: calibration) {
      let made = try Program.run(
        ["calibrate", twin.path("standards.yaml"), "-o", calibration, "-q"], in: folder)
      try #require(made.status == 0, "\(made.errors)")
    }
    return try Program.run(
      ["map", twin.path("xcs.nxs"), "-c", calibration, "-o", folder.file("map"), "-q"] + options, in: folder)
  }

  @Test(arguments: ["gain=0", "gain=-1", "gain=nan", "gain=inf", "colour=1", "gain", "shape=0", "=1"])
  func priorsAreRefused(_ text: String) throws {
    let result = try map(["--may-differ", text])
    #expect(result.status == 64, "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("map/li.tif")))
  }

  /// A shape of another geometry, of other bins, without counts, and one that is not there.
  @Test func shapesAreRefused() throws {
    let calibration = try Calibration(
      try StandardsFile.load(twin.path("standards.yaml")), options: CalibrationOptions())
    let axis = try calibration.energyAxis()
    func shape(
      _ name: String, centers: [Double], counts: (Int) -> Double, energy: Double, angle: Double
    ) throws -> String {
      let lines =
        ["# scattered_once: 1000000", "# incident_energy_keV: \(energy)", "# scattering_angle_deg: \(angle)"]
        + ["energy_keV,counts"] + centers.enumerated().map { "\($1),\(counts($0))" }
      let path = folder.file(name)
      try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    let (energy, angle) = (calibration.incidentEnergy, calibration.scatteringAngle)
    let good = try shape("good.csv", centers: axis.centers, counts: { _ in 1 }, energy: energy, angle: angle)
    let cases = [
      (
        try shape("angle.csv", centers: axis.centers, counts: { _ in 1 }, energy: energy, angle: 60),
        "60.0 degrees"
      ),
      (
        try shape("beam.csv", centers: axis.centers, counts: { _ in 1 }, energy: 80, angle: angle), "80.0 keV"
      ),
      (
        try shape(
          "bins.csv", centers: axis.centers.map { $0 + 3 }, counts: { _ in 1 }, energy: energy, angle: angle),
        "bins"
      ),
      (
        try shape("none.csv", centers: axis.centers, counts: { _ in 0 }, energy: energy, angle: angle),
        "no counts"
      ),
    ]
    for (path, words) in cases {
      let result = try map(["--shape", path])
      #expect(result.status == 65 && result.errors.contains(words), "\(path): \(result.errors)")
    }
    #expect(try map(["--shape", folder.file("absent.csv")]).status == 66)
    #expect(try map(["--shape", good, "--method", "s-parameter"]).status == 64)
    let taken = try map(["--shape", good])
    #expect(taken.status == 0, "\(taken.errors)")
  }

  /// Keys of `standards.yaml` that tell what cannot be.
  @Test(arguments: [
    ("layers: [{material: Unobtainium, thickness_um: 1}]", "Unobtainium"),
    ("layers: [{material: Al, density_g_cm3: 2.7, thickness_um: -1}]", "thick"),
    ("monitor_counts: 0", "monitor"), ("packing: -1", "packing"), ("amplitude_sigma: -1", "amplitude"),
    ("multiple_scattering: absent.csv", "absent.csv"),
  ])
  func keysOfStandardsAreRefused(_ key: String, _ word: String) throws {
    let text = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
    let base = (twin.path("standards.yaml") as NSString).deletingLastPathComponent
    try? FileManager.default.copyItem(atPath: base + "/standards", toPath: folder.file("standards"))
    let changed = text.replacingOccurrences(of: ", x: ", with: ", \(key), x: ")
    #expect(changed != text)
    let path = folder.file("changed.yaml")
    try changed.write(toFile: path, atomically: true, encoding: .utf8)
    let result = try Program.run(["calibrate", path, "-o", folder.file("c.json"), "-q"], in: folder)
    #expect([64, 65, 66].contains(result.status), "\(result.errors)")
    #expect(result.errors.contains(word), "\(result.errors)")
  }

  /// Standards that count channels: refused, and taken with coefficients.
  @Test func channelsOfStandardsNeedCoefficients() throws {
    let set = try StandardsFile.load(twin.path("standards.yaml"))
    let centers = set.energy.centers
    let step = (centers[centers.count - 1] - centers[0]) / Double(centers.count - 1)
    var lines = [
      "incident_energy_keV: \(set.geometry.incidentEnergy)", "scattering_angle_deg: \(set.geometry.angle)",
      "energy_resolution_keV: \(set.response.resolution)", "standards:",
    ]
    for (index, standard) in set.standards.enumerated() {
      let rows = standard.spectrum.counts.enumerated().map { "\($0),\($1)" }
      try (["channel,counts"] + rows).joined(separator: "\n").write(
        toFile: folder.file("s\(index).csv"), atomically: true, encoding: .utf8)
      lines.append(
        "  - {file: s\(index).csv, x: \(standard.x), live_time_s: \(standard.spectrum.liveTime ?? 1)}")
    }
    func calibrate(_ more: [String]) throws -> Program {
      let path = folder.file("channels.yaml")
      try (lines + more).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      return try Program.run(
        ["calibrate", path, "-o", folder.file("channels.json"), "-q", "--overwrite"], in: folder)
    }
    let refused = try calibrate([])
    #expect(refused.status == 65 && refused.errors.contains("channels"), "\(refused.errors)")
    for wrong in ["[80]", "[80, 0]", "[80, -0.0]", "[1, .nan]"] {
      let result = try calibrate(["energy_coefficients_keV: \(wrong)"])
      #expect([64, 65].contains(result.status), "\(wrong): \(result.errors)")
    }
    let taken = try calibrate(["energy_coefficients_keV: [\(centers[0]), \(step)]"])
    #expect(taken.status == 0, "\(taken.errors)")
  }

  /// A pipeline with a calibration for each label, and what it refuses.
  @Test func pipelineMapsMaterials() throws {
    let base = (twin.path("xcs.nxs") as NSString).deletingLastPathComponent
    let shape = try SpectralFile.open(twin.path("xcs.nxs")).grid.shape
    func labels(_ name: String, _ other: UInt8) throws {
      let writer = try TIFFVolumeWriter(
        path: folder.file(name), grid: Grid(unscaled: shape), type: .uint8, overwrite: true)
      let values = (0..<shape.count).map { $0 < shape.count / 2 ? UInt8(1) : other }
      try writer.write(.uint8(values), to: Region(whole: shape))
      try writer.finish()
    }
    try labels("labels.tif", 2)
    try labels("wrong.tif", 3)
    func run(_ section: String, _ output: String) throws -> Program {
      let text = """
        inputs: {xcs: "\(base)/xcs.nxs", standards: "\(base)/standards.yaml"}
        skip: [figures]
        materials: \(section)
        """
      let path = folder.file("materials.yaml")
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return try Program.run(["run", path, "-o", folder.file(output), "-q"], in: folder)
    }
    let both = "{1: \"\(base)/standards.yaml\", 2: \"\(base)/standards.yaml\"}"
    for (index, (section, status)) in [
      ("{labels: wrong.tif, standards: \(both)}", Int32(65)), ("{labels: labels.tif}", 65),
      ("{standards: \(both)}", 65), ("{labels: labels.tif, standards: {x: a.yaml}}", 65),
      ("{labels: absent.tif, standards: \(both)}", 66), ("{colour: 1}", 65),
    ].enumerated() {
      let result = try run(section, "refused-\(index)")
      #expect(result.status == status, "\(section): \(result.errors)")
    }
    let result = try run("{labels: labels.tif, standards: \(both)}", "out")
    try #require(result.status == 0, "\(result.errors)")
    for name in ["li.tif", "material.tif", "materials.json", "material-1/map.json", "material-2/li.tif"] {
      #expect(FileManager.default.fileExists(atPath: folder.file("out/materials/\(name)")), "\(name)")
    }
    // All voxels are of one kind here, so the halves are those of the map of all.
    let joined = try VolumeFile.open(folder.file("out/materials/li.tif")).readFloats(Region(whole: shape))
    let whole = try VolumeFile.open(folder.file("out/map/li.tif")).readFloats(Region(whole: shape))
    for (one, other) in zip(joined, whole) where one.isFinite && other.isFinite {
      #expect(abs(one - other) < 0.05)
    }
    #expect(joined.contains { $0.isFinite })
  }
}
