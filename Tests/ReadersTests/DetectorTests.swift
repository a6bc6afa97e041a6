import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Elements of a detector, frames, their calibrations and their times.
@Suite("Elements and frames of detectors")
struct DetectorTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let bins = 40

  /// Counts (x, element, energy) or (frame, x, element, energy): 1000 frame + 100 x + 10 element in every bin.
  private func file(
    frames: Int? = nil, elements: Int = 3, axes: [String], _ body: (HDF5Output) throws -> Void = { _ in }
  ) throws -> String {
    let output = try HDF5Output(path: folder.file("a.nxs"), overwrite: true)
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("NX_class", .strings(["NXentry"]), of: "/entry")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(axes), of: "/entry/data")
    var values: [UInt32] = []
    for frame in 0..<(frames ?? 1) {
      for x in 0..<2 {
        for element in 0..<elements {
          values += [UInt32](repeating: UInt32(1000 * frame + 100 * x + 10 * element), count: Self.bins)
        }
      }
    }
    let shape = (frames.map { [$0] } ?? []) + [2, elements, Self.bins]
    try HDF5FileTests.array(output, "/entry/data/counts", shape, .uint32(values))
    try output.value(
      "/entry/data/energy", .numbers((0..<Self.bins).map { 84 + 0.5 * Double($0) }), units: "keV")
    try body(output)
    try output.finish()
    return folder.file("a.nxs")
  }

  private func firstBins(_ path: String, _ options: SpectralOpenOptions) throws -> [Float] {
    let source = try SpectralFile.open(path, options: options)
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    return stride(from: 0, to: counts.count, by: Self.bins).map { counts[$0] }
  }

  @Test func elementsAreChosenOrAddedUp() throws {
    let path = try file(axes: ["x", "det", "energy"])
    let unchosen = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(unchosen?.message.contains("3 detector elements") == true)
    #expect(unchosen?.advice?.contains("--detector") == true)
    #expect(try firstBins(path, .init(detector: .element(1))) == [10, 110])
    #expect(try firstBins(path, .init(detector: .elements([0, 2]))) == [20, 220])
    #expect(try firstBins(path, .init(detector: .sum)) == [30, 330])
    let outside = #expect(throws: VoxelithError.self) {
      try SpectralFile.open(path, options: .init(detector: .elements([0, 3])))
    }
    #expect(outside?.code == .usage)
  }

  /// Elements a bin or two apart: bins at the ends that one of them does not reach would have too few counts.
  @Test func onlyBinsThatAllElementsReach() throws {
    let path = try file(axes: ["x", "det", "energy"])
    var options = SpectralOpenOptions(
      elementCoefficients: [[84, 0.5], [85, 0.5], [83.5, 0.5]], detector: .sum)
    let source = try SpectralFile.open(path, options: options)
    // Element 1 begins two bins later, element 2 ends one earlier.
    #expect(source.energy.count == Self.bins - 3)
    #expect(source.energy.centers.first == 85 && source.energy.centers.last == 84 + 0.5 * 38)
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    #expect(counts.count == 2 * 37)
    #expect(counts[..<37].allSatisfy { abs($0 - 30) < 1e-4 })
    #expect(counts[37...].allSatisfy { abs($0 - 330) < 1e-3 })
    #expect(SpectralFile.notices(source).contains { $0.contains("37 of 40") })
    options.detector = .element(0)
    #expect(try SpectralFile.open(path, options: options).energy.count == Self.bins)
    options.elementCoefficients = [[84, 0.5], [184, 0.5], [84, 0.5]]
    options.detector = .sum
    #expect(throws: VoxelithError.self) { try SpectralFile.open(path, options: options) }
  }

  @Test func framesAreChosenOrAddedUp() throws {
    let path = try file(frames: 4, elements: 2, axes: ["frame", "x", "det", "energy"])
    let unchosen = #expect(throws: VoxelithError.self) {
      try SpectralFile.open(path, options: .init(detector: .element(0)))
    }
    #expect(unchosen?.message.contains("4 frames") == true)
    #expect(unchosen?.advice?.contains("--frames") == true)
    #expect(try firstBins(path, .init(detector: .element(1), frame: .element(3))) == [3010, 3110])
    #expect(try firstBins(path, .init(detector: .sum, frame: .sum)) == [12040, 12840])
  }

  @Test func choicesAsCommandsSpellThem() {
    #expect(AxisChoice("sum") == .sum)
    #expect(AxisChoice("3") == .element(3))
    #expect(AxisChoice("0,2-4") == .elements([0, 2, 3, 4]))
    for wrong in ["", "a", "-1", "3-1", "1,1", "1,", "sum,1"] {
      #expect(AxisChoice(wrong) == nil, "\(wrong)")
    }
    #expect(PositionChoice("x=/a,y=/b") == .named([.x: "/a", .y: "/b"]))
    for wrong in ["", "x", "w=/a", "x=/a,x=/b", "x="] { #expect(PositionChoice(wrong) == nil, "\(wrong)") }
  }

  /// Elements with other gains are put on one axis: the sum of counts stays, and so does the place of a line.
  @Test func elementsWithTheirOwnCalibration() throws {
    let output = try HDF5Output(path: folder.file("b.nxs"), overwrite: true)
    try output.group("/entry/mca", class: "NXdetector")
    let bins = 400
    func line(_ gain: Double) -> [UInt32] {
      // A line of 10^6 counts at 100 keV, 1 keV wide.
      (0..<bins).map { bin in
        let offset = (80 + gain * Double(bin) - 100) / 0.42
        return UInt32(1e6 * gain / (0.42 * 2.5066) * exp(-0.5 * offset * offset))
      }
    }
    try HDF5FileTests.array(output, "/entry/mca/data", [1, 2, bins], .uint32(line(0.1) + line(0.11)))
    try output.value(
      "/entry/mca/calibration", .numbers([80, 0.1, 0, 80, 0.11, 0]), shape: [2, 3], units: "keV")
    try output.finish()
    let source = try SpectralFile.open(folder.file("b.nxs"), options: .init(detector: .sum))
    let counts = try source.readCounts(Region(whole: source.grid.shape)).map(Double.init)
    let total = counts.reduce(0, +)
    let mean = zip(counts, source.energy.centers).reduce(0) { $0 + $1.0 * $1.1 } / total
    #expect(abs(total / Double(line(0.1).reduce(0, +) + line(0.11).reduce(0, +)) - 1) < 1e-6)
    #expect(abs(mean - 100) < 0.002)
  }

  @Test func timesOfElementsAndFrames() throws {
    // Real time 10 s; dead fractions 0.1, 0.2, 0.3 of the elements.
    let path = try file(axes: ["x", "det", "energy"]) { output in
      try output.group("/entry/instrument", class: "NXinstrument")
      try output.group("/entry/instrument/detector", class: "NXdetector")
      try output.value("/entry/instrument/detector/real_time", .numbers([10]), units: "s")
      try output.value(
        "/entry/instrument/detector/dead_time", .numbers([10, 20, 30]), shape: [3], units: "%")
    }
    let one = try SpectralFile.open(path, options: .init(detector: .element(2)))
    #expect(abs((one.acquisition.liveTime ?? 0) - 7) < 1e-12)
    let all = try SpectralFile.open(path, options: .init(detector: .sum))
    #expect(abs((all.acquisition.liveTime ?? 0) - 8) < 1e-12)
    #expect(all.acquisition.voxelLiveTimes == nil)
  }

  /// As SPEC, BLISS and PyMca store analysers: coefficients of the channel, and a live time for every voxel.
  @Test func analysersWithCoefficients() throws {
    let output = try HDF5Output(path: folder.file("m.h5"), overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/instrument", class: "NXinstrument")
    try output.group("/entry/instrument/mca_0", class: "NXdetector")
    let values = (0..<(2 * 3 * 40)).map { UInt32($0) }
    try HDF5FileTests.array(output, "/entry/instrument/mca_0/data", [1, 2, 3, 40], .uint32(values))
    try output.value("/entry/instrument/mca_0/channels", .numbers((0..<40).map(Double.init)))
    try output.value("/entry/instrument/mca_0/calibration", .numbers([84.025, 0.5, 0.001]))
    try output.value(
      "/entry/instrument/mca_0/live_time", .numbers([1, 2, 3, 4, 5, 6]), shape: [1, 2, 3], units: "s")
    try output.finish()
    for options in [
      SpectralOpenOptions(),
      .init(
        dataset: "/entry/instrument/mca_0/data", energyDataset: "/entry/instrument/mca_0/calibration"),
    ] {
      let source = try SpectralFile.open(folder.file("m.h5"), options: options)
      #expect(source.grid.shape == Shape(z: 1, y: 2, x: 3))
      #expect(abs(source.energy.centers[10] - (84.025 + 5 + 0.1)) < 1e-9)
      #expect(source.acquisition.voxelLiveTimes == [1, 2, 3, 4, 5, 6])
      #expect(try source.readCounts(Region(whole: source.grid.shape)) == values.map { Float($0) })
    }
  }

  /// Coefficients that are as many as an axis has points are no energies of that axis, whatever their unit.
  @Test(arguments: [[3, 2, 2], [2, 3, 2], [2, 2, 3], [3, 3, 3], [1, 1, 3], [4, 2, 3]], ["keV", "eV"])
  func coefficientsAsLongAsAnAxis(scan: [Int], unit: String) throws {
    let output = try HDF5Output(path: folder.file("m.h5"), overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/mca", class: "NXdetector")
    let count = scan.reduce(1, *)
    let values = (0..<(count * 40)).map { UInt32($0) }
    try HDF5FileTests.array(output, "/entry/mca/data", scan + [40], .uint32(values))
    let scale = unit == "eV" ? 1000.0 : 1
    let coefficients = [84.025, 0.5, 0] + (scan[0] == 4 ? [0] : [])
    try output.value("/entry/mca/calibration", .numbers(coefficients.map { $0 * scale }), units: unit)
    try output.value("/entry/mca/energy_resolution", .numbers([0.8, 0.9, 1.0]), units: "keV")
    try output.finish()
    let source = try SpectralFile.open(folder.file("m.h5"))
    #expect(source.grid.shape == Shape(z: scan[0], y: scan[1], x: scan[2]))
    #expect(abs(source.energy.centers[10] - 89.025) < 1e-9 && source.energy.count == 40)
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == values.map { Float($0) })
  }

  /// An axis of one time point beside those of space is left out.
  @Test func axesOfLengthOne() throws {
    let output = try HDF5Output(path: folder.file("m.h5"), overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["t", "z", "y", "x", "energy"]), of: "/entry/data")
    let values = [UInt32](0..<48)
    try HDF5FileTests.array(output, "/entry/data/counts", [1, 2, 2, 3, 4], .uint32(values))
    try output.value("/entry/data/energy", .numbers([80, 81, 82, 83]), units: "keV")
    try output.finish()
    let source = try SpectralFile.open(folder.file("m.h5"))
    #expect(source.grid.shape == Shape(z: 2, y: 2, x: 3))
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == values.map { Float($0) })
  }

  /// As BLISS stores scans: counts in the detector, positions among the counters of the entry, a list of both.
  @Test func positionsBesideTheCounts() throws {
    for isTold in [true, false] {
      let output = try HDF5Output(path: folder.file("b.h5"), overwrite: true)
      try output.group("/1.1", class: "NXentry")
      try output.group("/1.1/instrument", class: "NXinstrument")
      try output.group("/1.1/instrument/mca", class: "NXdetector")
      try output.group("/1.1/measurement", class: "NXcollection")
      // Two rows of three points, the second one backwards.
      let order = [0, 1, 2, 5, 4, 3]
      let values = order.flatMap { point in (0..<4).map { UInt32(10 * point + $0) } }
      try HDF5FileTests.array(output, "/1.1/instrument/mca/data", [6, 4], .uint32(values))
      try output.value("/1.1/instrument/mca/calibration", .numbers([80, 1]), units: "keV")
      if isTold {
        try output.value("/1.1/measurement/samx", .numbers(order.map { Double($0 % 3) * 50 }), units: "um")
        try output.value("/1.1/measurement/samy", .numbers(order.map { Double($0 / 3) * 40 }), units: "um")
      }
      try output.finish()
      let source = try SpectralFile.open(folder.file("b.h5"))
      let counts = try source.readCounts(Region(whole: source.grid.shape))
      if isTold {
        #expect(source.grid.shape == Shape(z: 1, y: 2, x: 3) && source.grid.spacing.x == 50)
        let wanted: [Float] = (0..<24).map { Float(10 * ($0 / 4) + $0 % 4) }
        #expect(counts == wanted)
        #expect(SpectralFile.notices(source).isEmpty)
      } else {
        #expect(source.grid.shape == Shape(z: 1, y: 1, x: 6))
        #expect(SpectralFile.notices(source).contains { $0.contains("--scan-shape") })
      }
    }
  }

  @Test func channelsWithoutEnergies() throws {
    let output = try HDF5Output(path: folder.file("c.nxs"), overwrite: true)
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(["x", "channel"]), of: "/entry/data")
    try HDF5FileTests.array(output, "/entry/data/counts", [2, 40], .uint32((0..<80).map { UInt32($0) }))
    try output.value("/entry/data/channel", .numbers((0..<40).map { Double($0 + 100) }))
    try output.finish()
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("c.nxs")) }
    #expect(error?.advice?.contains("--energy-coefficients") == true)
    let source = try SpectralFile.open(
      folder.file("c.nxs"), options: .init(energyCoefficients: [34, 0.5]))
    // The channels of the file begin at 100.
    #expect(source.energy.centers[0] == 84)
  }

  @Test func countsPerSecondNeedTheLiveTime() throws {
    let path = try file(elements: 1, axes: ["x", "det", "energy"]) { output in
      try output.attribute("units", .strings(["counts/s"]), of: "/entry/data/counts")
    }
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.advice?.contains("--live-time") == true)
    #expect(try firstBins(path, .init(acquisition: Acquisition(liveTime: 20))) == [0, 2000])
  }
}
