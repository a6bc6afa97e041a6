import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// MRC, EDF, VTI, pictures and the texts that instruments write beside volumes, put together by hand from their formats.
@Suite("Foreign volumes")
struct ForeignVolumeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  static let values = (0..<24).map { $0 * 257 + 3 }
  static let low = values.flatMap { little($0, 2) }
  static let high = values.flatMap { Array(little($0, 2).reversed()) }

  /// A file of 4 x 3 x 2 numbers of two bytes.
  ///
  /// - Parameter axes: what columns, rows and sections lie along, 1 for x.
  static func mrc(mode: Int = 6, isBig: Bool = false, axes: [Int] = [1, 2, 3]) -> [UInt8] {
    var words = [Int](repeating: 0, count: 256)
    for (index, value) in [
      0: 4, 1: 3, 2: 2, 3: mode, 7: 4, 8: 3, 9: 2, 16: axes[0], 17: axes[1], 18: axes[2], 52: 0x2050_414D,
    ] { words[index] = value }
    for (index, value) in [10: Float(400), 11: 600, 12: 800] { words[index] = Int(value.bitPattern) }
    var bytes = words.flatMap { isBig ? Array(little($0, 4).reversed()) : little($0, 4) }
    bytes.replaceSubrange(
      208..<216, with: Array("MAP ".utf8) + (isBig ? [0x11, 0x11, 0, 0] : [0x44, 0x44, 0, 0]))
    return bytes + (isBig ? high : low)
  }

  @Test(arguments: [false, true])
  func mrcFiles(isBig: Bool) throws {
    let path = folder.file("a.mrc")
    try writeBytes(Self.mrc(isBig: isBig), to: path)
    let source = try VolumeFile.open(path)
    // Cells in angstrom.
    #expect(source.grid == Grid(shape: Shape(z: 2, y: 3, x: 4), spacing: SIMD3(0.01, 0.02, 0.04)))
    #expect(try source.readAll() == .uint16(Self.values.map { UInt16($0) }))
    try writeBytes(Array(Self.mrc(isBig: isBig).dropLast()), to: path)
    expectClear(failure(of: path), .data, naming: "a.mrc")
    try writeBytes(Self.mrc(mode: 4), to: path)
    expectClear(failure(of: path), .data, naming: "a.mrc")
  }

  /// Columns, rows and sections along any axes are turned to x, y, z with their voxels.
  @Test(arguments: [[1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]])
  func turnedMRC(axes: [Int]) throws {
    let path = folder.file("a.mrc")
    try writeBytes(Self.mrc(axes: axes), to: path)
    let source = try VolumeFile.open(path)
    let sides = [4, 3, 2]
    let along = (1...3).map { axes.firstIndex(of: $0) ?? 0 }
    let shape = Shape(z: sides[along[2]], y: sides[along[1]], x: sides[along[0]])
    // The cell and its number of intervals are those of x, y, z.
    #expect(source.grid == Grid(shape: shape, spacing: SIMD3(0.01, 0.02, 0.04)))
    let values = try source.readFloats(Region(whole: shape))
    for index in 0..<shape.count {
      let (x, y, z) = (index % shape.x, index / shape.x % shape.y, index / (shape.x * shape.y))
      var place = [0, 0, 0]
      (place[along[0]], place[along[1]], place[along[2]]) = (x, y, z)
      #expect(values[index] == Float(Self.values[(place[2] * 3 + place[1]) * 4 + place[0]]))
    }
    try writeBytes(Self.mrc(axes: [1, 1, 3]), to: path)
    expectClear(failure(of: path), .data, naming: "a.mrc")
  }

  static func edf(_ more: String = "", order: String = "LowByteFirst", data: [UInt8]) -> [UInt8] {
    var text =
      "{\nHeaderID = EH:000001:000000:000000 ;\nByteOrder = \(order) ;\nDataType = UnsignedShort ;\nDim_1 = 4 ;\nDim_2 = 3 ;\n\(more)"
    text += String(repeating: " ", count: 510 - text.utf8.count) + "}\n"
    return Array(text.utf8) + data
  }

  @Test func edfFiles() throws {
    let expected = VoxelBuffer.uint16(Self.values.map { UInt16($0) })
    try writeBytes(Self.edf("Dim_3 = 2 ;\n", data: Self.low), to: folder.file("one.edf"))
    try writeBytes(
      Self.edf(data: Array(Self.low.prefix(24))) + Self.edf(data: Array(Self.low.suffix(24))),
      to: folder.file("two.edf"))
    try writeBytes(
      Self.edf("Dim_3 = 2 ;\n", order: "HighByteFirst", data: Self.high), to: folder.file("big.edf"))
    for name in ["one.edf", "two.edf", "big.edf"] {
      let source = try VolumeFile.open(folder.file(name))
      #expect(source.grid.shape == Shape(z: 2, y: 3, x: 4) && !source.grid.hasKnownSpacing)
      #expect(try source.readAll() == expected, "\(name)")
    }
    let slices = folder.file("slices")
    try FileManager.default.createDirectory(atPath: slices, withIntermediateDirectories: false)
    try writeBytes(Self.edf(data: Array(Self.low.prefix(24))), to: slices + "/s1.edf")
    try writeBytes(Self.edf(data: Array(Self.low.suffix(24))), to: slices + "/s2.edf")
    #expect(try VolumeFile.open(slices).readAll() == expected)
    try writeBytes(Self.edf("Dim_3 = 3 ;\n", data: Self.low), to: folder.file("short.edf"))
    expectClear(failure(of: folder.file("short.edf")), .data, naming: "short.edf")
  }

  static func vti(_ array: String, _ tail: [UInt8] = [], root: String = "") -> [UInt8] {
    let text = """
      <?xml version="1.0"?>
      <VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt32"\(root)>
      <ImageData WholeExtent="0 4 0 3 0 2" Origin="0 0 0" Spacing="1 1 1"><Piece Extent="0 4 0 3 0 2"><CellData>\(array)
      """
    return Array(text.utf8) + tail
  }

  @Test func vtiFiles() throws {
    let size = Self.little(48, 4)
    let closing = "</CellData></Piece></ImageData>"
    let appended = #"<DataArray type="UInt16" Name="g" format="appended" offset="0"/>"# + closing
    let base64 = Data(size + Self.low).base64EncodedString()
    let packed = ChunkLengthTests.zlib(Self.low)
    let header = [1, 48, 0, packed.count].flatMap { Self.little($0, 4) }
    // The last block, which may be the only one, is shorter than the others.
    let shorter = [1, 32768, 48, packed.count].flatMap { Self.little($0, 4) }
    let zipped = Data(header).base64EncodedString() + Data(packed).base64EncodedString()
    let text = Self.values.map { "\($0)" }.joined(separator: " ")
    func inline(_ format: String, _ text: String) -> String {
      #"<DataArray type="UInt16" Name="g" format="\#(format)">"# + "\n \(text)\n</DataArray>" + closing
        + "</VTKFile>"
    }
    let zlib = #" compressor="vtkZLibDataCompressor""#
    let files: [String: [UInt8]] = [
      "raw": Self.vti(
        appended + "<AppendedData encoding=\"raw\">\n_",
        size + Self.low + Array("</AppendedData></VTKFile>".utf8)),
      "raw-zlib": Self.vti(appended + "<AppendedData encoding=\"raw\">_", header + packed, root: zlib),
      "raw-zlib-one-block": Self.vti(
        appended + "<AppendedData encoding=\"raw\">_", shorter + packed, root: zlib),
      "base64": Self.vti(
        appended + "<AppendedData encoding=\"base64\">_" + base64 + "</AppendedData></VTKFile>"),
      "binary": Self.vti(inline("binary", base64)), "zlib": Self.vti(inline("binary", zipped), root: zlib),
      "ascii": Self.vti(inline("ascii", text)),
    ]
    for (name, bytes) in files {
      let path = folder.file(name + ".vti")
      try writeBytes(bytes, to: path)
      let source = try VolumeFile.open(path)
      #expect(source.grid.shape == Shape(z: 2, y: 3, x: 4), "\(name)")
      #expect(try source.readAll() == .uint16(Self.values.map { UInt16($0) }), "\(name)")
      let box = Region(lower: Shape(z: 1, y: 1, x: 1), shape: Shape(z: 1, y: 2, x: 2))
      #expect(try source.read(box).doubles() == [17, 18, 21, 22].map { Double(Self.values[$0]) }, "\(name)")
      try writeBytes(Array(bytes.prefix(bytes.count - 60)), to: path)
      if name != "raw" || bytes.count > 0 { #expect(failure(of: path)?.code == .data, "\(name)") }
    }
  }

  @Test func textsBesideVolumes() throws {
    let data = (0..<24).flatMap { Self.little(Int((Float($0) * 0.5).bitPattern), 4) }
    try writeBytes(data, to: folder.file("cell.vol"))
    let vgi =
      "{volume1}\n[file1]\nFileFormat = raw\nSize = 4 3 2\nName = cell.vol\nDatatype = float\nBitsPerElement = 32\n[geometry]\nresolution = 0.1 0.2 0.3\nunit = mm\n"
    try writeBytes(Array(vgi.utf8), to: folder.file("cell.vgi"))
    let grid = Grid(shape: Shape(z: 2, y: 3, x: 4), spacing: SIMD3(100, 200, 300))
    for name in ["cell.vgi", "cell.vol"] {
      let source = try VolumeFile.open(folder.file(name))
      #expect(source.grid.shape == grid.shape)
      #expect(abs(source.grid.spacing.z - 300) < 1e-9 && abs(source.grid.spacing.x - 100) < 1e-9)
      #expect(try source.readAll() == .float32((0..<24).map { Float($0) * 0.5 }))
    }
    try FileManager.default.removeItem(atPath: folder.file("cell.vgi"))
    let xtek =
      "[XTekCT]\nName=cell\nVoxelsX=4\nVoxelsY=3\nVoxelsZ=2\nVoxelSizeX=0.1\nVoxelSizeY=0.1\nVoxelSizeZ=0.1\n"
    try writeBytes(Array(xtek.utf8), to: folder.file("cell.xtekct"))
    for name in ["cell.xtekct", "cell.vol"] {
      #expect(try VolumeFile.open(folder.file(name)).grid.spacing.x == 100, "\(name)")
    }
    try writeBytes(Array(xtek.replacing("VoxelsZ=2", with: "VoxelsZ=5").utf8), to: folder.file("cell.xtekct"))
    expectClear(failure(of: folder.file("cell.xtekct")), .data, naming: "cell")
  }

  /// Bitmaps lie from the lowest row up, filled to four bytes, blue before green before red.
  static func bitmap(_ seed: UInt8) -> [UInt8] {
    var bytes = Array("BM".utf8)
    for (value, width) in [(78, 4), (0, 4), (54, 4), (40, 4), (2, 4), (3, 4), (1, 2), (24, 2)] {
      bytes += little(value, width)
    }
    bytes += [UInt8](repeating: 0, count: 24)
    for row in [2, 1, 0] {
      for column in 0..<2 {
        for sample in [2, 1, 0] { bytes.append(seed + UInt8(row * 20 + column * 5 + sample)) }
      }
      bytes += [0xEE, 0xEE]
    }
    return bytes
  }

  @Test func bitmapsAsSlicesWithTheirLog() throws {
    let slices = folder.file("rec")
    try FileManager.default.createDirectory(atPath: slices, withIntermediateDirectories: false)
    for index in 0..<3 { try writeBytes(Self.bitmap(UInt8(10 * index)), to: slices + "/rec_000\(index).bmp") }
    try writeBytes(
      Array("[Reconstruction]\nPixel Size (um)=2.5\nSection to Section Step=2\n".utf8),
      to: slices + "/rec.log")
    let source = try VolumeFile.open(slices, options: VolumeOpenOptions(channel: 1))
    #expect(source.grid == Grid(shape: Shape(z: 3, y: 3, x: 2), spacing: SIMD3(2.5, 2.5, 5)))
    var expected: [Double] = []
    for z in 0..<3 {
      for y in 0..<3 { for x in 0..<2 { expected.append(Double(10 * z + 20 * y + 5 * x + 1)) } }
    }
    #expect(try source.readAll().doubles() == expected)
    #expect(failure(of: slices)?.advice?.contains("--channel") == true)
    try writeBytes(Array(Self.bitmap(0).dropLast(9)), to: slices + "/rec_0001.bmp")
    expectClear(failure(of: slices, VolumeOpenOptions(channel: 1)), .data, naming: "rec_0001.bmp")
  }

  @Test(.enabled(if: Python.tifffile != nil, "numpy for Python is not installed"))
  func picturesOfOtherPrograms() throws {
    let made = try Python.answer(
      of: Python.tifffile ?? "",
      """
      import sys, numpy as np
      from PIL import Image
      a = (np.arange(60 * 40).reshape(60, 40) * 27 % 65521).astype("u2")
      Image.fromarray(a).save(sys.argv[1] + "/deep.png")
      Image.fromarray((a % 256).astype("u1")).save(sys.argv[1] + "/grey.png")
      Image.fromarray(((a % 251) > 100)).save(sys.argv[1] + "/bit.png")
      smooth = (np.add.outer(np.arange(60), np.arange(40)) * 2).astype("u1")
      Image.fromarray(smooth).save(sys.argv[1] + "/smooth.jpg", quality=95)
      """, [folder.path])
    // Pillow is not always there.
    guard made.status == 0 else { return }
    let values = (0..<2400).map { Double($0 * 27 % 65_521) }
    #expect(try VolumeFile.open(folder.file("deep.png")).readAll().doubles() == values)
    #expect(
      try VolumeFile.open(folder.file("grey.png")).readAll().doubles()
        == values.map { $0.truncatingRemainder(dividingBy: 256) })
    #expect(
      try VolumeFile.open(folder.file("bit.png")).readAll().doubles()
        == values.map { $0.truncatingRemainder(dividingBy: 251) > 100 ? 1 : 0 })
    let smooth = try VolumeFile.open(folder.file("smooth.jpg")).readAll().doubles()
    for (index, value) in smooth.enumerated() {
      #expect(abs(value - Double(2 * (index / 40 + index % 40))) <= 4)
    }
    for name in ["deep.png", "smooth.jpg"] {
      let whole = [UInt8](FileManager.default.contents(atPath: folder.file(name)) ?? Data())
      try writeBytes(Array(whole.prefix(whole.count * 2 / 3)), to: folder.file(name))
      expectClear(failure(of: folder.file(name)), .data, naming: name)
    }
  }
}
