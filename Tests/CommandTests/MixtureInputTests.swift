import Foundation
import TestSupport
import Testing
import Voxelith

/// Fractions, components and angles that do not belong to the spectra: the reason, the place and the way out, and no
/// folder left behind.
@Suite struct MixtureInputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func simulate(_ options: [String]) throws -> String {
    let twin = folder.file("twin")
    let made = try Program.run(
      ["simulate", "--shape", "16,24,32", "--ratio", "4", "--counts", "200000", "-q", "-o", twin] + options,
      in: folder)
    try #require(made.status == 0, "\(made.errors)")
    return twin
  }

  private func fails(_ arguments: [String], with status: Int32 = 65, says words: String...) throws {
    let before = folder.entries
    let result = try Program.run(arguments, in: folder)
    #expect(result.status == status, "\(arguments): \(result.errors)")
    #expect((1...2).contains(result.errorLines), "\(arguments): \(result.errors)")
    for word in words { #expect(result.errors.contains(word), "\(arguments): \(result.errors)") }
    #expect(result.output.isEmpty, "\(result.output)")
    #expect(folder.entries == before, "\(arguments)")
  }

  /// The true fractions after a change, phase by phase on the grid that is given.
  private func fractions(
    _ name: String, of twin: String, grid: Grid? = nil, _ change: (Int, inout [Float]) -> Void = { _, _ in }
  ) throws -> String {
    let sources = try FractionFile.open(twin + "/truth/fractions.tif")
    let grid = grid ?? sources[0].grid
    let path = folder.file(name)
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32, channels: sources.count)
    for (phase, source) in sources.enumerated() {
      var values = try source.readFloats(Region(lower: Shape(z: 0, y: 0, x: 0), shape: grid.shape))
      change(phase, &values)
      let sink = writer.sink(channel: phase)
      try sink.write(.float32(values), to: Region(whole: grid.shape))
      try sink.finish()
    }
    return path
  }

  @Test func fractionsThatDoNotBelong() throws {
    let twin = try simulate(["--mixture"])
    let calibration = folder.file("c.json")
    #expect(
      try Program.run(["calibrate", twin + "/standards.yaml", "-o", calibration], in: folder).status == 0)
    func map(_ fractions: String) -> [String] {
      ["map", twin + "/xcs.nxs", "-c", calibration, "-o", folder.file("out/map"), "--fractions", fractions]
    }
    let grid = try SpectralFile.open(twin + "/xcs.nxs").grid
    let voxel = grid.shape.index(z: 2, y: 1, x: 3)
    let short = try fractions("short.tif", of: twin) { _, values in values[voxel] *= 0.5 }
    try fails(map(short), says: "voxel z 2, y 1, x 3", "add up to", "--rest-is-empty")
    let over = try fractions("over.tif", of: twin) { phase, values in values[voxel] = phase == 1 ? 1.5 : 0 }
    try fails(map(over), says: "phase 1", "voxel z 2, y 1, x 3", "1.5 is not within 0 to 1")
    let small = Grid(
      shape: Shape(z: grid.shape.z, y: grid.shape.y, x: grid.shape.x - 1), spacing: grid.spacing)
    try fails(map(try fractions("small.tif", of: twin, grid: small)), says: "voxels", "grid of the spectra")
    let other = Grid(shape: grid.shape, spacing: 1.25 * grid.spacing)
    try fails(
      map(try fractions("other.tif", of: twin, grid: other)), says: "µm along x", "grid of the spectra")
    let single = twin + "/truth/li.tif"
    try fails(map(single), says: "fractions of 1 phases", "active, electrolyte, carbon-binder")
    let kept = try Program.run(map(short) + ["--rest-is-empty"], in: folder)
    #expect(kept.status == 0, "\(kept.errors)")
  }

  @Test func componentsThatCannotBeUsed() throws {
    let twin = try simulate(["--mixture"])
    let good = try String(contentsOfFile: twin + "/standards.yaml", encoding: .utf8)
    let calibration = folder.file("c.json")
    func calibrate(_ old: String, _ new: String) throws -> [String] {
      #expect(good.contains(old))
      try good.replacing(old, with: new).write(toFile: twin + "/bad.yaml", atomically: true, encoding: .utf8)
      return ["calibrate", twin + "/bad.yaml", "-o", calibration]
    }
    try fails(
      try calibrate(", file: standards/electrolyte.csv", ""), says: "components", "file", "missing")
    try fails(
      try calibrate("standards/electrolyte.csv", "standards/none.csv"), with: 66, says: "none.csv")
    try fails(
      try calibrate("name: carbon-binder", "name: electrolyte"), says: "two components", "'electrolyte'")
    // Two components with one spectrum: with fractions all is well, without them they cannot be told apart.
    let alike = try calibrate("standards/carbon-binder.csv", "standards/electrolyte.csv")
    #expect(try Program.run(alike, in: folder).status == 0)
    try fails(
      [
        "map", twin + "/xcs.nxs", "-c", calibration, "-o", folder.file("m"), "--components", "free",
      ], says: "too alike", "--fractions")
    try fails(
      [
        "map", twin + "/xcs.nxs", "-c", calibration, "-o", folder.file("m"), "--components", "tied",
      ], with: 64, says: "tied", "--fractions")
  }

  /// An angle for 8 x 6 pixels (y, x) where the spectra have 6 x 8: the sides of the array swapped within the file.
  @Test func anglesOfAnotherDetector() throws {
    let twin = try simulate(["--angle-spread", "3"])
    let calibration = folder.file("c.json")
    #expect(
      try Program.run(["calibrate", twin + "/standards.yaml", "-o", calibration], in: folder).status == 0)
    func sides(_ y: UInt8, _ x: UInt8) -> [UInt8] {
      [y, 0, 0, 0, 0, 0, 0, 0, x, 0, 0, 0, 0, 0, 0, 0]
    }
    let path = twin + "/xcs.nxs"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    // A data space of two dimensions with their limits, as HDF5's first object headers have it.
    let plane: [UInt8] = [1, 2, 1, 0, 0, 0, 0, 0]
    let place = try #require(bytes.firstRange(of: Data(plane + sides(6, 8) + sides(6, 8))))
    bytes.replaceSubrange(place, with: Data(plane + sides(8, 6) + sides(8, 6)))
    try bytes.write(to: URL(fileURLWithPath: path))
    let map = ["map", path, "-c", calibration, "-o", folder.file("m")]
    try fails(map, says: "xcs.nxs", "8x6 pixels", "6x8 (y, x)")
    let gains = folder.file("gain.txt")
    try "1 1 1\n1 1 1\n".write(toFile: gains, atomically: true, encoding: .utf8)
    // What was changed since it was written is not replaced.
    try FileManager.default.removeItem(atPath: path)
    let good = try simulate(["--overwrite"]) + "/xcs.nxs"
    try fails(
      [
        "map", good, "-c", calibration, "-o", folder.file("m"), "--pixel-gain", gains, "--pixel-offset",
        gains,
      ],
      says: "gain.txt", "6 gains", "6x8 pixels")
  }
}
