import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Damaged HDF5 files")
struct HDF5MutationTests {
  /// Without waiting for the disk, as `Data.write` does.
  static func write(_ bytes: [UInt8], to path: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: bytes)
    try file.close()
  }

  /// Opens, lists and reads copies of a small file with bytes changed at random. None may hang or end
  /// the process.
  @Test func mutationsNeverTrap() throws {
    let folder = try TemporaryFolder()
    _ = try NeXusWriterTests.write(folder.file("whole.nxs"), deflate: 1)
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("whole.nxs"))))
    var generator = SeededGenerator(seed: 11)
    let rounds = 2000
    var outcomes: [String: Int] = [:]
    for round in 0..<rounds {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if Int.random(in: 0..<8, using: &generator) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      let path = folder.file("\(round % 2).nxs")
      try Self.write(bytes, to: path)
      do throws(VoxelithError) {
        _ = try HDF5File.describe(path)
        let source = try SpectralFile.open(path)
        if let count = source.grid.shape.checkedCount, count * source.energy.count < 1_000_000 {
          _ = try source.readCounts(Region(whole: source.grid.shape))
        }
        outcomes["read", default: 0] += 1
      } catch {
        outcomes[error.code.name, default: 0] += 1
      }
    }
    #expect(outcomes["internal"] == nil)
    #expect((outcomes["read"] ?? 0) > rounds / 10)
    #expect((outcomes["data"] ?? 0) > rounds / 10)
  }

  /// Damage that long runs of mutants have found, each of which the library met by taking gigabytes or by not coming
  /// to an end.
  enum Damage: String, CaseIterable, CustomTestStringConvertible {
    case rootContinuation, arrayContinuation, chunkLength, shortChunk, longerThanItsLimit, freeListInACircle
    case attributeType, attributeSpace, attributeName

    var testDescription: String { rawValue }

    func apply(to file: inout [UInt8]) throws {
      func place(of pattern: [UInt8]) throws -> Int {
        try #require(
          file.indices.first { file[$0...].starts(with: pattern) }, "the file is not as this test thinks")
      }
      func number(at place: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(file[place + $1]) << (8 * UInt64($1)) }
      }
      func put(_ value: UInt64, bytes: Int = 8, at place: Int) {
        for index in 0..<bytes {
          file[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
        }
      }
      func attribute() throws -> Int {
        let head = try #require(
          file.indices.dropLast(16).first {
            file[$0...].starts(with: [0x0C, 0]) && file[($0 + 5)...].starts(with: [0, 0, 0, 1, 0])
          }, "the file has no attribute where this test looks")
        return head + 8
      }
      var shape: [UInt8] = [1, 3, 1, 0, 0, 0, 0, 0]
      for side: UInt8 in [2, 3, 4] { shape += [side, 0, 0, 0, 0, 0, 0, 0] }
      switch self {
      case .rootContinuation:
        let root = Int(number(at: 64))
        try #require(number(at: root + 16) & 0xFFFF == 0x10)
        put(0, bytes: 2, at: root + 18)
        put(1 << 51, at: root + 24)
        put(1 << 32, at: root + 32)
      case .arrayContinuation:
        let message = try place(of: shape)
        put(0x10, bytes: 4, at: message - 8)
        put(1 << 20, at: message)
        put((1 << 32) + 524_293, at: message + 8)
      case .chunkLength:
        put(0xFFFF_FFFF, bytes: 4, at: try place(of: Array("TREE".utf8) + [1, 0]) + 24)
      case .shortChunk:
        put(40, bytes: 4, at: try place(of: Array("TREE".utf8) + [1, 0]) + 24)
      case .longerThanItsLimit:
        let message = try place(of: shape)
        put(956_777_544_964, at: message + 24)
        put(0, at: message + 32)
      case .freeListInACircle:
        let heap = try place(of: Array("HEAP".utf8))
        put(number(at: heap + 16), at: Int(number(at: heap + 24) + number(at: heap + 16)))
      case .attributeType:
        put(0x7FF8, bytes: 2, at: try attribute() + 4)
      case .attributeSpace:
        let message = try attribute()
        let lengths = (0..<2).map { (Int(number(at: message + 2 + 2 * $0) & 0xFFFF) + 7) / 8 * 8 }
        put(0x20, bytes: 1, at: message + 8 + lengths[0] + lengths[1] + 1)
      case .attributeName:
        let message = try attribute()
        let length = Int(number(at: message + 2) & 0xFFFF)
        put(0x41, bytes: 1, at: message + 8 + length - 1)
      }
    }
  }

  /// Most memory that the process has asked for so far.
  static func addressSpacePeak() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") })
    return 1024
      * (try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }))
  }

  @Test(arguments: Damage.allCases) func knownDamageIsRefused(_ damage: Damage) throws {
    let folder = try TemporaryFolder()
    let grid = Grid(shape: Shape(z: 2, y: 3, x: 4), spacing: SIMD3(1, 2, 3))
    let writer = try HDF5VolumeWriter(path: folder.file("a.h5"), grid: grid, type: .uint16)
    try writer.write(.uint16((0..<24).map { UInt16($0) }), to: Region(whole: grid.shape))
    try writer.finish()
    let whole = try HDF5VolumeFile.open(path: folder.file("a.h5"))
    #expect(try whole.readFloats(Region(whole: grid.shape)) == (0..<24).map { Float($0) })
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("a.h5"))))
    try damage.apply(to: &bytes)
    try Self.write(bytes, to: folder.file("b.h5"))
    let before = try Self.addressSpacePeak()
    let error = #expect(throws: VoxelithError.self) {
      let source = try HDF5VolumeFile.open(path: folder.file("b.h5"))
      _ = try source.read(Region(lower: Shape(z: 0, y: 0, x: 0), shape: Shape(z: 1, y: 1, x: 1)))
    }
    #expect(error?.code == .data)
    _ = try? HDF5File.describe(folder.file("b.h5"))
    #expect(try Self.addressSpacePeak() - before < 2 << 30)
  }

  /// The library takes kilobytes for every chunk of a box, so that boxes of many are read in parts.
  @Test func tinyChunksAreReadInParts() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    let values = (0..<4200).map { UInt16($0) }
    try HDF5FileTests.array(output, "/full", [2, 70, 30], .uint16(values), chunk: [1, 1, 1])
    let sparse = try HDF5OutputArray(
      "/sparse", in: output, type: .int32, shape: [3, 1 << 40], chunk: [2, 2])
    try sparse.write(.int32([5, 6]), start: [1, 4001], count: [1, 2])
    sparse.close()
    try output.finish()
    let file = try HDF5File.open(folder.file("a.h5"))
    let full = try file.dataset(at: "/full")
    #expect(try full.readAll().doubles() == values.map { Double($0) })
    let box = try full.read(start: [0, 3, 1], count: [2, 61, 28]).doubles()
    var expected: [Double] = []
    for z in 0..<2 { for y in 3..<64 { for x in 1..<29 { expected.append(Double((z * 70 + y) * 30 + x)) } } }
    #expect(box == expected)
    let row = try file.dataset(at: "/sparse").read(start: [0, 1], count: [3, 1 << 14]).doubles()
    expected = [Double](repeating: 0, count: 3 << 14)
    (expected[(1 << 14) + 4000], expected[(1 << 14) + 4001]) = (5, 6)
    #expect(row == expected)
  }
}
