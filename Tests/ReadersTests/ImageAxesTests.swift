import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Axes of NRRD and MetaImage that are none of space, their units, and what their numbers stand for.
@Suite("Axes of NRRD and MetaImage")
struct ImageAxesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func nrrd(_ header: String, _ data: [UInt8]) throws -> String {
    let path = folder.file("a.nrrd")
    try writeBytes(Array(("NRRD0005\ntype: uchar\nencoding: raw\n" + header + "\n\n").utf8) + data, to: path)
    return path
  }

  private func values(_ path: String, channel: Int? = nil, frame: Int? = nil) throws -> (Shape, [Float]) {
    let source = try VolumeFile.open(path, options: VolumeOpenOptions(channel: channel, frame: frame))
    return (source.grid.shape, try source.readFloats(Region(whole: source.grid.shape)))
  }

  /// Two volumes of 2 x 2 x 3 voxels: 0 to 11, and 100 more.
  private static let late = (0..<24).map { UInt8($0 < 12 ? $0 : $0 + 88) }
  private static let early = (0..<24).map { UInt8($0 / 2 + ($0.isMultiple(of: 2) ? 0 : 100)) }
  private static let plain = (0..<12).map { Float($0) }

  @Test(arguments: [
    "kinds: domain domain domain list", "kinds: space space space vector\nspacings: 1 2 3 NaN",
    "space: LPS\nspace directions: (1,0,0) (0,2,0) (0,0,3) none", "spacings: 1 2 3 nan",
    "kinds: domain domain domain domain\nspace dimension: 4\nspace directions: (1,0,0,0) (0,2,0,0) (0,0,3,0) (0,0,0,1)",
  ])
  func volumesOneAfterTheOther(header: String) throws {
    let path = try nrrd("dimension: 4\nsizes: 3 2 2 2\n" + header, Self.late)
    #expect(try values(path, channel: 0) == (Shape(z: 2, y: 2, x: 3), Self.plain))
    #expect(try values(path, channel: 1).1 == Self.plain.map { $0 + 100 })
    #expect(throws: VoxelithError.self) { try values(path) }
    #expect(throws: VoxelithError.self) { try values(path, channel: 2) }
    if header.contains("2 3") || header.contains("directions") {
      #expect(
        try VolumeFile.open(path, options: VolumeOpenOptions(channel: 1)).grid.spacing == SIMD3(1, 2, 3))
    }
    let part = Region(lower: Shape(z: 1, y: 0, x: 1), shape: Shape(z: 1, y: 2, x: 2))
    let source = try VolumeFile.open(path, options: VolumeOpenOptions(channel: 1))
    #expect(try source.readFloats(part) == [107, 108, 110, 111])
  }

  @Test func channelsFirstAndTime() throws {
    let first = try nrrd("dimension: 4\nsizes: 2 3 2 2\nkinds: vector domain domain domain", Self.early)
    #expect(try values(first, channel: 1).1 == Self.plain.map { $0 + 100 })
    let time = try nrrd("dimension: 4\nsizes: 3 2 2 2\nkinds: space space space time", Self.late)
    #expect(try values(time, frame: 1).1 == Self.plain.map { $0 + 100 })
    #expect(throws: VoxelithError.self) { try values(time, channel: 1) }
    let colours = try nrrd("dimension: 3\nsizes: 3 2 2\nkinds: RGB-color domain domain", Array(0..<12))
    #expect(try values(colours, channel: 2) == (Shape(z: 1, y: 2, x: 2), [2, 5, 8, 11]))
    let untold = try nrrd("dimension: 4\nsizes: 3 2 2 2", Self.late)
    let error = #expect(throws: VoxelithError.self) { try values(untold, channel: 0) }
    #expect(error?.advice?.contains("kinds") == true)
  }

  @Test func unitsOfEveryAxis() throws {
    let head = "dimension: 3\nsizes: 3 2 2\n"
    func spacing(_ text: String) throws -> Grid {
      try VolumeFile.open(try nrrd(head + text, Array(0..<12))).grid
    }
    #expect(try spacing("spacings: 1 2 3\nunits: \"mm\" \"um\" \"nm\"").spacing == SIMD3(1000, 2, 0.003))
    #expect(
      try spacing("spacings: 1 2 3\nspace units: \"mm\" \"um\" \"nm\"").spacing == SIMD3(1000, 2, 0.003))
    #expect(
      try spacing("space: LPS\nspace directions: (0,0,1) (0,2,0) (3,0,0)\nspace units: \"mm\" \"um\" \"nm\"")
        .spacing
        == SIMD3(3000, 2, 0.001))
    for place in 0..<3 {
      var units = ["\"um\"", "\"um\"", "\"um\""]
      units[place] = "\"furlong\""
      let error = #expect(throws: VoxelithError.self) {
        try spacing("spacings: 1 2 3\nunits: \(units.joined(separator: " "))")
      }
      #expect(error?.message.contains("furlong") == true)
    }
    #expect(try !spacing("spacings: 1 nan 3").hasKnownSpacing)
    let falls = try VolumeFile.open(try nrrd(head + "spacings: 1 2 -3", Array(0..<12)))
    #expect(try falls.readFloats(Region(whole: falls.grid.shape))[0] == 6 && falls.grid.spacing.z == 3)
  }

  @Test func endsOfAxes() throws {
    let head = "dimension: 3\nsizes: 3 2 2\n"
    func open(_ text: String) throws -> VolumeDescription {
      try VolumeFile.describe(try nrrd(head + text, Array(0..<12)))
    }
    let cells = try open("axis mins: 1 2 3\naxis maxs: 7 6 5\ncenters: cell cell cell")
    #expect(cells.voxelSizeUm == [1, 2, 2] && cells.originUm == [3, 2, 1])
    let nodes = try open("axis mins: 1 2 3\naxis maxs: 7 6 5\ncenters: node node node")
    #expect(nodes.voxelSizeUm == [2, 4, 3] && nodes.originUm == [2, 0, -0.5])
    let untold = try open("axis mins: 1 2 3\nspacings: 1 1 1")
    #expect(untold.originUm == [0, 0, 0])
    #expect(untold.origins.contains { $0.quantity == "origin" && $0.source.contains("axis mins") })
  }

  @Test func textAndDigits() throws {
    let head = "type: ushort\ndimension: 3\nsizes: 3 2 1\n"
    func write(_ encoding: String, _ data: String) throws -> [Float] {
      let path = folder.file("t.nrrd")
      let text = "NRRD0004\n" + head + encoding + "\n\n" + data
      try writeBytes(Array(text.utf8), to: path)
      return try values(path).1
    }
    #expect(try write("encoding: ascii", "1 2 300\n4 5 6") == [1, 2, 300, 4, 5, 6])
    #expect(try write("endian: big\nencoding: hex", "00010002012c0004 00050006") == [1, 2, 300, 4, 5, 6])
    #expect(throws: VoxelithError.self) { try write("encoding: ascii", "1 2 3 4 5") }
    #expect(throws: VoxelithError.self) { try write("encoding: ascii", "1 2 3 4 5 70000") }
    #expect(throws: VoxelithError.self) { try write("encoding: bzip2", "x") }
  }

  @Test func metaImagesOfFourAxesAndWithSlopes() throws {
    let path = folder.file("a.mha")
    func write(_ text: String, _ data: [UInt8]) throws {
      try writeBytes(
        Array(("ObjectType = Image\n" + text + "ElementDataFile = LOCAL\n").utf8) + data, to: path)
    }
    try write(
      "NDims = 4\nTransformMatrix = 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1\nOffset = 0 0 0 0\nElementSpacing = 1 2 3 1\nDimSize = 3 2 2 2\nElementType = MET_UCHAR\n",
      Self.late)
    #expect(try values(path, frame: 1).1 == Self.plain.map { $0 + 100 })
    #expect(try values(path, channel: 1).0 == Shape(z: 2, y: 2, x: 3))
    #expect(throws: VoxelithError.self) { try values(path) }
    try write(
      "NDims = 3\nDimSize = 3 2 2\nElementType = MET_UCHAR\nElementToIntensityFunctionSlope = 2\nElementToIntensityFunctionOffset = 5\n",
      Array(0..<12))
    let source = try VolumeFile.open(path)
    #expect(source.voxelType == .float32)
    #expect(try values(path).1 == Self.plain.map { 2 * $0 + 5 })
    #expect(VolumeFile.writingNotice(source)?.contains("times 2 plus 5") == true)
  }
}
