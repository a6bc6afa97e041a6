import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Makes `.hxt` files of every version.
struct HxtMaker {
  var version: Int
  var rows = 3
  var columns = 4
  var bins = 5
  var motors = true
  var prefix = Array("scan_0001".utf8)
  var binWidth = 0.5

  func count(row: Int, column: Int, bin: Int) -> Double {
    Double((row * columns + column) * 100 + bin)
  }

  var header: [UInt8] {
    var bytes = Array("HEXITECH".utf8) + Self.bytes(UInt64(version))
    if version >= 2 {
      bytes += [UInt8](repeating: 0, count: motors ? 36 : 4)
      bytes += Self.bytes(UInt32(prefix.count))
      bytes += version == 3 ? prefix + [UInt8](repeating: 0, count: 100 - prefix.count) : prefix
      bytes += [UInt8](repeating: 0x30, count: version == 3 ? 16 : 13)
    }
    for side in [rows, columns, bins] { bytes += Self.bytes(UInt32(side)) }
    return bytes
  }

  var data: Data {
    var bytes = header
    for bin in 0..<bins { bytes += Self.bytes((10 + binWidth * Double(bin)).bitPattern) }
    for row in 0..<rows {
      for column in 0..<columns {
        for bin in 0..<bins {
          bytes += Self.bytes(count(row: row, column: column, bin: bin).bitPattern)
        }
      }
    }
    return Data(bytes)
  }

  var counts: [Float] {
    (0..<(rows * columns)).flatMap { pixel in (0..<bins).map { Float(pixel * 100 + $0) } }
  }

  private static func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

@Suite("HEXITEC files")
struct HexitecTests {
  @Test(arguments: [1, 2, 3], [true, false])
  func everyVersion(version: Int, motors: Bool) throws {
    let folder = try TemporaryFolder()
    let maker = HxtMaker(version: version, motors: motors)
    if version == 3 { #expect(maker.header.count == (motors ? 184 : 152)) }
    if version == 1 { #expect(maker.header.count == 28) }
    try maker.data.write(to: URL(fileURLWithPath: folder.file("a.hxt")))
    let source = try SpectralFile.open(folder.file("a.hxt"))
    #expect(source.grid.shape == Shape(z: 1, y: 3, x: 4))
    #expect(source.energy.centers == [10.25, 10.75, 11.25, 11.75, 12.25])
    #expect(try source.readCounts(Region(whole: source.grid.shape)) == maker.counts)
    let box = try source.readCounts(
      Region(lower: Shape(z: 0, y: 1, x: 2), shape: Shape(z: 1, y: 2, x: 2)))
    #expect(box.count == 20)
    #expect(box[0] == 600)
    #expect(box[10] == 1000)
  }

  @Test func truncatedAndDamaged() throws {
    let folder = try TemporaryFolder()
    let whole = HxtMaker(version: 3).data
    for length in [0, 4, 10, 27, 28, 100, 183, 184, 200, whole.count - 1] {
      let path = folder.file("\(length).hxt")
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
      #expect(error?.code == .data, "\(length) bytes: \(String(describing: error))")
    }
    let path = folder.file("\(whole.count - 1).hxt")
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(path) }
    #expect(error?.message == "3x4 pixels of 5 bins take 704 bytes, but the file has 703")
    try (whole + Data([0])).write(to: URL(fileURLWithPath: folder.file("long.hxt")))
    #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("long.hxt")) }
  }

  @Test func detectorUnitsAreNotTakenForEnergies() throws {
    let folder = try TemporaryFolder()
    try HxtMaker(version: 1, bins: 800, binWidth: 10).data
      .write(to: URL(fileURLWithPath: folder.file("raw.hxt")))
    let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("raw.hxt")) }
    #expect(error?.message.contains("detector units") == true)
    let source = try SpectralFile.open(
      folder.file("raw.hxt"), options: SpectralOpenOptions(energyCoefficients: [0.1, 0.2]))
    #expect(source.energy.count == 800)
  }

  @Test func mutationsNeverTrap() throws {
    let folder = try TemporaryFolder()
    let whole = [UInt8](HxtMaker(version: 3, rows: 2, columns: 2, bins: 3).data)
    var generator = SeededGenerator(seed: 7)
    let path = folder.file("m.hxt")
    var opened = 0
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<min(200, bytes.count), using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      try HDF5MutationTests.write(bytes, to: path)
      guard let source = try? SpectralFile.open(path) else { continue }
      opened += 1
      _ = try? source.readCounts(Region(whole: source.grid.shape))
    }
    #expect(opened > 100)
  }

  @Test func calibrationMatrix() throws {
    let folder = try TemporaryFolder()
    try "0.5 0 0.25\n1 2 4\n".write(toFile: folder.file("g.txt"), atomically: true, encoding: .utf8)
    try "1 0 2\n3 4 5\n".write(toFile: folder.file("i.txt"), atomically: true, encoding: .utf8)
    let calibration = try HexitecCalibration.read(gain: folder.file("g.txt"), intercept: folder.file("i.txt"))
    #expect(calibration.height == 2 && calibration.width == 3)
    #expect(calibration.deadCount == 1 && calibration.isDead(y: 0, x: 1))
    #expect(calibration.energy(10, y: 0, x: 2) == 4.5)
    #expect(calibration.energy(10, y: 0, x: 1).isNaN)
    #expect(try calibration.axis(centers: [1, 2], y: 1, x: 0)?.centers == [4, 5])
    #expect(try calibration.axis(centers: [1, 2], y: 0, x: 1) == nil)
    let unfit = #expect(throws: VoxelithError.self) {
      try HexitecCalibration.read(
        gain: folder.file("g.txt"), intercept: folder.file("i.txt"), height: 3, width: 3)
    }
    #expect(unfit?.code == .data)
  }

  /// 76800 pixels of a 2x6 detector; NumPy finds 10 zeros, largest gain 0.032395770931848.
  @Test(.enabled(if: SharedData.isPresent)) func calibrationOfARealDetector() throws {
    let gain = SharedData.path("hexitec/gain_epac1005.txt")
    let intercept = SharedData.path("hexitec/intercept_epac1005.txt")
    let unshaped = #expect(throws: VoxelithError.self) {
      try HexitecCalibration.read(gain: gain, intercept: intercept)
    }
    #expect(unshaped?.code == .usage)
    let calibration = try HexitecCalibration.read(gain: gain, intercept: intercept, height: 160, width: 480)
    #expect(calibration.deadCount == 10)
    #expect(calibration.isDead(y: 0, x: 1))
    #expect(calibration.gain.max() == 0.032395770931848)
    #expect(calibration.intercept.min() == -3.6404930455158)
    #expect(
      abs(calibration.energy(1000, y: 0, x: 0) - (29.1590544377237 + 1.6668991482533)) < 1e-12)
  }
}
