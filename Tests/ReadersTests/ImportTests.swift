import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Import of raw scans")
struct ImportTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let bins = 40

  /// A map whose counts are `base` + 100 y + 10 x in every bin, on some rows.
  private func map(
    _ name: String, rows: Range<Int>, base: Int, liveTime: Double? = 10, isKnown: Bool = true,
    shift: Double = 0
  ) throws -> String {
    let output = try HDF5Output(path: folder.file(name), overwrite: false)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["y", "x", "energy"]), of: "/entry/data")
    var values: [UInt32] = []
    for y in rows {
      for x in 0..<3 { values += [UInt32](repeating: UInt32(base + 100 * y + 10 * x), count: Self.bins) }
    }
    try HDF5FileTests.array(output, "/entry/data/counts", [rows.count, 3, Self.bins], .uint32(values))
    try output.value(
      "/entry/data/energy", .numbers((0..<Self.bins).map { 84 + 0.5 * Double($0) }), units: "keV")
    if isKnown {
      try output.value(
        "/entry/data/y", .numbers(rows.map { 20 * Double($0) + shift }), shape: [rows.count], units: "um")
      try output.value("/entry/data/x", .numbers([0, 10, 20]), units: "um")
    }
    if let liveTime {
      try output.group("/entry/instrument", class: "NXinstrument")
      try output.group("/entry/instrument/detector", class: "NXdetector")
      try output.value("/entry/instrument/detector/live_time", .numbers([liveTime]), units: "s")
    }
    try output.finish()
    return folder.file(name)
  }

  private func firsts(_ path: String) throws -> [Float] {
    let source = try SpectralFile.open(path)
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    return stride(from: 0, to: counts.count, by: Self.bins).map { counts[$0] }
  }

  @Test func oneFileComesBackAsItWas() throws {
    let path = try map("a.nxs", rows: 0..<2, base: 1)
    let report = try SpectralImport.write([path], to: folder.file("xcs.nxs"), options: .init())
    #expect(report.type == "uint32" && report.missingVoxels == 0 && report.liveTimeSeconds == 10)
    #expect(try firsts(folder.file("xcs.nxs")) == [1, 11, 21, 101, 111, 121])
    let (before, after) = (try SpectralFile.open(path), try SpectralFile.open(folder.file("xcs.nxs")))
    #expect(before.grid == after.grid && before.energy == after.energy)
    #expect(before.acquisition == after.acquisition)
    for quantity in ["energies", "voxel size", "origin", "live time", "places along x"] {
      #expect(report.origins.contains { $0.quantity == quantity }, "\(quantity)")
    }
    let json = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(ImportReport.self, from: json) == report)
  }

  @Test(arguments: [true, false]) func exposuresAreAddedUp(isKnown: Bool) throws {
    let files = [
      try map("a.nxs", rows: 0..<2, base: 1, liveTime: 10, isKnown: isKnown),
      try map("b.nxs", rows: 0..<2, base: 1000, liveTime: 5, isKnown: isKnown),
    ]
    let report = try SpectralImport.write(files, to: folder.file("xcs.nxs"), options: .init())
    #expect(report.liveTimeSeconds == 15)
    #expect(report.scan?.repeated == 6)
    #expect(try firsts(folder.file("xcs.nxs")) == [1001, 1021, 1041, 1201, 1221, 1241])
  }

  @Test func partsOfAScanLieSideBySide() throws {
    let files = [
      try map("a.nxs", rows: 0..<2, base: 0, liveTime: 10),
      try map("b.nxs", rows: 2..<3, base: 0, liveTime: 20),
    ]
    let report = try SpectralImport.write(files, to: folder.file("xcs.nxs"), options: .init())
    #expect(report.shape == [1, 3, 3])
    #expect(try firsts(folder.file("xcs.nxs")) == [0, 10, 20, 100, 110, 120, 200, 210, 220])
    let source = try SpectralFile.open(folder.file("xcs.nxs"))
    #expect(source.grid.spacing.x == 10 && source.grid.spacing.y == 20)
    #expect(source.grid.origin.y == -10)
    #expect(source.acquisition.voxelLiveTimes == [10, 10, 10, 10, 10, 10, 20, 20, 20])
  }

  /// Voxels of parts that lie between those of the others are not put on one grid in silence.
  @Test(arguments: [(0.0, false, false), (2.0, true, false), (7.0, false, true)])
  func partsAFractionApart(shift: Double, isTold: Bool, isRefused: Bool) throws {
    let files = [
      try map("a.nxs", rows: 0..<3, base: 0), try map("b.nxs", rows: 3..<6, base: 0, shift: shift),
    ]
    let write = { try SpectralImport.write(files, to: folder.file("xcs.nxs"), options: .init()) }
    if isRefused {
      let error = #expect(throws: VoxelithError.self) { try write() }
      #expect(error?.message.contains("of a voxel apart along y") == true, "\(error as Any)")
    } else {
      #expect(try write().notices.contains { $0.contains("apart along y") } == isTold)
    }
  }

  @Test func aRowBetweenPartsIsMissingOnlyWhenAsked() throws {
    let files = [try map("a.nxs", rows: 0..<2, base: 0), try map("b.nxs", rows: 3..<5, base: 0)]
    let error = #expect(throws: VoxelithError.self) {
      try SpectralImport.write(files, to: folder.file("xcs.nxs"), options: .init())
    }
    #expect(error?.message.contains("3 of 15 voxels were not measured") == true)
    #expect(folder.entries == ["a.nxs", "b.nxs"])
    let report = try SpectralImport.write(
      files, to: folder.file("xcs.nxs"), options: SpectralOpenOptions(allowsMissing: true))
    #expect(report.type == "float32" && report.missingVoxels == 3)
    let values = try firsts(folder.file("xcs.nxs"))
    #expect(values[6].isNaN && values[9] == 300)
  }

  @Test func filesThatDoNotBelongTogetherAreRefused() throws {
    let files = [
      try map("a.nxs", rows: 0..<2, base: 0, isKnown: false),
      try map("b.nxs", rows: 0..<3, base: 0, isKnown: false),
    ]
    #expect(throws: VoxelithError.self) {
      try SpectralImport.write(files, to: folder.file("xcs.nxs"), options: .init())
    }
    #expect(throws: VoxelithError.self) {
      try SpectralImport.write([], to: folder.file("xcs.nxs"), options: .init())
    }
  }

  @Test func settingsThatExcludeEachOther() {
    var settings = ScanSettings()
    #expect(throws: Never.self) { try settings.validate() }
    settings.snake = true
    #expect(throws: VoxelithError.self) { try settings.validate() }
    settings.scanShape = [4, 5]
    #expect(throws: Never.self) { try settings.validate() }
    settings.positions = .arrayOrder
    #expect(throws: VoxelithError.self) { try settings.validate() }
  }
}
