import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Spectra in foreign HDF5 files")
struct NeXusDiscoveryTests {
  @Test func odinFramesAreSummed() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("odin.h5"), overwrite: false)
    let frame = (0..<24).map { Float($0) }
    try HDF5FileTests.array(
      output, "/pixel_spectra", [3, 2, 3, 4], .float32(frame + frame.map { $0 * 10 } + frame.map { $0 * 100 })
    )
    try output.value("/spectra_bins", .numbers([0, 0.5, 1, 1.5]))
    try output.value("/summed_spectra", .numbers([1, 2, 3, 4]))
    try output.finish()
    let source = try SpectralFile.open(folder.file("odin.h5"))
    #expect(source.grid.shape == Shape(z: 1, y: 2, x: 3))
    #expect(source.energy.centers == [0.25, 0.75, 1.25, 1.75])
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == frame.map { $0 * 111 })
    let second = try SpectralFile.open(
      folder.file("odin.h5"), options: SpectralOpenOptions(detector: .element(1)))
    #expect(try second.readCounts(Region(whole: second.grid.shape)) == frame.map { $0 * 10 })
  }

  /// Blosc as odin sets it; needs the plugin.
  @Test func odinFilesAreOftenBlosc() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("odin.h5"), overwrite: false)
    let frame = (0..<240_000).map { Float($0 % 7) }
    do {
      try HDF5FileTests.array(
        output, "/pixel_spectra", [1, 20, 30, 400], .float32(frame), chunk: [1, 20, 30, 400],
        packing: .filter(identifier: 32001, settings: [0, 0, 0, 0, 4, 1, 1], isOptional: false))
    } catch let error as VoxelithError where error.code == .missing {
      return
    }
    try output.value("/spectra_bins", .numbers((0..<400).map { Double($0) / 4 }))
    try output.finish()
    #expect(FileManager.default.contents(atPath: folder.file("odin.h5")).map { $0.count < 480_000 } == true)
    let source = try SpectralFile.open(folder.file("odin.h5"))
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == frame)
  }

  /// The way of files before 2014: attributes on the datasets, energies in eV, energy first.
  @Test func oldNexusWithEnergyFirst() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("old.nxs"), overwrite: false)
    try output.group("/entry1/map", class: "NXdata")
    // counts[e, y, x] = 100 y + 10 x + e
    var values: [UInt16] = []
    for e in 0..<4 { for y in 0..<2 { for x in 0..<3 { values.append(UInt16(100 * y + 10 * x + e)) } } }
    try HDF5FileTests.array(output, "/entry1/map/counts", [4, 2, 3], .uint16(values))
    try output.attribute("signal", .numbers([1]), of: "/entry1/map/counts", stored: .int32)
    try output.attribute("axes", .strings(["photon_energy:y:x"]), of: "/entry1/map/counts")
    try output.value("/entry1/map/photon_energy", .numbers([1000, 1010, 1020, 1040]), units: "eV")
    try output.value("/entry1/map/y", .numbers([0, 0.002]), units: "mm")
    try output.value("/entry1/map/x", .numbers([7, 10, 13]), units: "um")
    try output.finish()
    let source = try SpectralFile.open(folder.file("old.nxs"))
    #expect(source.energy.centers == [1, 1.01, 1.02, 1.04])
    #expect(source.grid.shape == Shape(z: 1, y: 2, x: 3))
    #expect(source.grid.spacing == SIMD3(3, 2, 2))
    #expect(source.grid.origin == SIMD3(5.5, -1, 0))
    let counts = try source.readCounts(
      Region(lower: Shape(z: 0, y: 0, x: 1), shape: Shape(z: 1, y: 2, x: 2)))
    #expect(counts == [10, 11, 12, 13, 20, 21, 22, 23, 110, 111, 112, 113, 120, 121, 122, 123])
  }

  @Test func energyByItsLengthAndEdges() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    try output.group("/scan", class: "NXdata")
    try output.attribute("signal", .strings(["s"]), of: "/scan")
    try HDF5FileTests.array(output, "/scan/s", [2, 3], .int32([1, 2, 3, -4, 5, 6]))
    try output.value("/scan/energy_edges_keV", .numbers([1, 2, 4, 8]))
    try output.finish()
    let source = try SpectralFile.open(folder.file("a.h5"))
    #expect(source.energy.centers == [1.5, 3, 6])
    #expect(source.grid.shape == Shape(z: 1, y: 1, x: 2))
    // Negative counts are passed on: the stage decides.
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == [1, 2, 3, -4, 5, 6])
  }

  @Test func axesThatDoNotIncreaseAreRefused() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    try output.group("/scan", class: "NXdata")
    try output.attribute("signal", .strings(["s"]), of: "/scan")
    try output.attribute("axes", .strings([".", "energy"]), of: "/scan")
    try HDF5FileTests.array(output, "/scan/s", [2, 3], .uint8([1, 2, 3, 4, 5, 6]))
    try output.value("/scan/energy", .numbers([1, 3, 2]), units: "keV")
    try output.finish()
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("a.h5")) }
    #expect(error?.code == .data)
    #expect(error?.message.contains("not increasing") == true)
  }

  @Test func severalSpectraAreListed() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    for group in ["/a", "/b"] {
      try output.group(group, class: "NXdata")
      try output.attribute("signal", .strings(["s"]), of: group)
      try HDF5FileTests.array(output, group + "/s", [2, 2], .uint8([1, 2, 3, 4]))
      try output.value(group + "/energy", .numbers([1, 2]), units: "keV")
    }
    try output.finish()
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("a.h5")) }
    #expect(error?.message == "the file has 2 sets of spectra")
    #expect(
      error?.advice == "name the dataset with --dataset; the file holds /a/s (2x2 uint8), /b/s (2x2 uint8)")
    let second = try SpectralFile.open(folder.file("a.h5"), options: SpectralOpenOptions(dataset: "/b"))
    #expect(try second.readCounts(Region(whole: second.grid.shape)) == [1, 2, 3, 4])
  }

  @Test func statisticsDoNotDependOnThreads() throws {
    let folder = try TemporaryFolder()
    let counts = try NeXusWriterTests.write(folder.file("a.nxs"))
    let source = try SpectralFile.open(folder.file("a.nxs"))
    let one = try SpectralStatistics.measure(source, resources: Resources(threads: 1))
    let two = try SpectralStatistics.measure(source, resources: Resources(threads: 2, memory: 1 << 20))
    #expect(one == two)
    #expect(one.totalCounts == counts.reduce(0) { $0 + Double($1) })
    #expect(one.voxels == 24 && one.emptyVoxels == 0 && one.largestCount == 12306)
    #expect(one.sumSpectrum.count == 7)
    let description = try SpectralFile.describe(folder.file("a.nxs"))
    #expect(description.shape == [2, 3, 4] && description.bins == 7)
    #expect(description.voxelSize == [20, 10, 5])
    #expect(description.dataset == "/entry/data/counts")
    #expect(description.energyRange == [60, 63])
    let json = try JSONEncoder().encode(description)
    #expect(try JSONDecoder().decode(SpectralDescription.self, from: json) == description)
  }
}
