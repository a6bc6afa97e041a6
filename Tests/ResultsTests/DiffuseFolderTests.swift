import Foundation
import Readers
import Results
import TestSupport
import Testing
import Transport
import Volumetry

/// From a folder of `series` to `diffusivity.json`, its volumes and figures.
@Suite struct DiffuseFolderTests {
  /// Maps of a twin as `series` leaves them.
  static func series(
    _ folder: String, _ twin: SpreadingLithium, times: [Double?], sigma: Double = 0.03,
    instrument: Double? = 0.004,
    more: String = ""
  ) throws {
    let grid = Grid(
      shape: Shape(z: twin.shape.z, y: twin.shape.y, x: twin.shape.x),
      spacing: SIMD3(twin.spacing.x, twin.spacing.y, twin.spacing.z))
    let whole = Region(whole: grid.shape)
    let maps = twin.maps(at: times.enumerated().map { $1 ?? 2000 * Double($0) })
    var entries: [String] = []
    for (index, map) in maps.enumerated() {
      let place = "\(folder)/0\(index + 1)-state"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      var random = SeededGenerator(seed: 3, stream: UInt64(index))
      func write(_ name: String, _ values: VoxelBuffer, _ type: VoxelType) throws {
        let writer = try TIFFVolumeWriter(path: place + "/" + name, grid: grid, type: type, overwrite: false)
        try writer.write(values, to: whole)
        try writer.finish()
      }
      try write("li.tif", .float32(map.map { Float($0 + sigma * random.normal()) }), .float32)
      try write("li_sigma.tif", .float32([Float](repeating: Float(sigma), count: map.count)), .float32)
      var mask = [UInt8](repeating: 0, count: map.count)
      mask[5] = 3
      try write("mask.tif", .uint8(mask), .uint8)
      let misfit =
        instrument.map {
          #","misfit":{"verdict":"described","chi_squared_per_dof":1,"degrees_of_freedom":10,"probability":0.5,"#
            + #""chi_squared_per_dof_before":1,"corrections":[],"worst_bins":[],"energy_keV":[],"residual_sigma":[],"#
            + #""mean_x_sigma":\#($0)}"#
        } ?? ""
      try """
      {"format_version":1,"method":"profile","shape":[\(twin.shape.z),\(twin.shape.y),\(twin.shape.x)],"voxels":\(map.count),
      "mapped":\(map.count),"mask":{},"calibrated_x_range":[0,1],"mean_sigma_x_of_calibration":0.001
      \(misfit)\(more)}
      """.write(toFile: place + "/map.json", atomically: true, encoding: .utf8)
      let time = times[index].map { ",\"time_s\":\($0)" } ?? ""
      entries.append(
        "{\"state\":{\"name\":\"0\(index + 1)-state\",\"file\":\"a.nxs\"\(time)},\"mapped\":\(map.count)}")
    }
    try "{\"states\":[\(entries.joined(separator: ","))]}".write(
      toFile: folder + "/series.json", atomically: true, encoding: .utf8)
  }

  static var twin: SpreadingLithium {
    var twin = SpreadingLithium()
    twin.shape = (10, 8, 8)
    twin.spacing = (24, 60, 60)
    twin.start = { z, y, x in 0.7 + 0.12 * cos(2 * .pi * y) + 0.12 * cos(.pi * x) }
    return twin
  }

  static let pores =
    #"{"axes":{"z":{"effective_diffusivity":0.35},"y":{"effective_diffusivity":0.13},"x":{"effective_diffusivity":0.11}}}"#

  @Test func wholeFolder() throws {
    let folder = try TemporaryFolder()
    try Self.series(folder.file("series"), Self.twin, times: [0, 2000, 4000, 6000])
    try Self.pores.write(toFile: folder.file("transport.json"), atomically: true, encoding: .utf8)
    var settings = DiffuseSettings()
    settings.series = folder.file("series")
    settings.transport = folder.file("transport.json")
    settings.freeDiffusivity = 10
    settings.freeDiffusivitySigma = 1
    let out = folder.file("out")
    let report = try settings.write(to: out, overwrite: false, resources: Resources())
    let region = try #require(report.regions.first)
    // A voxel without a value in any state is none of the sample.
    #expect(region.voxels == 639)
    #expect(
      region.diffusivity["depth"]?.holds(3.5) == true && region.diffusivity["plane"]?.holds(1.2) == true)
    // Both parts of the error are told, and make up the whole.
    let depth = try #require(region.diffusivity["depth"])
    let (all, own, common) = (
      try #require(depth.sigma), try #require(depth.ownSigma), try #require(depth.commonSigma)
    )
    #expect(common > 0.1 * all && own > 0 && abs((own * own + common * common).squareRoot() / all - 1) < 1e-3)
    let prediction = try #require(region.prediction)
    #expect(abs((prediction.planeOverDepth ?? 0) - 0.12 / 0.35) < 1e-9)
    #expect(prediction.anisotropyOverPredicted?.holds(1) == true)
    #expect(prediction.free["depth"]?.holds(10) == true && prediction.free["plane"]?.holds(10) == true)
    let over = try #require(prediction.overPredicted?["depth"])
    #expect(over.holds(1) == true && (over.sigma ?? 0) > 0.09)
    // What is written comes back.
    let again = try ResultFile.read(DiffusivityReport.self, out + "/diffusivity.json")
    #expect(again.regions[0].diffusivity == region.diffusivity && again.test == report.test)
    let pulls = try VolumeFile.open(out + "/pulls.tif", options: VolumeOpenOptions(channel: 2)).loadFloats()
    #expect(pulls.voxels[5].isNaN)
    let used = pulls.voxels.filter { !$0.isNaN }.map(Double.init)
    let spread = (used.reduce(0) { $0 + $1 * $1 } / Double(used.count)).squareRoot()
    #expect(used.count == 639 && abs(spread - 1) < 0.1)
    let model = try VolumeFile.open(out + "/model.tif", options: VolumeOpenOptions(channel: 0)).loadFloats()
    #expect(abs(Double(model.voxels[300]) - Self.twin.maps(at: [0])[0][300]) < 0.05)
    for name in DiffuseSettings.outputs { #expect(FileManager.default.fileExists(atPath: out + "/" + name)) }
    #expect(report.states[1].offset?.sigma ?? 0 > 0 && report.states[1].profile.count == 10)
    #expect(report.states[0].pattern?.measured ?? 0 > 0.8)
    #expect(throws: VoxelithError.self) {
      try settings.write(to: out, overwrite: false, resources: Resources())
    }
    // Beside maps of two states the layout has a column more.
    for name in ["li.tif", "labels.tif"] { try Data().write(to: URL(fileURLWithPath: out + "/" + name)) }
    let figure = try FigureLayout.poresAndStates.figure(of: [out, out], states: 2)
    #expect(figure.group == 4 && figure.panels.map(\.kind) == [.surface, .volume, .volume, .diffusivity])
    guard case .diffusivity(let panel) = figure.panels[3] else { return }
    let ends = region.diffusivity.values.compactMap { $0.interval?[1] }
    #expect(panel.file == out + "/diffusivity.json" && (panel.range?[1] ?? 0) > (ends.max() ?? 1))
    try FileManager.default.removeItem(atPath: out + "/li.tif")
    try FileManager.default.removeItem(atPath: out + "/labels.tif")
    // The page shows it.
    let page = try Report(folder: try ResultFolder(out)).html()
    #expect(page.contains("diffusivity") && page.contains("\u{00B5}m\u{00B2}/s"))
    let opening = try Report(folder: try ResultFolder(out)).sections
    #expect(opening.map(\.heading).prefix(2) == ["Result", "Figures"], "\(opening.map(\.heading))")
    #expect(page.contains("Effective diffusivity of lithium, with 95 % intervals: "))
  }

  @Test func layersAndFractions() throws {
    let folder = try TemporaryFolder()
    var twin = Self.twin
    twin.factor = { z, _ in z < 0.5 ? 1 : 3 }
    try Self.series(folder.file("series"), twin, times: [0, 2000, 4000, 6000], sigma: 0.01, instrument: nil)
    let shape = Shape(z: 10, y: 8, x: 8)
    let writer = try TIFFVolumeWriter(
      path: folder.file("fractions.tif"), grid: Grid(shape: shape, spacing: SIMD3(60, 60, 24)),
      type: .float32,
      overwrite: false)
    try writer.write(.float32([Float](repeating: 0.5, count: shape.count)), to: Region(whole: shape))
    try writer.finish()
    var settings = DiffuseSettings()
    settings.series = folder.file("series")
    settings.layers = 2
    settings.fractions = folder.file("fractions.tif")
    let report = try settings.write(to: folder.file("out"), overwrite: false, resources: Resources())
    #expect(report.regions.map(\.voxels) == [320, 320])
    let (near, far) = (report.regions[0].diffusivity["plane"], report.regions[1].diffusivity["plane"])
    #expect((far?.value ?? 0) / (near?.value ?? 1) > 2)
    #expect(report.states[0].offset == nil && report.states[0].commonSigma == 0)
  }

  @Test func refusals() throws {
    let folder = try TemporaryFolder()
    func code(_ name: String, _ change: (inout DiffuseSettings) -> Void = { _ in }) -> VoxelithError.Code? {
      var settings = DiffuseSettings()
      settings.series = folder.file(name)
      change(&settings)
      do {
        try settings.write(to: folder.file("out"), overwrite: true, resources: Resources())
        return nil
      } catch { return error.code }
    }
    #expect(code("nothing") == .missing)
    try Self.series(folder.file("untimed"), Self.twin, times: [nil, nil])
    #expect(code("untimed") == .data)
    #expect(code("untimed") { $0.times = [0, 1, 2] } == .usage)
    try Self.series(
      folder.file("smooth"), Self.twin, times: [0, 2000],
      more: #","binning":{"wanted_sigma":0.01,"bins":3,"largest_bin_voxels":9,"mean_voxels_per_bin":2}"#)
    #expect(code("smooth") != nil)
    #expect(
      code("untimed") {
        $0.boundary = .closed; $0.boundaryX = [0.3]
      } == .usage)
    #expect(code("untimed") { $0.rate = [0.3] } == .usage)
    #expect(
      code("untimed") {
        $0.layers = 2; $0.regions = "a.tif"
      } == .usage)
    #expect(code("untimed") { $0.freeDiffusivity = 3 } == .usage)
    #expect(
      code("untimed") {
        $0.eachInterval = true; $0.boundaryX = [0.3]
      } == .usage)
    #expect(code("untimed") { $0.boundaryXSigma = 0.3 } == .usage)
  }
}
