import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Spectra whose points the file stores in the order of time, against the grid that they were made on.
@Suite("Scans of points")
struct ScanTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let bins = 40
  static let shape = Shape(z: 1, y: 4, x: 5)

  /// Counts of a voxel: told apart by their first bin.
  static func spectrum(_ y: Int, _ x: Int, _ z: Int = 0) -> [UInt32] {
    (0..<bins).map { UInt32(10000 * z + 1000 * y + 100 * x + $0) }
  }

  /// All voxels in the order z, y, x.
  static func truth(_ shape: Shape = shape) -> [Float] {
    var values: [Float] = []
    for z in 0..<shape.z {
      for y in 0..<shape.y { for x in 0..<shape.x { values += spectrum(y, x, z).map { Float($0) } } }
    }
    return values
  }

  /// Columns of a row in the order in which a snake passes them.
  static func snake(_ y: Int) -> [Int] { y.isMultiple(of: 2) ? [0, 1, 2, 3, 4] : [4, 3, 2, 1, 0] }

  /// A file of these points; `body` adds what tells their places.
  func file(
    _ name: String, counts: [Int], points: [(y: Int, x: Int)], _ body: (HDF5Output) throws -> Void
  ) throws -> String {
    let output = try HDF5Output(path: folder.file(name), overwrite: false)
    try output.group("/entry", class: "NXentry")
    try output.attribute("default", .strings(["entry"]), of: "/")
    try output.attribute("default", .strings(["data"]), of: "/entry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    let values = points.flatMap { Self.spectrum($0.y, $0.x) }
    try HDF5FileTests.array(output, "/entry/data/counts", counts + [Self.bins], .uint32(values))
    try output.value(
      "/entry/data/energy", .numbers((0..<Self.bins).map { 84 + 0.5 * Double($0) }), units: "keV")
    try body(output)
    try output.finish()
    return folder.file(name)
  }

  func positions(
    _ output: HDF5Output, _ name: String, _ values: [Double], shape: [Int], units: String? = "um",
    indices: [Int]? = nil
  ) throws {
    try output.value("/entry/data/" + name, .numbers(values), shape: shape, units: units)
    if let indices {
      try output.attribute(
        name + "_indices", .numbers(indices.map(Double.init)), of: "/entry/data", stored: .int32)
    }
  }

  func expectTruth(_ path: String, _ options: SpectralOpenOptions = .init()) throws {
    let source = try SpectralFile.open(path, options: options)
    #expect(source.grid.shape == Self.shape)
    #expect(source.grid.hasKnownSpacing)
    for axis in 0..<2 {
      #expect(abs(source.grid.spacing[axis] - 80) < 5, "\(source.grid)")
      // A raster that is told has no places: its corner is 0.
      #expect(options.scanShape != nil || abs(source.grid.origin[axis] + 40) < 8, "\(source.grid)")
    }
    #expect(try source.readCounts(Region(whole: Self.shape)) == Self.truth())
    let box = Region(lower: Shape(z: 0, y: 1, x: 1), shape: Shape(z: 1, y: 2, x: 3))
    let part = try source.readCounts(box)
    #expect(part.count == 6 * Self.bins && part[0] == 1100 && part[3 * Self.bins] == 2100)
  }

  static let order = (0..<4).flatMap { y in snake(y).map { (y: y, x: $0) } }

  @Test func snakeWithPositionsOfEveryPoint() throws {
    let path = try file("a.nxs", counts: [4, 5], points: Self.order) { output in
      try output.attribute("axes", .strings(["y", "x", "energy"]), of: "/entry/data")
      try positions(
        output, "x", Self.order.map { 80 * Double($0.x) }, shape: [4, 5], indices: [0, 1])
      try positions(
        output, "y", Self.order.map { 80 * Double($0.y) }, shape: [4, 5], indices: [0, 1])
    }
    try expectTruth(path)
    let origins = try SpectralFile.describe(path).origins
    #expect(origins.contains { $0.quantity == "places along x" && $0.source.contains("/entry/data/x (um)") })
  }

  @Test(arguments: [true, false]) func listsOfPoints(isSnake: Bool) throws {
    let order = isSnake ? Self.order : (0..<20).map { (y: $0 / 5, x: $0 % 5) }
    let path = try file("a.nxs", counts: [20], points: order) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
      try positions(output, "x", order.map { 80 * Double($0.x) }, shape: [20], indices: [0])
      try positions(output, "y", order.map { 0.08 * Double($0.y) }, shape: [20], units: "mm", indices: [0])
    }
    try expectTruth(path)
  }

  /// Any order at all: the points are put in theirs.
  @Test func shuffledList() throws {
    var random = SeededGenerator(seed: 7)
    let order = Self.order.shuffled(using: &random)
    let path = try file("a.nxs", counts: [20], points: order) { output in
      try output.attribute("axes", .strings(["sample_x", "energy"]), of: "/entry/data")
      try positions(output, "sample_x", order.map { 80 * Double($0.x) }, shape: [20])
      try positions(output, "sample_y", order.map { 80 * Double($0.y) }, shape: [20])
    }
    try expectTruth(path)
  }

  /// Read-back of a stage that moves: a fifth of a step of scatter, and a lag that changes its sign with the direction.
  @Test(arguments: [1, 2, 3]) func flyScanWithJitter(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    func jitter() -> Double { 80 * Double.random(in: -0.15...0.15, using: &random) }
    let path = try file("a.nxs", counts: [4, 5], points: Self.order) { output in
      try output.attribute("axes", .strings(["y", "x", "energy"]), of: "/entry/data")
      try positions(
        output, "x_rbv",
        Self.order.map { 80 * Double($0.x) + jitter() + ($0.y.isMultiple(of: 2) ? 6 : -6) }, shape: [4, 5])
      try positions(output, "y_rbv", Self.order.map { 80 * Double($0.y) + 0.2 * jitter() }, shape: [4, 5])
    }
    try expectTruth(path)
  }

  @Test func pointsThatAreMissingOrTwiceAreToldAndNotHidden() throws {
    var order = Self.order
    order.remove(at: 7)
    let missing = try file("missing.nxs", counts: [19], points: order) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
      try positions(output, "x", order.map { 80 * Double($0.x) }, shape: [19])
      try positions(output, "y", order.map { 80 * Double($0.y) }, shape: [19])
    }
    let refused = #expect(throws: VoxelithError.self) { try SpectralFile.open(missing) }
    #expect(refused?.message.contains("1 of 20 voxels were not measured") == true)
    #expect(refused?.message.contains("(0, 1, 2)") == true)
    #expect(refused?.advice?.contains("--allow-missing") == true)
    let source = try SpectralFile.open(missing, options: SpectralOpenOptions(allowsMissing: true))
    let counts = try source.readCounts(Region(whole: Self.shape))
    let hole = Self.shape.index(z: 0, y: 1, x: 2) * Self.bins
    #expect(counts[hole..<(hole + Self.bins)].allSatisfy { $0.isNaN })
    #expect(counts.count { $0.isNaN } == Self.bins)

    let twice = Self.order + [Self.order[3]]
    let path = try file("twice.nxs", counts: [21], points: twice) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
      try positions(output, "x", twice.map { 80 * Double($0.x) }, shape: [21])
      try positions(output, "y", twice.map { 80 * Double($0.y) }, shape: [21])
    }
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.advice?.contains("--repeats sum") == true)
    let sum = try SpectralFile.open(path, options: SpectralOpenOptions(repeats: .sum))
    let place = Self.shape.index(z: 0, y: 0, x: 3) * Self.bins
    #expect(try sum.readCounts(Region(whole: Self.shape))[place] == 600)
    for choice in [RepeatChoice.first, .last] {
      try expectTruth(path, SpectralOpenOptions(repeats: choice))
    }
  }

  @Test func aRasterThatTheCallerTells() throws {
    let path = try file("a.nxs", counts: [20], points: Self.order) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
    }
    try expectTruth(
      path,
      SpectralOpenOptions(
        voxelSize: SIMD3(80, 80, 80), scanShape: [4, 5], isSnake: true)
    )
  }

  @Test func positionsThatTheCallerNames() throws {
    let path = try file("a.nxs", counts: [20], points: Self.order) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
      try output.group("/entry/measurement", class: "NXcollection")
      try output.value(
        "/entry/measurement/m1", .numbers(Self.order.map { 80 * Double($0.x) }), units: "um")
      try output.value(
        "/entry/measurement/m2", .numbers(Self.order.map { 80 * Double($0.y) }), units: "um")
    }
    #expect(try SpectralFile.open(path).grid.shape == Shape(z: 1, y: 1, x: 20))
    try expectTruth(
      path,
      SpectralOpenOptions(
        positions: .named([.x: "/entry/measurement/m1", .y: "/entry/measurement/m2"])))
  }

  /// The steps of the axes differ by a factor of 40: the finer one is no scatter.
  @Test func unequalSteps() throws {
    let path = try file("a.nxs", counts: [20], points: Self.order) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
      try positions(output, "x", Self.order.map { 80 * Double($0.x) }, shape: [20])
      try positions(output, "y", Self.order.map { 2 * Double($0.y) }, shape: [20])
    }
    let source = try SpectralFile.open(path)
    #expect(source.grid.shape == Self.shape)
    #expect(abs(source.grid.spacing.y - 2) < 1e-9)
    #expect(try source.readCounts(Region(whole: Self.shape)) == Self.truth())
  }

  @Test func placesWithoutStepsAreRefused() throws {
    let odd = [0.0, 3, 50, 61, 99]
    let path = try file("a.nxs", counts: [20], points: Self.order) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
      try positions(output, "x", Self.order.map { odd[$0.x] }, shape: [20])
      try positions(output, "y", Self.order.map { 80 * Double($0.y) }, shape: [20])
    }
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.code == .data)
    #expect(error?.advice?.contains("--") == true)
  }

  /// A row of an axis that was left out is found by its place and not closed up.
  @Test func gapInAnAxis() throws {
    let order = Self.order.filter { $0.y != 2 }
    let path = try file("a.nxs", counts: [3, 5], points: order.sorted { ($0.y, $0.x) < ($1.y, $1.x) }) {
      output in
      try output.attribute("axes", .strings(["y", "x", "energy"]), of: "/entry/data")
      try positions(output, "y", [0, 80, 240], shape: [3])
      try positions(output, "x", [0, 80, 160, 240, 320], shape: [5])
    }
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.message.contains("5 of 20 voxels were not measured") == true)
  }

  @Test func liveTimesGoWithTheirPoints() throws {
    let path = try file("a.nxs", counts: [20], points: Self.order) { output in
      try output.attribute("axes", .strings([".", "energy"]), of: "/entry/data")
      try positions(output, "x", Self.order.map { 80 * Double($0.x) }, shape: [20])
      try positions(output, "y", Self.order.map { 80 * Double($0.y) }, shape: [20])
      try output.group("/entry/instrument", class: "NXinstrument")
      try output.group("/entry/instrument/detector", class: "NXdetector")
      try output.value(
        "/entry/instrument/detector/live_time",
        .numbers(Self.order.map { 1000 * (10 * Double($0.y) + Double($0.x) + 1) }), shape: [20], units: "ms")
    }
    let source = try SpectralFile.open(path)
    let times = try #require(source.acquisition.voxelLiveTimes)
    let truth: [Float] = (0..<20).map { (voxel: Int) -> Float in Float(10 * (voxel / 5) + voxel % 5 + 1) }
    #expect(times == truth)
    #expect(source.acquisition.liveTime == 18)
  }
}
