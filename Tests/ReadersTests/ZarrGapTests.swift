import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Chunks of Zarr arrays that are not there, and axes that run down.
@Suite("Gaps and directions of Zarr")
struct ZarrGapTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// An OME-Zarr 0.4 of 4 x 2 x 3 voxels, 1 to 24, in chunks of one slice, of which some are left out.
  private func image(scale: String, translation: String? = nil, without: Set<Int> = []) throws -> String {
    let root = folder.file("a.zarr")
    try? FileManager.default.removeItem(atPath: root)
    try FileManager.default.createDirectory(atPath: root + "/0", withIntermediateDirectories: true)
    func write(_ text: String, _ name: String) throws {
      try writeBytes(Array(text.utf8), to: root + "/" + name)
    }
    let shift = translation.map { ",{\"type\":\"translation\",\"translation\":\($0)}" } ?? ""
    let axes = ["z", "y", "x"].map { "{\"name\":\"\($0)\",\"type\":\"space\",\"unit\":\"micrometer\"}" }
    try write("{\"zarr_format\":2}", ".zgroup")
    try write(
      "{\"multiscales\":[{\"version\":\"0.4\",\"axes\":[\(axes.joined(separator: ","))],\"datasets\":[{\"path\":\"0\","
        + "\"coordinateTransformations\":[{\"type\":\"scale\",\"scale\":\(scale)}\(shift)]}]}]}", ".zattrs")
    try write(
      "{\"zarr_format\":2,\"shape\":[4,2,3],\"chunks\":[1,2,3],\"dtype\":\"|u1\",\"compressor\":null,\"fill_value\":9,"
        + "\"order\":\"C\",\"filters\":null}", "0/.zarray")
    for z in 0..<4 where !without.contains(z) {
      try writeBytes((0..<6).map { UInt8(1 + 6 * z + $0) }, to: root + "/0/\(z).0.0")
    }
    return root
  }

  @Test func missingChunks() throws {
    let path = try image(scale: "[1,2,3]", without: [1, 3])
    let source = try VolumeFile.open(path)
    let values = try source.readFloats(Region(whole: source.grid.shape))
    #expect(values[6..<12].allSatisfy { $0 == 9 } && values[12] == 13)
    let notice = VolumeFile.writingNotice(source)
    #expect(notice?.contains("2 of 4 chunks") == true && notice?.contains("fill value 9") == true)
    var options = VolumeOpenOptions()
    options.allowsMissing = true
    let partial = try VolumeFile.open(path, options: options)
    let marked = try partial.readFloats(Region(whole: partial.grid.shape))
    #expect(
      partial.voxelType == .float32 && marked.count { $0.isNaN } == 12 && marked[12] == 13 && marked[6].isNaN)
    #expect(VolumeFile.writingNotice(partial)?.contains("12 of 24 voxels are missing") == true)
    #expect(VolumeFile.writingNotice(try VolumeFile.open(try image(scale: "[1,2,3]"))) == nil)
  }

  @Test func scalesBelowZero() throws {
    let source = try VolumeFile.open(try image(scale: "[-1,2,-3]", translation: "[10,20,30]"))
    #expect(source.grid.spacing == SIMD3(3, 2, 1))
    // The first voxel of the file lies at (10, 20, 30), the others below it along z and x.
    #expect(source.grid.origin == SIMD3(22.5, 19, 6.5))
    let values = try source.readFloats(Region(whole: source.grid.shape))
    #expect(values[0] == 21 && values[2] == 19 && values[23] == 4)
    let error = failure(of: try image(scale: "[0,2,3]"))
    #expect(error?.message.contains("scale of the axis z") == true)
  }

  /// Some bytes of description stand for what no machine reads to its end.
  @Test(arguments: [[1_000_000, 100_000, 10_000], [4096, 4096, 4096]])
  func claimsBeyondReading(shape: [Int]) throws {
    let root = folder.file("big.zarr")
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    try writeBytes(
      Array(
        ("{\"zarr_format\":2,\"shape\":\(shape),\"chunks\":[32,32,32],\"dtype\":\"|u1\",\"compressor\":null,"
          + "\"fill_value\":7,\"order\":\"C\",\"filters\":null}").utf8), to: root + "/.zarray")
    try writeBytes([UInt8](repeating: 1, count: 32768), to: root + "/0.0.0")
    let error = #expect(throws: VoxelithError.self) { try VolumeFile.open(root) }
    #expect(
      error?.code == .data
        && (error?.message.contains("more than can be read") == true
          || error?.message.contains("were ever written") == true),
      "\(error as Any)")
  }
}
