import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Axes that are none of space never become z, y or x in silence; those that the file names keep their names.
@Suite("Axes that are none of space")
struct StrangeAxesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let bins = 6

  /// An axis beside y (2) and x (4): its name, its values' unit, and whether it has values at all.
  struct Strange: Sendable, CustomStringConvertible {
    var name: String
    var unit: String?
    var hasValues = true
    var description: String { "\(name) \(unit ?? "")" }
  }

  static let strange: [Strange] = [
    Strange(name: "rotation_angle", unit: "deg"), Strange(name: "theta", unit: "rad"),
    Strange(name: "t", unit: "s"), Strange(name: "time"), Strange(name: "scan_number"),
    Strange(name: "image_number"), Strange(name: "temperature", unit: "K"), Strange(name: "bias", unit: "V"),
    Strange(name: "motor", unit: "deg"), Strange(name: ".", hasValues: false), Strange(name: "thing"),
  ]

  /// Values 100 place + 10 y + x along the axes of `names`, of 3, 2 and 4; spectra have the same in every bin.
  private func file(
    _ names: [String], _ other: Strange, spectra: Bool, _ more: (HDF5Output) throws -> Void = { _ in }
  ) throws -> String {
    let path = folder.file("a.nxs")
    let output = try HDF5Output(path: path, overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["counts"]), of: "/entry/data")
    try output.attribute("axes", .strings(names + (spectra ? ["energy"] : [])), of: "/entry/data")
    let length = ["y": 2, "x": 4]
    let shape = names.map { length[$0] ?? 3 }
    var values: [UInt32] = []
    for index in 0..<shape.reduce(1, *) {
      var (rest, value) = (index, 0)
      for axis in shape.indices.reversed() {
        value += rest % shape[axis] * (names[axis] == "x" ? 1 : names[axis] == "y" ? 10 : 100)
        rest /= shape[axis]
      }
      values += [UInt32](repeating: UInt32(value), count: spectra ? Self.bins : 1)
    }
    try HDF5FileTests.array(
      output, "/entry/data/counts", shape + (spectra ? [Self.bins] : []), .uint32(values))
    for (name, count) in zip(names, shape) where name != "." {
      let own = name == other.name
      if own && !other.hasValues { continue }
      try output.value(
        "/entry/data/" + name, .numbers((0..<count).map { 10 * Double($0) }), shape: [count],
        units: own ? other.unit : "um")
    }
    if spectra {
      try output.value(
        "/entry/data/energy", .numbers((0..<Self.bins).map { 84 + Double($0) }), units: "keV")
    }
    try more(output)
    try output.finish()
    return path
  }

  private func firsts(_ source: any SpectralSource) throws -> [Float] {
    let counts = try source.readCounts(Region(whole: source.grid.shape))
    return stride(from: 0, to: counts.count, by: Self.bins).map { counts[$0] }
  }

  @Test("spectra: refused first and last, chosen and added up on request", arguments: strange)
  func spectra(_ other: Strange) throws {
    let plane: [Float] = [0, 1, 2, 3, 10, 11, 12, 13]
    for names in [[other.name, "y", "x"], ["y", "x", other.name]] {
      let path = try file(names, other, spectra: true)
      let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
      #expect(error?.code == .data && error?.message.contains("none of space") == true, "\(error as Any)")
      #expect(error?.advice?.contains("--frames") == true)
      // The size of the voxels does not make it an axis of space.
      #expect(throws: VoxelithError.self) {
        try SpectralFile.open(path, options: .init(voxelSize: SIMD3(1, 1, 1)))
      }
      #expect(
        try firsts(try SpectralFile.open(path, options: .init(frame: .element(2)))) == plane.map { $0 + 200 })
      #expect(
        try firsts(try SpectralFile.open(path, options: .init(frame: .sum))) == plane.map { 3 * $0 + 300 })
      let all = try SpectralFile.open(path, options: .init(voxelSize: SIMD3(1, 1, 1), positions: .arrayOrder))
      // y and x keep their names wherever they stand.
      #expect(all.grid.shape == Shape(z: 3, y: 2, x: 4))
      #expect(try firsts(all) == (0..<3).flatMap { z in plane.map { $0 + 100 * Float(z) } })
    }
  }

  @Test("axes of one line of points and of two", arguments: [["time", "x"], ["y", "time"], ["time"]])
  func lines(_ names: [String]) throws {
    let path = try file(names, Strange(name: "time", unit: "s"), spectra: true)
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.message.contains("'time', holds times") == true)
  }

  @Test("volumes: one image is chosen, or all are taken as they follow", arguments: strange)
  func volumes(_ other: Strange) throws {
    let plane: [Float] = [0, 1, 2, 3, 10, 11, 12, 13]
    for names in [[other.name, "y", "x"], ["y", "x", other.name]] {
      let path = try file(names, other, spectra: false)
      let error = #expect(throws: VoxelithError.self) { try VolumeFile.open(path) }
      #expect(error?.code == .data && error?.advice?.contains("--channel") == true, "\(error as Any)")
      let isAngle = other.unit == "deg" || other.unit == "rad"
      #expect(error?.message.contains("projections") == isAngle)
      let one = try VolumeFile.open(path, options: VolumeOpenOptions(channel: 2))
      #expect(one.grid.shape == Shape(z: 1, y: 2, x: 4))
      #expect(try one.readFloats(Region(whole: one.grid.shape)) == plane.map { $0 + 200 })
      var options = VolumeOpenOptions(voxelSize: SIMD3(1, 1, 1))
      options.ignoresGaps = true
      let all = try VolumeFile.open(path, options: options)
      #expect(all.grid.shape == Shape(z: 3, y: 2, x: 4))
      #expect(
        try all.readFloats(Region(whole: all.grid.shape))
          == (0..<3).flatMap { z in plane.map { $0 + 100 * Float(z) } })
    }
  }

  @Test(
    "third axes that may be z stay one",
    arguments: [
      Strange(name: "depth", unit: "um"), Strange(name: "slice"), Strange(name: "motor", unit: "mm"),
      Strange(name: "samz", unit: "mm"),
    ])
  func places(_ other: Strange) throws {
    let path = try file([other.name, "y", "x"], other, spectra: false)
    #expect(try VolumeFile.open(path).grid.shape == Shape(z: 3, y: 2, x: 4))
    let spectra = try file([other.name, "y", "x"], other, spectra: true)
    #expect(try SpectralFile.open(spectra).grid.shape == Shape(z: 3, y: 2, x: 4))
  }

  /// NXtomo keeps angles and the kind of each image beside the array, and names no axes.
  @Test func scansOfProjectionsAreNoVolumes() throws {
    let path = folder.file("tomo.nxs")
    let output = try HDF5Output(path: path, overwrite: true)
    try output.group("/entry", class: "NXentry")
    try output.group("/entry/instrument", class: "NXinstrument")
    try output.group("/entry/instrument/detector", class: "NXdetector")
    try output.value(
      "/entry/instrument/detector/image_key", .numbers([2, 1, 0, 0, 0]), shape: [5])
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["data"]), of: "/entry/data")
    try HDF5FileTests.array(
      output, "/entry/data/data", [5, 2, 3], .uint16((0..<30).map { UInt16($0) }))
    try output.finish()
    let error = #expect(throws: VoxelithError.self) { try VolumeFile.open(path) }
    #expect(error?.message.contains("3 projections, 1 flat fields, 1 dark fields") == true, "\(error as Any)")
    #expect(error?.advice?.contains("reconstruct") == true)
    let one = try VolumeFile.open(path, options: VolumeOpenOptions(channel: 1))
    #expect(try one.readFloats(Region(whole: one.grid.shape)) == [6, 7, 8, 9, 10, 11])
  }
}
