import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("MetaImage and NRRD volumes") struct HeaderedVolumeTests {
  let folder: TemporaryFolder
  let grid = Grid(
    shape: Shape(z: 3, y: 4, x: 5), spacing: SIMD3(2, 3, 4), origin: SIMD3(10.5, -20, 30.25))

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "what is written is read back, values and place",
    arguments: ["a.mha", "a.mhd", "a.nrrd"], [false, true])
  func roundTrip(name: String, isCompressed: Bool) throws {
    let path = folder.file(name)
    let floats: [Float] = (0..<60).map { Float($0) - 7.5 }
    let shorts: [Int16] = (0..<60).map { Int16($0) - 30 }
    let doubles: [Double] = (0..<60).map { Double($0) / 3 }
    let buffers: [VoxelBuffer] = [
      .float32(floats), .uint8([UInt8](0..<60)), .int16(shorts), .float64(doubles),
    ]
    for buffer in buffers {
      let writer = try VolumeOutput.create(
        path, grid: grid, type: buffer.type, isCompressed: isCompressed, overwrite: true)
      try writer.write(buffer, to: Region(whole: grid.shape))
      try writer.finish()
      let source = try VolumeFile.open(path)
      #expect(source.grid == grid)
      #expect(try source.read(Region(whole: grid.shape)) == buffer)
      let box = Region(lower: Shape(z: 1, y: 1, x: 2), shape: Shape(z: 2, y: 2, x: 2))
      let part = try source.read(box).doubles()
      let all = buffer.doubles()
      #expect(part == [27, 28, 32, 33, 47, 48, 52, 53].map { all[$0] })
      #expect(folder.entries.allSatisfy { !$0.hasSuffix(".part") })
    }
  }

  @Test(
    "a picture keeps its two axes, and a slice its three", arguments: ["p.mha", "p.mhd", "p.nrrd"],
    [false, true])
  func axes(name: String, isPlane: Bool) throws {
    let path = folder.file(name)
    let slice = Grid(
      shape: Shape(z: 1, y: 4, x: 5), spacing: SIMD3(2, 3, 4), origin: SIMD3(10.5, -20, 30.25))
    let values = (0..<20).map { Float($0) }
    let writer = try VolumeOutput.create(path, grid: slice, type: .float32, isPlane: isPlane)
    try writer.write(.float32(values), to: Region(whole: slice.shape))
    try writer.finish()
    #expect(PlaneFile.isPlane(path) == isPlane)
    let source = try VolumeFile.open(path)
    // What lies along the third axis, a file of two does not tell.
    #expect(source.grid.shape == slice.shape)
    #expect(source.grid.spacing.x == 2 && source.grid.spacing.y == 3)
    #expect(source.grid.origin.x == 10.5 && source.grid.origin.y == -20)
    if !isPlane { #expect(source.grid == slice) }
    #expect(try source.readFloats(Region(whole: slice.shape)) == values)
  }

  @Test("blocks that split slices are packed as whole slices are")
  func blocks() throws {
    let values = (0..<60).map { Float($0 * $0) }
    func write(_ name: String, _ cut: [Region]) throws -> Data {
      let path = folder.file(name)
      let writer = try HeaderedVolumeWriter(
        path: path, grid: grid, type: .float32, format: .mha, isCompressed: true)
      let volume = Volume(grid: grid, voxels: values)
      for region in cut { try writer.write(try volume.read(region), to: region) }
      try writer.finish()
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    let whole = try write("w.mha", [Region(whole: grid.shape)])
    let split = try write(
      "s.mha",
      [
        Region(lower: Shape(z: 0, y: 0, x: 0), shape: Shape(z: 2, y: 4, x: 2)),
        Region(lower: Shape(z: 0, y: 0, x: 2), shape: Shape(z: 2, y: 4, x: 3)),
        Region(lower: Shape(z: 2, y: 0, x: 0), shape: Shape(z: 1, y: 4, x: 5)),
      ])
    #expect(whole == split)
    let broken = try HeaderedVolumeWriter(
      path: folder.file("b.nrrd"), grid: grid, type: .uint8, format: .nrrd, isCompressed: true)
    #expect(throws: VoxelithError.self) {
      try broken.write(
        .uint8([UInt8](repeating: 0, count: 20)),
        to: Region(lower: Shape(z: 1, y: 0, x: 0), shape: Shape(z: 1, y: 4, x: 5)))
    }
    broken.abandon()
    #expect(!folder.entries.contains("b.nrrd"))
  }

  private func open(_ name: String, _ header: String, _ body: [UInt8]) throws -> any VolumeSource {
    try writeBytes(Array(header.utf8) + body, to: folder.file(name))
    return try VolumeFile.open(folder.file(name))
  }

  @Test func headersOfOthers() throws {
    let big = try open(
      "big.mha",
      "ObjectType = Image\nNDims = 3\nElementByteOrderMSB = True\nPosition = 1 2 3\nElementSize = 0.5 0.5 1\nDistanceUnits = mm\nDimSize = 2 1 1\nElementType = MET_SHORT\nElementDataFile = LOCAL\n",
      [0, 1, 1, 0])
    #expect(try big.read(Region(whole: big.grid.shape)).doubles() == [1, 256])
    #expect(big.grid.spacing == SIMD3(500, 500, 1000) && big.grid.origin == SIMD3(750, 1750, 2500))
    let plain = try open(
      "p.mha", "NDims = 2\nDimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n", [1, 2, 3, 4])
    #expect(plain.grid.shape == Shape(z: 1, y: 2, x: 2) && !plain.grid.hasKnownSpacing)
    let old = try open(
      "old.nrrd",
      "NRRD0001\n# a comment\ntype: unsigned short\ndimension: 3\nsizes: 2 1 1\nspacings: 1.5 1 2\nunits: \"mm\" \"mm\" \"mm\"\nendian: big\nencoding: raw\nkey:=value\n\n",
      [0, 7, 1, 0])
    #expect(try old.read(Region(whole: old.grid.shape)).doubles() == [7, 256])
    #expect(old.grid.spacing == SIMD3(1500, 1000, 2000))
  }

  @Test(
    "damaged and foreign headers are refused",
    arguments: [
      ("DimSize = 2 2\nElementType = MET_UCHAR\n", "ElementDataFile"),
      ("DimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n", "need 8 bytes"),
      ("DimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile = none.raw\n", "cannot be read"),
      ("DimSize = 2 x\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n", "not a number"),
      ("DimSize = 9e9 9e9 9e9\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n", "not those of a volume"),
      ("DimSize = 2 2\nElementType = MET_STRING\nElementDataFile = LOCAL\n", "not supported"),
      (
        "DimSize = 2 2\nTransformMatrix = 0.6 0.8 0.8 -0.6\nElementSpacing = 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
        "aslant"
      ),
      (
        "DimSize = 2 2\nCompressedData = True\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n", "damaged"
      ),
      (
        "DimSize = 90000 90000 900\nCompressedData = True\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
        "cannot hold"
      ),
    ])
  func refused(header: String, says: String) throws {
    do {
      let source = try open("r.mha", "ObjectType = Image\nNDims = 2\n" + header, [1, 2, 3, 4])
      _ = try source.read(Region(lower: Shape(z: 0, y: 0, x: 0), shape: Shape(z: 1, y: 1, x: 1)))
      Issue.record("was read")
    } catch let error as VoxelithError {
      let isAbsent = header.contains("none.raw")
      let code: VoxelithError.Code = isAbsent ? .missing : .data
      #expect(error.code == code, "\(error.message)")
      #expect(error.message.contains(says), "\(error.message)")
      if isAbsent { #expect(error.description.contains("none.raw"), "\(error.description)") }
    }
  }

  /// Before an output is made for them.
  @Test(arguments: ["raw", "gzip", "txt", "hex"])
  func moreThanTheFileHoldsIsRefusedWhenOpened(encoding: String) throws {
    let header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 100000 100000 100000\nencoding: \(encoding)\n\n"
    try writeBytes(Array(header.utf8) + [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], to: folder.file("r.nrrd"))
    let error = #expect(throws: VoxelithError.self) { try VolumeFile.open(folder.file("r.nrrd")) }
    #expect(error?.code == .data)
  }

  static let sitk: String? = Python.sitk

  @Test(
    "SimpleITK reads what is written, and writes what is read",
    .enabled(if: sitk != nil, "no Python with SimpleITK"),
    arguments: ["a.mha", "a.nrrd", "a.mhd"], [false, true])
  func withITK(name: String, isCompressed: Bool) throws {
    let path = folder.file(name)
    let values = (0..<60).map { Float(($0 * 37) % 60) }
    let writer = try VolumeOutput.create(path, grid: grid, type: .float32, isCompressed: isCompressed)
    try writer.write(.float32(values), to: Region(whole: grid.shape))
    try writer.finish()
    let back = folder.file("back." + name.suffix(4).replacingOccurrences(of: ".", with: ""))
    let text = try Python.run(
      """
      import SimpleITK as s, sys
      i = s.ReadImage(sys.argv[1]); a = s.GetArrayFromImage(i)
      print([float(v) for v in i.GetOrigin() + i.GetSpacing()], a.ravel().astype(int).tolist())
      s.WriteImage(i, sys.argv[2], \(isCompressed ? "True" : "False"))
      """, path, back, with: Self.sitk)
    #expect(text == "[11.5, -18.5, 32.25, 2.0, 3.0, 4.0] \(values.map { Int($0) })")
    let source = try VolumeFile.open(back)
    #expect(source.grid == grid)
    #expect(try source.read(Region(whole: grid.shape)) == .float32(values))
  }

  @Test("NRRD: lines are skipped before bytes, and the end of the file does not begin in the header")
  func skips() throws {
    let head = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 2 1\nencoding: raw\n"
    let voxels: [UInt8] = [1, 2, 3, 4, 5, 6]
    let path = folder.file("s.nrrd")
    func read(_ fields: String, _ data: [UInt8]) throws -> [Float] {
      try writeBytes(Array((head + fields + "\n\n").utf8) + data, to: path)
      let source = try VolumeFile.open(path)
      return try source.readFloats(Region(whole: source.grid.shape))
    }
    let floats = voxels.map { Float($0) }
    let lines = Array("ab\ncdef\nxyz".utf8)
    #expect(try read("line skip: 2\nbyte skip: 3", lines + voxels + [9, 9, 9, 9, 9, 9, 9, 9]) == floats)
    #expect(try read("byte skip: 3\nline skip: 2", lines + voxels + [9, 9, 9, 9, 9, 9, 9, 9]) == floats)
    #expect(try read("line skip: 1\nbyte skip: -1", lines + voxels) == floats)
    let error = #expect(throws: VoxelithError.self) { try read("byte skip: -1", [1, 2, 3]) }
    #expect(error?.message.contains("need 6 bytes, the file holds 3") == true, "\(error as Any)")
  }
}
