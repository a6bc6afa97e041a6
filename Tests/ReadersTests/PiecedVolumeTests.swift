import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Headers whose voxels lie in several files, or in several packed streams.
@Suite("Volumes in several files and streams")
struct PiecedVolumeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let shape = Shape(z: 3, y: 2, x: 4)
  private static let nrrd = "NRRD0005\ntype: uchar\ndimension: 3\nsizes: 4 2 3\nspacings: 1 1 2\n"
  private static let meta = "NDims = 3\nDimSize = 4 2 3\nElementType = MET_UCHAR\n"

  private func put(_ name: String, _ bytes: [UInt8]) throws { try writeBytes(bytes, to: folder.file(name)) }

  private func put(_ name: String, _ text: String) throws { try put(name, Array(text.utf8)) }

  private func bytes(_ base64: String) -> [UInt8] { Data(base64Encoded: base64).map { Array($0) } ?? [] }

  private func values(_ name: String) throws -> [Float] {
    let source = try VolumeFile.open(folder.file(name))
    #expect(source.grid.shape == Self.shape)
    return try source.readFloats(Region(whole: source.grid.shape))
  }

  private func putSlices() throws {
    for z in 0..<3 { try put("s0\(z).raw", (0..<8).map { UInt8(8 * z + $0) }) }
  }

  @Test(arguments: [
    ("nhdr", "LIST\ns00.raw\ns01.raw\ns02.raw\n"), ("nhdr", "LIST 2\ns00.raw\n s01.raw \ns02.raw"),
    ("nhdr", "s%02d.raw 0 2 1"), ("nhdr", "s%02d.raw 0 2 1 2"), ("mhd", "LIST\ns00.raw\ns01.raw\ns02.raw\n"),
    ("mhd", "s%02d.raw 0 2 1"),
  ])
  func aFileForEachSlice(ending: String, data: String) throws {
    try putSlices()
    let name = "a." + ending
    try put(
      name,
      ending == "mhd"
        ? Self.meta + "ElementDataFile = \(data)" : Self.nrrd + "encoding: raw\ndata file: \(data)")
    #expect(try values(name) == (0..<24).map { Float($0) })
    // A box that begins within one file and ends within another.
    let source = try VolumeFile.open(folder.file(name))
    let box = Region(lower: Shape(z: 1, y: 1, x: 2), shape: Shape(z: 2, y: 1, x: 2))
    #expect(try source.readFloats(box) == [14, 15, 22, 23])
    let closure = try InputClosure.entries(of: [folder.file(name)]).map {
      ($0.path as NSString).lastPathComponent
    }
    #expect(closure == [name, "s00.raw", "s01.raw", "s02.raw"])
    try FileManager.default.removeItem(atPath: folder.file("s01.raw"))
    expectClear(failure(of: folder.file(name)), .missing, naming: "s01.raw")
    try put("s01.raw", [1, 2, 3])
    expectClear(failure(of: folder.file(name)), .data, naming: "s01.raw")
  }

  @Test func patternsCountBothWaysAndAreWhole() throws {
    try putSlices()
    try put("a.nhdr", Self.nrrd + "encoding: raw\ndata file: s%02d.raw 2 0 -1\n")
    #expect(try values("a.nhdr") == [2, 1, 0].flatMap { z in (0..<8).map { Float(8 * z + $0) } })
    for pattern in [
      "s%02d.raw 0 2 0", "s%02d.raw 0 999999999999 1", "s%s.raw 0 2 1", "LIST", "s%02d.raw 0 4 1",
    ] {
      try put("b.nhdr", Self.nrrd + "encoding: raw\ndata file: \(pattern)\n")
      expectClear(failure(of: folder.file("b.nhdr")), .data, naming: "b.nhdr")
    }
  }

  @Test func packedPiecesFollowOneAnother() throws {
    let packed = [
      "H4sIAAAAAAACA2NgZGJmYWVjBwCfaKqICAAAAA==", "H4sIAAAAAAACA+Pg5OLm4eXjBwCMjya5CAAAAA==",
      "H4sIAAAAAAACAxMQFBIWERUTBwC5prPrCAAAAA==",
    ]
    for (z, text) in packed.enumerated() { try put("s\(z).gz", bytes(text)) }
    try put("a.nhdr", Self.nrrd + "encoding: gzip\ndata file: LIST\ns0.gz\ns1.gz\ns2.gz\n")
    #expect(try values("a.nhdr") == (0..<24).map { Float($0) })
  }

  /// Ten and fourteen bytes, packed one after the other.
  @Test(arguments: [
    (
      "gzip",
      "H4sIAAAAAAACA2NgZGJmYWVj5+AEAEbXbEUKAAAAH4sIAAAAAAACA+Pi5uHl4xcQFBIWERUTBwDLmjplDgAAAA=="
    ),
    (
      "bzip2",
      "QlpoOTFBWSZTWZKQu/wAAABAAH/gIAAiAaaYQAwVXmjj6Yu5IpwoSElIXf4AQlpoOTFBWSZTWXZc5OkAAABgAAAf/4AgACIAABAAA4jRWeJq83vF3JFOFCQdlzk6QA=="
    ),
  ])
  func streamsThatFollowOneAnotherAreOne(encoding: String, packed: String) throws {
    let stream = bytes(packed)
    func write(_ data: [UInt8]) throws {
      try put("a.nrrd", Array((Self.nrrd + "encoding: \(encoding)\n\n").utf8) + data)
    }
    try write(stream)
    #expect(try values("a.nrrd") == (0..<24).map { Float($0) })
    for length in [stream.count - 3, stream.count / 2, 0] {
      try write(Array(stream.prefix(length)))
      let error = #expect(throws: VoxelithError.self) { try values("a.nrrd") }
      #expect(error?.code == .data)
    }
    var damaged = stream
    damaged[30] ^= 0x55
    try write(damaged)
    #expect(throws: VoxelithError.self) { try values("a.nrrd") }
  }

  @Test func linesBeforeTheVoxelsAreSkipped() throws {
    try put("a.raw", Array("first\nsecond\n".utf8) + Array(0..<24))
    try put("a.nhdr", Self.nrrd + "encoding: raw\nline skip: 2\ndata file: a.raw\n")
    #expect(try values("a.nhdr") == (0..<24).map { Float($0) })
  }
}
