import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("XCS NeXus layout")
struct NeXusWriterTests {
  /// Counts that tell their place: z, y, x and bin as decimal digits.
  static func counts(_ shape: Shape, bins: Int) -> [Float] {
    var values: [Float] = []
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          for bin in 0..<bins { values.append(Float(((z * 10 + y) * 10 + x) * 100 + bin)) }
        }
      }
    }
    return values
  }

  static let shape = Shape(z: 2, y: 3, x: 4)
  static let grid = Grid(shape: shape, spacing: SIMD3(5, 10, 20), origin: SIMD3(-1, 2, 3))

  static func write(
    _ path: String, type: VoxelType = .uint32, deflate: Int? = nil, overwrite: Bool = false,
    angle: ScatteringAngle? = .uniform(90)
  ) throws -> [Float] {
    let energy = EnergyAxis(first: 60, width: 0.5, count: 7)
    let writer = try NexusSpectralWriter(
      path: path, grid: grid, energy: energy,
      acquisition: Acquisition(
        incidentEnergy: 115.6, scatteringAngle: angle, energyResolution: 0.5, liveTime: 3600),
      type: type, deflate: deflate, overwrite: overwrite)
    let counts = Self.counts(shape, bins: 7)
    let half = counts.count / 2
    try writer.write(Array(counts[half...]), to: Region(slices: 1..<2, of: shape))
    try writer.write(Array(counts[..<half]), to: Region(slices: 0..<1, of: shape))
    try writer.finish()
    return counts
  }

  @Test(arguments: [VoxelType.uint32, .float32], [nil, 4] as [Int?])
  func roundTrip(type: VoxelType, deflate: Int?) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("xcs.nxs")
    let counts = try Self.write(path, type: type, deflate: deflate)
    #expect(folder.entries == ["xcs.nxs"])
    let source = try SpectralFile.open(path)
    #expect(source.grid == Self.grid)
    #expect(source.energy == EnergyAxis(first: 60, width: 0.5, count: 7))
    #expect(
      source.acquisition
        == Acquisition(
          incidentEnergy: 115.6, scatteringAngle: .uniform(90), energyResolution: 0.5, liveTime: 3600))
    #expect(try source.readCounts(Region(whole: Self.shape)) == counts)
    let box = Region(lower: Shape(z: 1, y: 1, x: 2), shape: Shape(z: 1, y: 2, x: 2))
    let expected = try SpectralVolume(grid: Self.grid, energy: source.energy, counts: counts)
      .readCounts(box)
    #expect(try source.readCounts(box) == expected)
    // Memory that held more, or less, before.
    var reused = [Float](repeating: -1, count: 500)
    try source.readCounts(box, into: &reused)
    #expect(reused == expected)
    try source.readCounts(Region(whole: Self.shape), into: &reused)
    #expect(reused == counts)
  }

  @Test func anglesPerPixel() throws {
    let folder = try TemporaryFolder()
    let angle = ScatteringAngle.perPixel(height: 3, width: 4, values: (0..<12).map { 88 + Double($0) / 4 })
    _ = try Self.write(folder.file("a.nxs"), angle: angle)
    #expect(try SpectralFile.open(folder.file("a.nxs")).acquisition.scatteringAngle == angle)
    let wrong = ScatteringAngle.perPixel(height: 4, width: 3, values: [Double](repeating: 90, count: 12))
    let error = #expect(throws: VoxelithError.self) {
      try SpectralFile.open(
        folder.file("a.nxs"),
        options: SpectralOpenOptions(acquisition: Acquisition(scatteringAngle: wrong)))
    }
    #expect(error?.code == .data)
  }

  @Test func optionsGoBeforeTheFile() throws {
    let folder = try TemporaryFolder()
    _ = try Self.write(folder.file("a.nxs"))
    let source = try SpectralFile.open(
      folder.file("a.nxs"),
      options: SpectralOpenOptions(
        voxelSize: SIMD3(1, 2, 3), acquisition: Acquisition(incidentEnergy: 100),
        energyCoefficients: [10, 1]))
    #expect(source.grid.spacing == SIMD3(1, 2, 3))
    #expect(source.acquisition.incidentEnergy == 100)
    #expect(source.acquisition.liveTime == 3600)
    #expect(source.energy.centers == [10, 11, 12, 13, 14, 15, 16])
  }

  @Test func oneVoxelKeepsItsSize() throws {
    let folder = try TemporaryFolder()
    let grid = Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(7, 8, 9))
    let energy = EnergyAxis(first: 1, width: 1, count: 2)
    let writer = try NexusSpectralWriter(path: folder.file("a.nxs"), grid: grid, energy: energy)
    try writer.write([1, 2], to: Region(whole: grid.shape))
    try writer.finish()
    let source = try SpectralFile.open(folder.file("a.nxs"))
    #expect(source.grid == grid)
    #expect(source.acquisition == Acquisition())
    let error = #expect(throws: VoxelithError.self) {
      try source.acquisition.requiredIncidentEnergy(file: source.name)
    }
    #expect(error?.description.contains("incident_energy_keV") == true)
  }

  @Test func unknownVoxelSizeStaysUnknown() throws {
    let folder = try TemporaryFolder()
    let grid = Grid(unscaled: Shape(z: 1, y: 1, x: 2))
    let writer = try NexusSpectralWriter(
      path: folder.file("a.nxs"), grid: grid, energy: EnergyAxis(first: 1, width: 1, count: 2))
    try writer.write([1, 2, 3, 4], to: Region(whole: grid.shape))
    try writer.finish()
    #expect(try SpectralFile.open(folder.file("a.nxs")).grid.hasKnownSpacing == false)
  }

  @Test func sameBytesForTheSameData() throws {
    let folder = try TemporaryFolder()
    _ = try Self.write(folder.file("a.nxs"), deflate: 2)
    Thread.sleep(forTimeInterval: 1.1)
    _ = try Self.write(folder.file("b.nxs"), deflate: 2)
    #expect(
      FileManager.default.contents(atPath: folder.file("a.nxs"))
        == FileManager.default.contents(atPath: folder.file("b.nxs")))
  }

  @Test func nothingIsOverwrittenOrLeftBehind() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.nxs")
    _ = try Self.write(path)
    let refused = #expect(throws: VoxelithError.self) { try Self.write(path) }
    #expect(refused?.code.exitStatus == 73)
    _ = try Self.write(path, overwrite: true)

    let energy = EnergyAxis(first: 1, width: 1, count: 2)
    var writer: NexusSpectralWriter? = try NexusSpectralWriter(
      path: folder.file("b.nxs"), grid: Self.grid, energy: energy)
    #expect(folder.entries.count == 2)
    writer = nil
    #expect(writer == nil)
    #expect(folder.entries == ["a.nxs"])

    let incomplete = try NexusSpectralWriter(
      path: folder.file("c.nxs"), grid: Self.grid, energy: energy)
    #expect(throws: VoxelithError.self) { try incomplete.finish() }
    #expect(folder.entries == ["a.nxs"])

    let nowhere = #expect(throws: VoxelithError.self) {
      try Self.write(folder.file("no/such/folder/a.nxs"))
    }
    #expect(nowhere?.code.exitStatus == 73)
  }

  @Test func fractionsAreNotCounts() throws {
    let folder = try TemporaryFolder()
    let grid = Grid(unscaled: Shape(z: 1, y: 2, x: 2))
    let writer = try NexusSpectralWriter(
      path: folder.file("a.nxs"), grid: grid, energy: EnergyAxis(first: 1, width: 1, count: 2))
    let error = #expect(throws: VoxelithError.self) {
      try writer.write([0, 1, 2, 3, 4, 5.5, 6, 7], to: Region(whole: grid.shape))
    }
    #expect(error?.place == "voxel z 0, y 1, x 0, bin 1")
  }
}
