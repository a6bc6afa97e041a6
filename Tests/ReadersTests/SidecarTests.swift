import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Logs beside slices, slices of several formats, and the tags that say how they lie.
@Suite("What lies beside slices")
struct SidecarTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func slices(_ names: [String]) throws {
    for name in names { try writeBytes(HandmadeTIFF(pages: 1).bytes, to: folder.file(name)) }
  }

  private func log(
    _ name: String, reconstruction: String? = nil, acquisition: String = "Image Pixel Size (um)=3.5"
  ) throws {
    let text =
      "[System]\r\nScanner=SkyScan1272\r\n[Acquisition]\r\n\(acquisition)\r\n"
      + (reconstruction.map { "[Reconstruction]\r\n\($0)\r\n" } ?? "")
    try writeBytes(Array(text.utf8), to: folder.file(name))
  }

  @Test(arguments: [
    ("Pixel Size (um)=7.5", 7.5), ("Pixel Size (nm)=7500", 7.5), ("Pixel Size (\u{B5}m)=7,5", 7.5),
    ("Pixel Size (mm)=0.0075", 7.5), ("Pixel Size (um)=7,5", 7.5),
  ])
  func unitsAndCommas(line: String, size: Double) throws {
    try slices((0..<3).map { "s__rec000\($0).tif" })
    try log("s__rec.log", reconstruction: line)
    let spacing = try VolumeFile.open(folder.path).grid.spacing
    #expect(abs(spacing.x - size) < 1e-9 && abs(spacing.z - size) < 1e-9)
  }

  @Test func ofSeveralLogs() throws {
    try slices((0..<3).map { "s__rec000\($0).tif" })
    try log("a.log", reconstruction: "Pixel Size (um)=1")
    try log("s_.log")
    try log("s__rec.log", reconstruction: "Pixel Size (um)=7")
    let told = try VolumeFile.describe(folder.path)
    #expect(told.voxelSizeUm == [7, 7, 7])
    #expect(told.notes.contains { $0.contains("of 3 logs") && $0.contains("a.log") })
    try FileManager.default.removeItem(atPath: folder.file("s__rec.log"))
    try log("b.log", reconstruction: "Pixel Size (um)=2")
    let error = failure(of: folder.path)
    #expect(
      error?.message.contains("unlike voxel sizes") == true && error?.advice?.contains("--voxel-size") == true
    )
    try FileManager.default.removeItem(atPath: folder.file("b.log"))
    try FileManager.default.removeItem(atPath: folder.file("a.log"))
    try log("c.log", reconstruction: "Pixel Size (furlong)=2")
    #expect(failure(of: folder.path)?.message.contains("furlong") == true)
  }

  @Test func slicesOfSeveralFormats() throws {
    try slices(["s0.tif", "s1.tif"])
    try writeBytes([0x89] + Array("PNG\r\n\u{1A}\n".utf8), to: folder.file("s2.png"))
    let error = failure(of: folder.path)
    #expect(error?.code == .data && error?.message.contains("s2.png") == true)
    try FileManager.default.moveItem(atPath: folder.file("s2.png"), toPath: folder.file("preview.png"))
    let told = try VolumeFile.describe(folder.path)
    #expect(told.shape[0] == 2 && told.notes.contains { $0.contains("preview.png") })
  }

  @Test func everySecondNumberIsTold() throws {
    try slices([0, 2, 4, 6].map { "s\($0).tif" })
    #expect(try VolumeFile.describe(folder.path).notes.contains { $0.contains("go up by 2") })
    try FileManager.default.removeItem(atPath: folder.file("s0.tif"))
    try slices(["s5.tif", "s3.tif"])
    #expect(try !VolumeFile.describe(folder.path).notes.contains { $0.contains("go up") })
  }

  /// 3 x 2 pixels whose first corner is another one.
  @Test(arguments: [
    (1, [0, 1, 2, 3, 4, 5]), (2, [2, 1, 0, 5, 4, 3]), (3, [5, 4, 3, 2, 1, 0]), (4, [3, 4, 5, 0, 1, 2]),
    (5, [0, 3, 1, 4, 2, 5]), (6, [3, 0, 4, 1, 5, 2]), (7, [5, 2, 4, 1, 3, 0]), (8, [2, 5, 1, 4, 0, 3]),
  ])
  func orientations(tag: Int, expected: [Int]) throws {
    var tiff = HandmadeTIFF(pages: 1)
    if tag > 1 { tiff.extra = [(274, 3, tag)] }
    var bytes = tiff.bytes
    for pixel in 0..<6 { bytes[8 + 2 * pixel] = UInt8(pixel) }
    try writeBytes(bytes, to: folder.file("o.tif"))
    let source = try VolumeFile.open(folder.file("o.tif"))
    #expect(source.grid.shape == (tag > 4 ? Shape(z: 1, y: 3, x: 2) : Shape(z: 1, y: 2, x: 3)))
    #expect(try source.readFloats(Region(whole: source.grid.shape)) == expected.map { Float($0) })
    let told = try VolumeFile.describe(folder.file("o.tif")).notes.contains {
      $0.contains("Orientation \(tag)")
    }
    #expect(told == (tag > 1))
  }

  @Test func calibrationOfImageJ() throws {
    func open(_ text: String) throws -> any VolumeSource {
      try writeBytes(
        HandmadeTIFF(pages: 2, description: "ImageJ=1.53t\nimages=2\nslices=2\n" + text).bytes,
        to: folder.file("j.tif"))
      return try VolumeFile.open(folder.file("j.tif"))
    }
    let signed = try open("c0=-32768.0\nc1=1.0\ncf=0\nvunit=Gray Value\n")
    #expect(try signed.readFloats(Region(whole: signed.grid.shape))[6] == -32767)
    #expect(VolumeFile.writingNotice(signed)?.contains("less 32768") == true)
    let curve = try open("c0=1.0\nc1=1.0\nc2=3.0\ncf=1\n")
    #expect(curve.voxelType == .uint16)
    #expect(try VolumeFile.describe(folder.file("j.tif")).notes.contains { $0.contains("not applied") })
    let comma = try open("unit=um\nspacing=abc\n")
    #expect(!comma.grid.hasKnownSpacing)
  }
}
