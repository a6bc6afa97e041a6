import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Folders of slices")
struct SliceSeriesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Slices of 3 x 2 voxels, each filled with its place in the list.
  private func write(_ names: [String]) throws {
    for (index, name) in names.enumerated() {
      var tiff = HandmadeTIFF(pages: 1)
      tiff.valuesAfter = 0
      var bytes = tiff.bytes
      // The six values of the page follow the header.
      for pixel in 0..<6 { bytes[8 + 2 * pixel] = UInt8(index) }
      try writeBytes(bytes, to: folder.file(name))
    }
  }

  private func firsts(_ options: VolumeOpenOptions = .init(), path: String? = nil) throws -> [Float] {
    let source = try VolumeFile.open(path ?? folder.path, options: options)
    let values = try source.readFloats(Region(whole: source.grid.shape))
    return stride(from: 0, to: values.count, by: 6).map { values[$0] }
  }

  @Test func gaps() throws {
    try write([0, 1, 2, 3, 4, 7, 8].map { "slice_000\($0).tif" })
    let error = failure(of: folder.path)
    #expect(error?.code == .data)
    #expect(error?.message.contains("2 of 9 slices are missing") == true)
    #expect(error?.message.contains("slice_0004.tif and slice_0007.tif") == true)
    #expect(error?.advice?.contains("--allow-missing") == true)
    var options = VolumeOpenOptions()
    options.allowsMissing = true
    let values = try firsts(options)
    #expect(values.count == 9 && values[5].isNaN && values[6].isNaN && values[7] == 5)
    options.allowsMissing = false
    options.ignoresGaps = true
    #expect(try firsts(options) == [0, 1, 2, 3, 4, 5, 6])
    #expect(failure(of: folder.file("slice_*.tif")) != nil)
  }

  @Test func equalStepsAreNoGaps() throws {
    try write([10, 20, 30, 40].map { "s\($0).tif" })
    #expect(try firsts() == [0, 1, 2, 3])
  }

  @Test func copies() throws {
    let names = (0..<5).map { "s000\($0).tif" }
    try write(names)
    for copy in [
      "s0003 (1).tif", "s0003 - Copy.tif", "Copy of s0003.tif", "s0003_copy2.tif", "s3.tif", "s0003.tiff",
    ] {
      try FileManager.default.copyItem(atPath: folder.file("s0003.tif"), toPath: folder.file(copy))
      #expect(try firsts() == [0, 1, 2, 3, 4], "\(copy)")
      #expect(try VolumeFile.describe(folder.path).notes.contains { $0.contains(copy) }, "\(copy)")
      // A copy that is not one.
      var bytes = HandmadeTIFF(pages: 1).bytes
      bytes[8] = 99
      try writeBytes(bytes, to: folder.file(copy))
      #expect(failure(of: folder.path)?.message.contains("same number") == true, "\(copy)")
      try FileManager.default.removeItem(atPath: folder.file(copy))
    }
  }

  @Test func severalSeries() throws {
    try write(["recon_0.tif", "recon_1.tif", "recon_2.tif", "proj_0.tif", "proj_1.tif"])
    let error = failure(of: folder.path)
    #expect(error?.code == .data)
    #expect(error?.message.contains("2 series: recon_# (3 files), proj_# (2 files)") == true)
    #expect(try firsts(path: folder.file("recon_*.tif")) == [0, 1, 2])
  }

  @Test func channelsBesideSlices() throws {
    try write((0..<6).map { "c\($0 % 2)_z\($0 / 2).tif" })
    #expect(failure(of: folder.path)?.message.contains("2 x 3 values") == true)
    #expect(try firsts(path: folder.file("c0_*.tif")) == [0, 2, 4])
  }

  @Test func aPictureAmongSlices() throws {
    try write(["s0.tif", "s1.tif", "s2.tif", "overview.tif"])
    #expect(failure(of: folder.path)?.message.contains("overview.tif") == true)
  }

  @Test func negativeAndDecimalNumbers() throws {
    try write(["z-2.5.tif", "z-1.5.tif", "z-0.5.tif", "z0.5.tif", "z1.5.tif", "z2.5.tif"])
    #expect(try firsts() == [0, 1, 2, 3, 4, 5])
  }

  @Test func numbersWithPlusAndMinus() throws {
    try write(["z_-0.10mm.tif", "z_-0.05mm.tif", "z_+0.00mm.tif", "z_+0.05mm.tif", "z_+0.10mm.tif"])
    #expect(try firsts() == [0, 1, 2, 3, 4])
  }

  @Test func aHyphenBeforeEveryNumberIsNoSign() throws {
    try write(["slice-1.tif", "slice-2.tif", "slice-10.tif"].map { $0 })
    let error = failure(of: folder.path)
    #expect(error?.message.contains("7 of 10 slices") == true)
    var options = VolumeOpenOptions()
    options.ignoresGaps = true
    #expect(try firsts(options) == [0, 1, 2])
  }

  @Test func indexAndPlaceInOneName() throws {
    try write((0..<4).map { "scan_000\($0)_t\(12 + 7 * $0 * $0).tif" })
    #expect(try firsts() == [0, 1, 2, 3])
  }
}
