import Readers
import TestSupport
import Testing
import Volumetry

/// Values below were read with h5py and NumPy.
@Suite("Spectra of other programs", .enabled(if: SharedData.isPresent))
struct SpectralSharedDataTests {
  static func total(_ counts: [Float]) -> Double { counts.reduce(0) { $0 + Double($1) } }

  @Test func fluorescenceMap() throws {
    let source = try SpectralFile.open(SharedData.path("nexus/testfluo2.nxs"))
    #expect(source.grid.shape == Shape(z: 1, y: 18, x: 18))
    #expect(source.energy.count == 512)
    #expect(abs(source.energy.centers[0] - 0.030) < 1e-12)
    #expect(abs(source.energy.centers[511] - 40.910) < 1e-9)
    #expect(!source.grid.hasKnownSpacing)
    #expect(abs((source.acquisition.incidentEnergy ?? 0) - 11.000000729) < 1e-9)
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    #expect(abs(Self.total(counts) - 11116305.8125) < 1)
    let voxel = try source.readCounts(
      Region(lower: Shape(z: 0, y: 3, x: 4), shape: Shape(z: 1, y: 1, x: 1)))
    #expect(Array(voxel[200..<205]) == [21.4375, 22.125, 20.125, 17.875, 15.1875])
  }

  @Test func xspressElements() throws {
    let path = SharedData.path("nexus/i18_test_data.nxs")
    let unnamed = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(unnamed?.description.contains("/entry1/instrument/xspress3/MCAs (2x2x10x4096 float64)") == true)
    let unscaled = #expect(throws: VoxelithError.self) {
      try SpectralFile.open(path, options: SpectralOpenOptions(dataset: "/entry1/xspress3/MCAs"))
    }
    #expect(unscaled?.description.contains("no energy axis") == true)
    var options = SpectralOpenOptions(
      dataset: "/entry1/xspress3/MCAs", energyCoefficients: [0.005, 0.01])
    let unchosen = #expect(throws: VoxelithError.self) { try SpectralFile.open(path, options: options) }
    #expect(unchosen?.description.contains("10 detector elements") == true)
    options.detector = .sum
    let source = try SpectralFile.open(path, options: options)
    #expect(source.grid.shape == Shape(z: 1, y: 2, x: 2))
    #expect(abs((source.acquisition.incidentEnergy ?? 0) - 12.99999688411) < 1e-9)
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    #expect(abs(Self.total(counts) - 242497.96870264248) < 0.01)
    let voxel = try source.readCounts(
      Region(lower: Shape(z: 0, y: 1, x: 0), shape: Shape(z: 1, y: 1, x: 1)))
    #expect(
      Array(voxel[700..<704])
        == [Float(158.49195358), Float(166.26040735), Float(122.42110995), Float(93.36979147)])
    let sums = try SpectralFile.open(
      path,
      options: SpectralOpenOptions(
        dataset: "entry1/xspress3/AllElementSum", energyCoefficients: [0.005, 0.01]))
    let difference = zip(counts, try sums.readCounts(Region(whole: sums.grid.shape)))
      .map { abs($0 - $1) }.max()
    #expect((difference ?? 1) < 1e-4)
    options.detector = .element(10)
    let outside = #expect(throws: VoxelithError.self) { try SpectralFile.open(path, options: options) }
    #expect(outside?.code == .usage)
  }

  @Test func diamondTable() throws {
    let path = SharedData.path("compton-xrstools/diamond_data_E016keV_tth123.dat")
    let table = try DelimitedTable.read(path)
    #expect(table.columns.count == 10)
    #expect(table.rowCount == 403)
    #expect(table.columns[0][0] == -6.875)
    #expect(table.columns[3][100] == 0.0032338336)
    #expect(abs(table.columns.joined().reduce(0, +) - 345557.3733106968) < 1e-6)
    let loss = try SpectrumFile.read(path, energyColumn: 0, countsColumn: 3)
    #expect(loss.energy.centers[402] == 2200.6 / 1000)
    let all = try SpectralFile.open(path)
    #expect(all.grid.shape == Shape(z: 1, y: 1, x: 9))
    let unnamed = #expect(throws: VoxelithError.self) { try SpectrumFile.read(path) }
    #expect(unnamed?.code == .usage)
  }

  @Test func clathrateTable() throws {
    let path = SharedData.path("compton-xrstools/Ba24Si100_rawdata_APS11.dat")
    let table = try DelimitedTable.read(path)
    #expect(table.columns.count == 20)
    #expect(table.rowCount == 984)
    #expect(abs(table.columns.joined().reduce(0, +) - 241075.90792389796) < 1e-6)
    // The background was taken off these: they are no counts.
    let negative = #expect(throws: VoxelithError.self) {
      try SpectrumFile.read(path, energyColumn: 0, countsColumn: 5)
    }
    #expect(negative?.code == .data)
  }
}
