import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Headers that lay the axes of a file along other directions: the volume is turned to x, y, z, whichever format says so.
@Suite("Turned axes")
struct TurnedAxesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Sides along x, y, z, and the steps of a voxel along them.
  static let sides = [4, 3, 2]
  static let steps = [1.0, 2.0, 3.0]

  struct Turn: Sendable, CustomStringConvertible {
    /// Axis of space along which each axis of the file lies, the fastest first, and which of space's fall.
    var along: [Int]
    var falling: Set<Int>
    var description: String { "\(along) \(falling.sorted())" }

    /// Direction of an axis of the file.
    func direction(_ axis: Int) -> [Int] {
      (0..<3).map { $0 == along[axis] ? (falling.contains($0) ? -1 : 1) : 0 }
    }
  }

  static let turns = [
    Turn(along: [0, 1, 2], falling: []), Turn(along: [0, 1, 2], falling: [0]),
    Turn(along: [0, 1, 2], falling: [1]), Turn(along: [0, 1, 2], falling: [2]),
    Turn(along: [2, 1, 0], falling: []), Turn(along: [1, 2, 0], falling: [0, 2]),
    Turn(along: [2, 0, 1], falling: [0, 1, 2]),
  ]

  static func value(_ x: Int, _ y: Int, _ z: Int) -> Int { 100 * z + 10 * y + x }

  /// The voxels in the order of the file, and its sides.
  static func stored(_ turn: Turn) -> (bytes: [UInt8], sides: [Int]) {
    let own = turn.along.map { sides[$0] }
    var bytes: [UInt8] = []
    for k in 0..<own[2] {
      for j in 0..<own[1] {
        for i in 0..<own[0] {
          var place = [0, 0, 0]
          for (axis, index) in [i, j, k].enumerated() {
            let along = turn.along[axis]
            place[along] = turn.falling.contains(along) ? sides[along] - 1 - index : index
          }
          bytes += ForeignVolumeTests.little(value(place[0], place[1], place[2]), 2)
        }
      }
    }
    return (bytes, own)
  }

  /// Centre of the first voxel of the file where that of the lowest is 10, 20, 30.
  static func first(_ turn: Turn) -> [Double] {
    (0..<3).map { (axis: Int) -> Double in
      let behind: Double = turn.falling.contains(axis) ? Double(sides[axis] - 1) * steps[axis] : 0
      return Double(10 * (axis + 1)) + behind
    }
  }

  private func check(_ name: String, isPlaced: Bool) throws {
    let source = try VolumeFile.open(folder.file(name))
    let shape = Shape(z: 2, y: 3, x: 4)
    if isPlaced {
      #expect(
        source.grid
          == Grid(shape: shape, spacing: SIMD3(1, 2, 3), origin: SIMD3(9.5, 19, 28.5)), "\(name)")
    } else {
      #expect(source.grid.shape == shape && !source.grid.hasKnownSpacing, "\(name)")
    }
    var expected: [Double] = []
    for z in 0..<2 { for y in 0..<3 { for x in 0..<4 { expected.append(Double(Self.value(x, y, z))) } } }
    #expect(try source.readAll().doubles() == expected, "\(name)")
    let box = Region(lower: Shape(z: 1, y: 1, x: 2), shape: Shape(z: 1, y: 2, x: 2))
    #expect(try source.read(box).doubles() == [112, 113, 122, 123], "\(name)")
  }

  @Test(arguments: turns) func metaImages(turn: Turn) throws {
    let (bytes, sides) = Self.stored(turn)
    let matrix = (0..<3).flatMap { turn.direction($0) }.map(String.init).joined(separator: " ")
    let spacing = turn.along.map { "\(Self.steps[$0])" }.joined(separator: " ")
    let text =
      "ObjectType = Image\nNDims = 3\nTransformMatrix = \(matrix)\nDistanceUnits = um\nOffset = "
      + Self.first(turn).map { "\($0)" }.joined(separator: " ")
      + "\nElementSpacing = \(spacing)\nDimSize = \(sides.map(String.init).joined(separator: " "))\n"
      + "ElementType = MET_USHORT\nElementDataFile = LOCAL\n"
    try writeBytes(Array(text.utf8) + bytes, to: folder.file("a.mha"))
    try check("a.mha", isPlaced: true)
  }

  @Test(arguments: turns) func nrrdFiles(turn: Turn) throws {
    let (bytes, sides) = Self.stored(turn)
    let directions = (0..<3).map { axis in
      "("
        + turn.direction(axis).map { "\(Double($0) * Self.steps[turn.along[axis]])" }.joined(separator: ",")
        + ")"
    }
    let text =
      "NRRD0004\ntype: ushort\ndimension: 3\nspace dimension: 3\nsizes: "
      + sides.map(String.init).joined(separator: " ") + "\nspace directions: "
      + directions.joined(separator: " ") + "\nspace units: \"um\" \"um\" \"um\"\nspace origin: ("
      + Self.first(turn).map { "\($0)" }.joined(separator: ",")
      + ")\nendian: little\nencoding: raw\n\n"
    try writeBytes(Array(text.utf8) + bytes, to: folder.file("a.nrrd"))
    try check("a.nrrd", isPlaced: true)
    let notes = try VolumeFile.describe(folder.file("a.nrrd")).notes
    #expect(notes.contains { $0.contains("turned") } == (turn.along != [0, 1, 2] || !turn.falling.isEmpty))
  }

  @Test(arguments: turns, [false, true]) func vtkImages(turn: Turn, isText: Bool) throws {
    let (bytes, sides) = Self.stored(turn)
    // Row by row: the columns are the directions of the image's axes.
    let direction = (0..<3).flatMap { row in (0..<3).map { turn.direction($0)[row] } }
    let extent = sides.map { "0 \($0 - 1)" }.joined(separator: " ")
    let numbers = stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) + Int(bytes[$0 + 1]) << 8 }
    let array =
      isText
      ? "<DataArray type=\"UInt16\" Name=\"v\" format=\"ascii\">"
        + numbers.map(String.init).joined(separator: " ") + "</DataArray>"
      : "<DataArray type=\"UInt16\" Name=\"v\" format=\"appended\" offset=\"0\"/>"
    var file = Array(
      ("<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" byte_order=\"LittleEndian\"><ImageData WholeExtent=\"\(extent)\" "
        + "Spacing=\"1 1 1\" Direction=\"\(direction.map(String.init).joined(separator: " "))\"><Piece Extent=\"\(extent)\">"
        + "<PointData>\(array)</PointData></Piece></ImageData>").utf8)
    if !isText {
      file += Array("<AppendedData encoding=\"raw\">_".utf8) + ForeignVolumeTests.little(bytes.count, 4)
      file += bytes + Array("</AppendedData>".utf8)
    }
    try writeBytes(file + Array("</VTKFile>".utf8), to: folder.file("a.vti"))
    try check("a.vti", isPlaced: false)
  }

  @Test func axesAslantAreRefused() throws {
    let head =
      "ObjectType = Image\nNDims = 3\nDimSize = 2 1 1\nElementType = MET_UCHAR\nElementSpacing = 1 1 1\n"
    for matrix in ["0.8 0.6 0 -0.6 0.8 0 0 0 1", "1 0 0 1 0 0 0 0 1", "0 0 0 0 1 0 0 0 1"] {
      let text = head + "TransformMatrix = \(matrix)\nElementDataFile = LOCAL\n"
      try writeBytes(Array(text.utf8) + [1, 2], to: folder.file("b.mha"))
      expectClear(failure(of: folder.file("b.mha")), .data, naming: "b.mha")
    }
  }

  /// The caller's size stands above a unit that nobody understands.
  @Test func unitsOfHeaders() throws {
    for (name, text) in [
      (
        "u.mha",
        "ObjectType = Image\nNDims = 3\nDistanceUnits = furlong\nElementSpacing = 1 1 1\nDimSize = 2 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
      ),
      (
        "u.nrrd",
        "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 1 1\nspacings: 1 1 1\nunits: \"furlong\" \"furlong\" \"furlong\"\nencoding: raw\n\n"
      ),
    ] {
      try writeBytes(Array(text.utf8) + [1, 2], to: folder.file(name))
      let error = failure(of: folder.file(name))
      #expect(error?.description.contains("furlong") == true && error?.description.contains("inch") == true)
      let given = VolumeOpenOptions(voxelSize: SIMD3(2, 2, 2))
      #expect(try VolumeFile.open(folder.file(name), options: given).grid.spacing == SIMD3(2, 2, 2))
    }
  }
}
