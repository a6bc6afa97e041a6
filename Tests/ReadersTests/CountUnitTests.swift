import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Units of counts: counts, or counts in a time, as files of all kinds spell them.
@Suite("Units of counts")
struct CountUnitTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two voxels of 40 bins, 6 in each, measured for 2 s, with a unit.
  private func file(_ units: String?, liveTime: Double? = 2) throws -> String {
    let output = try HDF5Output(path: folder.file("a.nxs"), overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["x", "energy"]), of: "/entry/data")
    try HDF5FileTests.array(
      output, "/entry/data/counts", [2, 40], .float32([Float](repeating: 6, count: 80)))
    if let units { try output.attribute("units", .strings([units]), of: "/entry/data/counts") }
    try output.value("/entry/data/energy", .numbers((0..<40).map { 84 + 0.5 * Double($0) }), units: "keV")
    if let liveTime { try output.value("/entry/data/live_time", .numbers([liveTime]), units: "s") }
    try output.finish()
    return folder.file("a.nxs")
  }

  @Test(arguments: [
    ("counts", 6.0), ("photons", 6), ("ph", 6), ("cts", 6), ("", 6), ("a.u.", 6), ("kcounts", 6000),
    ("counts/s", 12),
    ("count s-1", 12), ("counts s^-1", 12), ("counts / s", 12), ("ct/s", 12), ("ph/s", 12), ("1/sec", 12),
    ("s-1", 12),
    ("counts per second", 12), ("counts_per_s", 12), ("cps", 12), ("kcps", 12000), ("Mcps", 12e6),
    ("counts/ms", 12000),
    ("events/min", 0.2), ("photons s\u{207B}\u{B9}", 12), ("Hz", 12), ("counts/channel", 6),
  ])
  func understood(unit: String, expected: Double) throws {
    let source = try SpectralFile.open(try file(unit))
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    #expect(abs(Double(counts[0]) / expected - 1) < 1e-6, "\(counts[0])")
  }

  @Test(arguments: ["furlong", "ADU", "counts/keV", "mcps", "keV", "pixel", "W/m2"])
  func notUnderstood(unit: String) throws {
    let path = try file(unit)
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.code == .data && error?.message.contains("'\(unit)'") == true)
    #expect(error?.advice?.contains("counts/s") == true && error?.place == "/entry/data/counts")
  }

  /// A rate without a live time is no number of counts.
  @Test func ratesNeedATime() throws {
    let path = try file("kcps", liveTime: nil)
    #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    let options = SpectralOpenOptions(acquisition: Acquisition(liveTime: 3))
    let source = try SpectralFile.open(path, options: options)
    #expect(try source.readCounts(Region(whole: source.grid.shape))[0] == 18000)
    let told = try SpectralFile.describe(path, options: options).origins
    #expect(told.contains { $0.quantity == "counts" && $0.source.contains("kcps") })
  }

  private func emsa(_ unit: String, live: String) throws -> String {
    let path = folder.file("s.msa")
    let text =
      "#FORMAT : EMSA/MAS Spectral Data File\n#NPOINTS : 3\n#XUNITS : keV\n#YUNITS : \(unit)\n#DATATYPE : Y\n#XPERCHAN : 1\n#OFFSET : 80\n\(live)#SPECTRUM :\n1, 2, 30\n#ENDOFDATA :\n"
    try writeBytes(Array(text.utf8), to: path)
    return path
  }

  @Test func emsa() throws {
    let rate = try SpectrumFile.read(try emsa("counts per second", live: "#LIVETIME -ms: 12500\n"))
    #expect(rate.counts == [12.5, 25, 375] && rate.liveTime == 12.5)
    let plain = try SpectrumFile.read(try emsa("Intensity", live: "#LIVETIME -min: 2\n"))
    #expect(plain.counts == [1, 2, 30] && plain.liveTime == 120)
    for (unit, live) in [("furlong", "#LIVETIME : 1\n"), ("cps", ""), ("counts", "#LIVETIME -ticks: 1\n")] {
      let path = try emsa(unit, live: live)
      let error = #expect(throws: VoxelithError.self) { try SpectrumFile.read(path) }
      #expect(error?.code == .data)
    }
    let source = try SpectralFile.open(
      try emsa("cps", live: ""), options: SpectralOpenOptions(acquisition: Acquisition(liveTime: 2)))
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == [2, 4, 60])
  }

  @Test func columnsOfText() throws {
    let path = folder.file("t.csv")
    func read(_ name: String) throws -> [Double] {
      let text = "# live_time_s: 2\nenergy_keV,\(name)\n80,1\n81,2\n82,3\n"
      try writeBytes(Array(text.utf8), to: path)
      return try SpectrumFile.read(path).counts
    }
    #expect(try read("counts") == [1, 2, 3])
    #expect(try read("kcps") == [2000, 4000, 6000])
    #expect(try read("counts (1/s)") == [2, 4, 6])
    #expect(try read("counts (arb. units)") == [1, 2, 3])
    #expect(throws: VoxelithError.self) { try read("counts (ADU/s)") }
  }
}
