import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Which of the times of a file are live times, and exposures of which some tell none.
@Suite("Live times of scans and exposures")
struct LiveTimeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let points = 6

  /// A scan as BLISS stores it: counts in the group of the detector, motors and the clock of the scan in `measurement`.
  private func scan(_ body: (HDF5Output) throws -> Void = { _ in }) throws -> String {
    let path = folder.file("a.h5")
    let output = try HDF5Output(path: path, overwrite: true)
    for (group, kind) in [
      ("/1.1", "NXentry"), ("/1.1/instrument", "NXinstrument"), ("/1.1/instrument/mca_det0", "NXdetector"),
      ("/1.1/instrument/mca_det1", "NXdetector"), ("/1.1/measurement", "NXcollection"),
    ] { try output.group(group, class: kind) }
    let counts = (0..<(40 * Self.points)).map { UInt32($0) }
    try HDF5FileTests.array(output, "/1.1/measurement/mca_det0", [Self.points, 40], .uint32(counts))
    let clock = (0..<Self.points).map { 0.11 * Double($0 + 1) }
    try output.value("/1.1/measurement/elapsed_time", .numbers(clock), shape: [Self.points], units: "s")
    for (detector, time) in [("mca_det0", 0.1), ("mca_det1", 0.09)] {
      let times = [Double](repeating: time, count: Self.points)
      try output.value(
        "/1.1/instrument/\(detector)/live_time", .numbers(times), shape: [Self.points], units: "s")
    }
    try body(output)
    try output.finish()
    return path
  }

  private func open(_ path: String) throws -> any SpectralSource {
    try SpectralFile.open(
      path, options: SpectralOpenOptions(dataset: "/1.1/measurement/mca_det0", energyCoefficients: [80, 0.3]))
  }

  /// The clock of the scan is none, and the time is that of the detector whose counts are read.
  @Test func theTimeOfTheDetectorIsTaken() throws {
    let acquisition = try open(try scan()).acquisition
    #expect(abs((acquisition.liveTime ?? 0) - 0.1) < 1e-12 && acquisition.voxelLiveTimes == nil)
  }

  /// Times in one line, in the order of the points, are those of a scan of two axes; others fit no points, which is told.
  @Test(arguments: [6, 5])
  func timesInOneLine(count: Int) throws {
    let path = folder.file("c.nxs")
    let output = try HDF5Output(path: path, overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["y", "x", "energy"]), of: "/entry/data")
    try HDF5FileTests.array(
      output, "/entry/data/counts", [2, 3, 40], .uint32([UInt32](repeating: 1, count: 240)))
    try output.value("/entry/data/energy", .numbers((0..<40).map { 84 + 0.5 * Double($0) }), units: "keV")
    try output.value(
      "/entry/data/live_time", .numbers((0..<count).map { 3 + Double(($0 * 5) % 7) }), shape: [count],
      units: "s")
    try output.finish()
    if count == 6 {
      #expect(try SpectralFile.open(path).acquisition.voxelLiveTimes == [3, 8, 6, 4, 9, 7])
    } else {
      let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
      #expect(error?.message.contains("do not fit the points") == true)
      #expect(error?.advice?.contains("--live-time") == true)
      var options = SpectralOpenOptions()
      options.acquisition.liveTime = 7
      #expect(try SpectralFile.open(path, options: options).acquisition.liveTime == 7)
    }
  }

  /// A file of so many points along x, 40 bins each, to which times are added.
  private func line(of points: Int, to path: String) throws -> HDF5Output {
    let output = try HDF5Output(path: path, overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["x", "energy"]), of: "/entry/data")
    try HDF5FileTests.array(
      output, "/entry/data/counts", [points, 40], .uint32([UInt32](repeating: 1, count: 40 * points)))
    try output.value("/entry/data/energy", .numbers((0..<40).map { 84 + 0.5 * Double($0) }), units: "keV")
    return output
  }

  /// Nobody counts for longer than the clock ran.
  @Test(arguments: [0.9, 1.0, 2.0]) func liveTimesBeyondRealOnes(factor: Double) throws {
    let path = folder.file("c.nxs")
    let output = try line(of: 3, to: path)
    let times = [5.0, 3, 9]
    try output.value("/entry/data/real_time", .numbers(times), shape: [3], units: "s")
    try output.value(
      "/entry/data/live_time", .numbers([4, 2, 9 * factor].map { 1000 * $0 }), shape: [3], units: "ms")
    try output.finish()
    if factor > 1 {
      let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
      #expect(error?.message.contains("live time 18 s of point 2 is longer than its real time 9 s") == true)
    } else {
      #expect(try SpectralFile.open(path).acquisition.voxelLiveTimes == [4, 2, Float(9 * factor)])
    }
  }

  @Test func aClockAloneIsNoTime() throws {
    let path = folder.file("b.nxs")
    let output = try line(of: 6, to: path)
    try output.value(
      "/entry/data/elapsed_time", .numbers((0..<6).map { 0.2 + 0.11 * Double($0) }), shape: [6], units: "s")
    try output.finish()
    #expect(try SpectralFile.open(path).acquisition.liveTime == nil)
  }

  private func exposure(_ name: String, liveTime: Double?) throws -> String {
    let path = folder.file(name)
    let writer = try NexusSpectralWriter(
      path: path, grid: Grid(shape: Shape(z: 1, y: 1, x: 2), spacing: .one),
      energy: EnergyAxis(first: 80, width: 1, count: 4),
      acquisition: Acquisition(liveTime: liveTime), type: .uint32)
    try writer.write([Float](repeating: 3, count: 8), to: Region(whole: Shape(z: 1, y: 1, x: 2)))
    try writer.finish()
    return path
  }

  @Test func exposures() throws {
    let (first, second, bare) = (
      try exposure("1.nxs", liveTime: 2), try exposure("2.nxs", liveTime: 3),
      try exposure("3.nxs", liveTime: nil)
    )
    let both = try SpectralImport.open([first, second], options: .init())
    #expect(both.acquisition.liveTime == 5)
    #expect(try both.readCounts(Region(whole: both.grid.shape))[0] == 6)
    let untold = #expect(throws: VoxelithError.self) {
      try SpectralImport.open([first, bare], options: .init())
    }
    #expect(untold?.file == bare && untold?.advice?.contains("--live-time") == true)
    try FileManager.default.createSymbolicLink(atPath: folder.file("again.nxs"), withDestinationPath: first)
    for other in [first, folder.file("again.nxs")] {
      let twice = #expect(throws: VoxelithError.self) {
        try SpectralImport.open([first, other], options: .init())
      }
      #expect(twice?.message.contains("twice") == true)
    }
  }

  /// Voxels that one exposure lacks are those of the others, with their time.
  @Test func anExposureThatWasStopped() throws {
    let first = try exposure("whole.nxs", liveTime: 2)
    let path = folder.file("half.nxs")
    let output = try HDF5Output(path: path, overwrite: false)
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["z", "y", "x", "energy"]), of: "/entry/data")
    try HDF5FileTests.array(
      output, "/entry/data/counts", [1, 1, 1, 4], .uint32([5, 5, 5, 5]))
    try output.value("/entry/data/energy", .numbers([80, 81, 82, 83]), units: "keV")
    try output.group("/entry/instrument", class: "NXinstrument")
    try output.group("/entry/instrument/detector", class: "NXdetector")
    try output.value("/entry/instrument/detector/live_time", .numbers([3]), units: "s")
    try output.finish()
    let options = SpectralOpenOptions(voxelSize: .one, scanShape: [1, 1, 2], allowsMissing: true)
    let half = try SpectralFile.open(path, options: options)
    #expect((half as? any DescribedSpectra)?.absent == [false, true])
    let whole = SpectralOpenOptions(voxelSize: .one, allowsMissing: true)
    let parts = [
      try #require(try SpectralFile.open(first, options: whole) as? any DescribedSpectra),
      try #require(half as? any DescribedSpectra),
    ]
    #expect(parts[0].absent == nil)
    let both = try SpectralExposures(parts, options: whole)
    #expect(both.absent == nil)
    let counts = try both.readCounts(Region(whole: both.grid.shape))
    #expect(counts == [8, 8, 8, 8, 3, 3, 3, 3])
    #expect(both.acquisition.voxelLiveTimes == [5, 2])
    // What no exposure holds is missing.
    let none = try SpectralExposures([parts[1], parts[1]], options: whole)
    #expect(none.absent == [false, true])
    let rest = try none.readCounts(Region(whole: none.grid.shape))
    #expect(rest[0] == 10 && rest[4].isNaN)
  }
}
