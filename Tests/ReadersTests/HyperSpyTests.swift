import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Files laid out as HyperSpy writes them.
@Suite struct HyperSpyTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private typealias AxisOfSignal = (name: String, units: String, offset: Double, scale: Double)

  private func write(_ name: String, _ shape: [Int], _ axes: [AxisOfSignal]) throws -> String {
    let output = try HDF5Output(path: folder.file(name), overwrite: false)
    try output.group("/Experiments")
    try output.group("/Experiments/ni")
    let values = (0..<shape.reduce(1, *)).map { UInt16($0) }
    try HDF5FileTests.array(output, "/Experiments/ni/data", shape, .uint16(values))
    for (index, axis) in axes.enumerated() {
      let path = "/Experiments/ni/axis-\(index)"
      try output.group(path)
      try output.attribute("name", .strings([axis.name]), of: path)
      try output.attribute("units", .strings([axis.units]), of: path)
      try output.attribute("offset", .numbers([axis.offset]), of: path)
      try output.attribute("scale", .numbers([axis.scale]), of: path)
    }
    try output.finish()
    return folder.file(name)
  }

  @Test func spectraWithTheirAxes() throws {
    let path = try write(
      "eels.hspy", [2, 3, 4],
      [("y", "nm", 0, 2), ("x", "nm", 10, 2), ("Energy loss", "eV", 830, 0.5)])
    let source = try SpectralFile.open(path)
    #expect(source.grid.shape == Shape(z: 1, y: 2, x: 3))
    #expect(source.grid.spacing.x.isClose(to: 0.002) && source.grid.origin.x.isClose(to: 0.009))
    #expect(zip(source.energy.centers, [0.83, 0.8305, 0.831, 0.8315]).allSatisfy { $0.isClose(to: $1) })
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == (0..<24).map { Float($0) })
  }

  /// A step below zero: the file has the far end first.
  @Test func fallingAxesAreTurned() throws {
    let path = try write(
      "falling.hspy", [1, 3, 2], [("y", "um", 0, 1), ("x", "um", 5, -1), ("Energy", "keV", 1, 0.5)])
    let source = try SpectralFile.open(path)
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == [4, 5, 2, 3, 0, 1])
    #expect(source.grid.origin.x.isClose(to: 2.5))
  }

  @Test func volumesHaveTheirVoxelSize() throws {
    let path = try write("stack.hspy", [2, 3, 4], [("z", "um", 0, 3), ("y", "um", 0, 2), ("x", "um", 0, 1)])
    let volume = try VolumeFile.open(path)
    #expect(volume.grid.shape == Shape(z: 2, y: 3, x: 4))
    #expect(volume.grid.hasKnownSpacing && volume.grid.spacing == SIMD3(1, 2, 3))
    #expect(try volume.readFloats(Region(whole: volume.grid.shape)) == (0..<24).map { Float($0) })
  }

  /// HyperSpy's words for a name and a unit that nobody gave are none.
  @Test func whatIsNotSaidIsNotKnown() throws {
    let path = try write(
      "bare.hspy", [2, 3, 4],
      [("<undefined>", "<undefined>", 0, 1), ("<undefined>", "<undefined>", 0, 1), ("Energy", "eV", 1, 1)])
    let source = try SpectralFile.open(path)
    #expect(!source.grid.hasKnownSpacing)
  }
}

extension Double {
  fileprivate func isClose(to other: Double) -> Bool { abs(self - other) < 1e-9 }
}
