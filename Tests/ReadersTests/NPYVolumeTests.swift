import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("NPY volumes")
struct NPYVolumeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// An array file built by the letter of NEP 1.
  private func npy(
    _ descr: String, _ shape: String, _ body: [UInt8], fortran: Bool = false, version: UInt8 = 1
  ) -> [UInt8] {
    let text = Array(
      "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n".utf8)
    let length = text.count
    let size = [UInt8(length & 0xFF), UInt8(length >> 8)] + (version == 1 ? [] : [0, 0])
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + text + body
  }

  private func open(_ bytes: [UInt8], _ options: VolumeOpenOptions = .init()) throws -> any VolumeSource {
    let path = folder.file("a.npy")
    try writeBytes(bytes, to: path)
    return try VolumeFile.open(path, options: options)
  }

  private let bytes24 = (0..<24).map { UInt8($0) }

  @Test(arguments: [1, 2, 3] as [UInt8])
  func versions(_ version: UInt8) throws {
    let source = try open(npy("|u1", "(2, 3, 4)", bytes24, version: version))
    #expect(source.grid == Grid(unscaled: Shape(z: 2, y: 3, x: 4)))
    #expect(try source.readAll().rawBytes == bytes24)
  }

  @Test(arguments: ["(24,)", "(4, 6)", "(2, 3, 4)"])
  func axes(_ shape: String) throws {
    let source = try open(npy("|u1", shape, bytes24))
    #expect(source.grid.shape.count == 24)
    #expect(try source.readAll().rawBytes == bytes24)
    #expect(source.grid.shape.x == (shape == "(24,)" ? 24 : shape == "(4, 6)" ? 6 : 4))
  }

  @Test func fortranOrder() throws {
    // Value 100 z + 10 y + x of a (2, 3, 4) array, z fastest.
    var body: [UInt8] = []
    for x in 0..<4 { for y in 0..<3 { for z in 0..<2 { body.append(UInt8(100 * z + 10 * y + x)) } } }
    let source = try open(npy("|u1", "(2, 3, 4)", body, fortran: true))
    var wanted: [UInt8] = []
    for z in 0..<2 { for y in 0..<3 { for x in 0..<4 { wanted.append(UInt8(100 * z + 10 * y + x)) } } }
    #expect(try source.readAll().rawBytes == wanted)
    let region = Region(lower: Shape(z: 1, y: 1, x: 1), shape: Shape(z: 1, y: 2, x: 3))
    #expect(try source.read(region).rawBytes == [111, 112, 113, 121, 122, 123])
  }

  @Test func bigEndian() throws {
    let source = try open(npy(">i2", "(1, 1, 3)", [0xFF, 0xFE, 0x01, 0x00, 0x00, 0x07]))
    guard case .int16(let values) = try source.readAll() else { Issue.record("not int16"); return }
    #expect(values == [-2, 256, 7])
  }

  @Test(arguments: [
    ("(4, 5, 6, 3)", 3), ("(3, 2, 3, 4)", 1), ("(2, 2, 3, 6)", 1), ("(2, 4, 3, 3)", 0), ("(3, 4, 2, 3)", 0),
  ])
  func fourAxes(_ shape: String, channelAxis: Int) throws {
    let sides = shape.filter { $0.isNumber || $0 == "," }.split(separator: ",").compactMap { Int($0) }
    let body = (0..<sides.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0) }
    let channel = sides[channelAxis] - 1
    let source = try open(npy("|u1", shape, body), VolumeOpenOptions(channel: channel))
    var wanted: [UInt8] = []
    for index in body.indices {
      var position = [0, 0, 0, 0]
      var rest = index
      for axis in (0..<4).reversed() {
        position[axis] = rest % sides[axis]
        rest /= sides[axis]
      }
      if position[channelAxis] == channel { wanted.append(body[index]) }
    }
    #expect(try source.readAll().rawBytes == wanted)
    expectClear(failure(of: folder.file("a.npy")), .data, naming: "a.npy")
  }

  @Test func damagedHeaders() throws {
    let good = npy("|u1", "(2, 3, 4)", bytes24)
    let bad = [
      Array(good[..<20]), Array(good[..<(good.count - 1)]), good + [0], npy("<c8", "(3,)", bytes24),
      npy("|O", "(3,)", bytes24), npy("|u1", "(2, 3, 5)", bytes24), npy("|u1", "(-2, 3, 4)", bytes24),
      npy("|u1", "2, 3, 4", bytes24), npy("|u1", "(99999999999999, 99999999999)", bytes24),
      npy("|u1", "(1, 2, 3, 2, 2)", bytes24), npy("|u1", "()", [1]), npy("|u1", "(0, 3)", []),
      npy("|u1", "(24,)", bytes24, version: 9),
    ]
    for bytes in bad {
      let path = folder.file("bad.npy")
      try writeBytes(bytes, to: path)
      expectClear(failure(of: path), .data, naming: "bad.npy")
    }
  }

  @Test func writerComesBack() throws {
    let shape = Shape(z: 3, y: 4, x: 5)
    let path = folder.file("w.npy")
    let values = ramp(shape, scale: 0.5)
    let writer = try NPYVolumeWriter(path: path, shape: shape, type: .float32)
    for z in [2, 0, 1] {
      let region = Region(slices: z..<(z + 1), of: shape)
      try writer.write(.float32(Array(values[(20 * z)..<(20 * z + 20)])), to: region)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    try writer.finish()
    #expect(try VolumeFile.open(path).loadFloats().voxels == values)
    #expect(throws: VoxelithError.self) { try NPYVolumeWriter(path: path, shape: shape, type: .uint8) }
    #expect(folder.entries == ["w.npy"])
  }

  @Test(.enabled(if: Python.tifffile != nil, "tifffile for Python is not installed"))
  func numpyAgrees() throws {
    let path = folder.file("w.npy")
    let values = VoxelBuffer.int32((0..<24).map { Int32($0 * -7) })
    try NPYVolumeWriter.write(values, shape: [2, 3, 4], to: path, overwrite: false)
    let out = folder.file("f.npy")
    let answer = try Python.run(
      """
      import sys, numpy as np
      a = np.load(sys.argv[1])
      print(a.dtype, a.shape, int(a[1, 2, 3]))
      np.save(sys.argv[2], np.asfortranarray(a.astype('>f8')))
      """, path, out, with: Python.tifffile)
    #expect(answer == "int32 (2, 3, 4) -161")
    #expect(try VolumeFile.open(out).readAll().doubles() == values.doubles())
  }
}
