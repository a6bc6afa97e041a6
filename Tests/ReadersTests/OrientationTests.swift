import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// The near end of every axis comes first, whichever end the file stores first.
@Suite("Orientation")
struct OrientationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let shape = [3, 4, 5]

  private func positions(_ count: Int, step: Double, falls: Bool) -> [Double] {
    let rising = (0..<count).map { 10 + step * Double($0) }
    return falls ? rising.reversed() : rising
  }

  /// `value` at every place of the grid, stored with some axes from their far end.
  private func stored(_ falling: Set<Int>, _ value: (Int, Int, Int) -> Float) -> [Float] {
    var values: [Float] = []
    for z in 0..<3 {
      for y in 0..<4 {
        for x in 0..<5 {
          values.append(
            value(
              falling.contains(0) ? 2 - z : z, falling.contains(1) ? 3 - y : y,
              falling.contains(2) ? 4 - x : x))
        }
      }
    }
    return values
  }

  private func axes(_ output: HDF5Output, _ falling: Set<Int>) throws {
    for (index, name) in ["z", "y", "x"].enumerated() {
      try output.value(
        "/entry/data/" + name,
        .numbers(
          positions(Self.shape[index], step: Double(index + 1), falls: falling.contains(index))),
        units: "um")
    }
  }

  static let cases: [Set<Int>] = [[], [0], [1], [2], [0, 2], [0, 1, 2]]

  @Test(arguments: cases) func volumesInHDF5(falling: Set<Int>) throws {
    let output = try HDF5Output(path: folder.file("v.h5"), overwrite: true)
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["v"]), of: "/entry/data")
    try output.attribute("axes", .strings(["z", "y", "x"]), of: "/entry/data")
    let values = stored(falling) { Float(100 * $0 + 10 * $1 + $2) }
    try HDF5FileTests.array(output, "/entry/data/v", Self.shape, .float32(values), chunk: [2, 2, 2])
    try axes(output, falling)
    try output.finish()
    let source = try VolumeFile.open(folder.file("v.h5"))
    #expect(
      source.grid
        == Grid(
          shape: Shape(z: 3, y: 4, x: 5), spacing: SIMD3(3, 2, 1), origin: SIMD3(8.5, 9, 9.5)))
    #expect(try source.loadFloats().voxels == stored([]) { Float(100 * $0 + 10 * $1 + $2) })
    let box = Region(lower: Shape(z: 1, y: 1, x: 2), shape: Shape(z: 2, y: 2, x: 2))
    #expect(try source.readFloats(box) == [112, 113, 122, 123, 212, 213, 222, 223])
    let notes = try VolumeFile.describe(folder.file("v.h5")).notes
    #expect(notes.count { $0.contains("turned round") } == falling.count)
  }

  @Test(arguments: cases) func spectraInHDF5(falling: Set<Int>) throws {
    for energyFalls in [false, true] {
      let output = try HDF5Output(path: folder.file("s.nxs"), overwrite: true)
      try output.group("/entry", class: "NXentry")
      try output.group("/entry/data", class: "NXdata")
      try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
      try output.attribute("axes", .strings(["z", "y", "x", "energy"]), of: "/entry/data")
      let bins = energyFalls ? [3, 2, 1, 0] : [0, 1, 2, 3]
      let values = stored(falling) { Float(1000 * $0 + 100 * $1 + 10 * $2) }
        .flatMap { voxel in bins.map { UInt32(voxel) + UInt32($0) } }
      try HDF5FileTests.array(output, "/entry/data/counts", Self.shape + [4], .uint32(values))
      try output.value("/entry/data/energy", .numbers(bins.map { 84 + Double($0) }), units: "keV")
      try axes(output, falling)
      try output.group("/entry/instrument", class: "NXinstrument")
      try output.group("/entry/instrument/detector", class: "NXdetector")
      // Angles and times belong to the pixels as they are stored, and are turned round with them.
      let angles = stored(falling) { _, y, x in 90 + Float(y) + 0.1 * Float(x) }.prefix(20)
      try output.value(
        "/entry/instrument/detector/scattering_angle", .numbers(angles.map(Double.init)), shape: [4, 5],
        units: "deg")
      let times = stored(falling) { 1 + 100 * Float($0) + 10 * Float($1) + Float($2) }
      try output.value(
        "/entry/instrument/detector/live_time", .numbers(times.map(Double.init)), shape: Self.shape,
        units: "s")
      try output.finish()
      let source = try SpectralFile.open(folder.file("s.nxs"))
      #expect(source.energy.centers == [84, 85, 86, 87])
      #expect(source.grid.origin == SIMD3(8.5, 9, 9.5))
      let counts = try source.readCounts(Region(whole: source.grid.shape))
      let truth = stored([]) { Float(1000 * $0 + 100 * $1 + 10 * $2) }.flatMap { v in
        (0..<4).map { v + Float($0) }
      }
      #expect(counts == truth)
      #expect(abs((source.acquisition.scatteringAngle?.degrees(y: 2, x: 3) ?? 0) - 92.3) < 1e-5)
      #expect(
        source.acquisition.voxelLiveTimes == stored([]) { 1 + 100 * Float($0) + 10 * Float($1) + Float($2) })
    }
  }

  @Test func energiesThatFallInText() throws {
    try Data("energy_keV,counts\n3,30\n2,20\n1,10\n".utf8).write(
      to: URL(fileURLWithPath: folder.file("a.csv")))
    let spectrum = try SpectrumFile.read(folder.file("a.csv"))
    #expect(spectrum.energy.centers == [1, 2, 3])
    #expect(spectrum.counts == [10, 20, 30])
    let source = try SpectralFile.open(folder.file("a.csv"))
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == [10, 20, 30])
    let origins = try SpectralFile.describe(folder.file("a.csv")).origins
    #expect(origins.contains { $0.quantity == "energies" && $0.source.contains("turned round") })
  }

  /// Edges fall as well as centres.
  @Test func edgesThatFall() throws {
    let output = try HDF5Output(path: folder.file("e.nxs"), overwrite: true)
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["x", "energy"]), of: "/entry/data")
    try HDF5FileTests.array(output, "/entry/data/counts", [1, 3], .uint32([30, 20, 10]))
    try output.value("/entry/data/energy", .numbers([8, 4, 2, 1]), units: "keV")
    try output.finish()
    let source = try SpectralFile.open(folder.file("e.nxs"))
    #expect(source.energy.centers == [1.5, 3, 6])
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == [10, 20, 30])
  }
}
