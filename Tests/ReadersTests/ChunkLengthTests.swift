import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Chunks that unpack to another length than their array says, by every filter: an error, and nothing beyond the chunk read.
@Suite("Lengths of chunks")
struct ChunkLengthTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Deflate in stored blocks, so that the bytes are known (RFC 1950).
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    func two(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    var result: [UInt8] = [0x78, 0x01, 1]
    result += two(bytes.count)
    result += two(65_535 - bytes.count)
    result += bytes
    result += [UInt8(b >> 8), UInt8(b & 255), UInt8(a >> 8), UInt8(a & 255)]
    return result
  }

  private func file(
    _ filters: [(identifier: Int, settings: [UInt32])], _ bytes: [UInt8], type: VoxelType = .uint16,
    isBigEndian: Bool = false, skipped: UInt32 = 0
  ) throws -> HDF5Dataset {
    let path = folder.file("\(UUID().uuidString).h5")
    let output = try HDF5Output(path: path, overwrite: false)
    do {
      let array = try HDF5HandmadeArray(
        "/a", in: output, type: type, isBigEndian: isBigEndian, shape: [2, 4, 8], chunk: [2, 4, 8],
        filters: filters)
      try array.write(bytes, at: [0, 0, 0], chunk: [2, 4, 8], skipped: skipped)
    }
    try output.finish()
    return try HDF5File.open(path).dataset(at: "/a")
  }

  /// 64 numbers of two bytes, low byte first.
  static let plain = (0..<64).flatMap { [UInt8($0), UInt8($0 + 100)] }
  static let values = (0..<64).map { UInt16($0) | UInt16($0 + 100) << 8 }

  @Test(arguments: [0, 1, 64, 127, 129, 4000])
  func anotherLengthIsRefused(count: Int) throws {
    let bytes = Array((Self.plain + [UInt8](repeating: 7, count: 4000)).prefix(count))
    typealias Kind = (filters: [(identifier: Int, settings: [UInt32])], packed: [UInt8])
    let deflate: Kind = ([(1, [4])], Self.zlib(bytes))
    let shuffled: Kind = ([(2, [2]), (1, [4])], Self.zlib(bytes))
    let plain: Kind = ([], bytes)
    let shuffle: Kind = ([(2, [2])], bytes)
    let checked: Kind = ([(3, [])], bytes + [UInt8](repeating: 0, count: 4))
    let lzf: Kind = ([(32000, [])], bytes.flatMap { [UInt8(0), $0] })
    let lz4: Kind = ([(32004, [])], Self.lz4(bytes))
    let kinds = [deflate, shuffled, plain, shuffle, checked, lzf, lz4]
    for kind in kinds where !kind.packed.isEmpty {
      // Without filters the lengths of all chunks together tell already when the array is opened.
      let error = #expect(throws: VoxelithError.self) { try file(kind.filters, kind.packed).readAll() }
      #expect(error?.code == .data, "\(kind.filters)")
      let says = kind.filters.isEmpty ? "the chunks of [2, 4, 8]" : "the chunk at [0, 0, 0]"
      #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
  }

  /// One block that is not packed, behind the length of all and that of a block.
  static func lz4(_ bytes: [UInt8]) -> [UInt8] {
    let length = [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
    var result = [UInt8](repeating: 0, count: 6)
    result += length
    result += [0, 0, 16, 0, 0, 0]
    result += length
    return result + bytes
  }

  @Test func theRightLengthIsRead() throws {
    let expected = VoxelBuffer.uint16(Self.values)
    #expect(try file([(1, [4])], Self.zlib(Self.plain)).readAll() == expected)
    #expect(try file([], Self.plain).readAll() == expected)
    #expect(try file([(32000, [])], Self.plain.flatMap { [UInt8(0), $0] }).readAll() == expected)
    #expect(try file([(32004, [])], Self.lz4(Self.plain)).readAll() == expected)
    let turned = try file([], Self.plain, isBigEndian: true).readAll()
    #expect(turned == .uint16(Self.values.map(\.byteSwapped)))
    // Both filters are marked as left out for this chunk.
    let left = try file(
      [(identifier: 2, settings: [2]), (identifier: 1, settings: [4])], Self.plain, skipped: 3)
    #expect(try left.readAll() == .uint16(Self.values))
  }

  /// A match that overlaps what it copies, from the format's own rules: 'a', then 7 times the byte before.
  @Test func lz4CopiesOverlappingMatches() throws {
    let block: [UInt8] = [0x1F, 9, 1, 0, 107, 0x10, 9]
    let head: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 16, 0, 0, 0, 0, UInt8(block.count)]
    let packed = head + block
    #expect(
      try file([(identifier: 32004, settings: [])], packed).readAll()
        == .uint16([UInt16](repeating: 0x0909, count: 64)))
  }

  @Test func lzfCopiesOverlappingMatches() throws {
    // One literal 9, then runs of what stands one byte before: 127 bytes by a long match.
    let packed: [UInt8] = [0, 9, 0xE0, 118, 0]
    #expect(
      try file([(identifier: 32000, settings: [])], packed).readAll()
        == .uint16([UInt16](repeating: 0x0909, count: 64)))
  }

  /// Chunks without filters that are a whole number of chunks together: of such the library does not tell the lengths one by
  /// one, and it reads each by the length that the file claims.
  @Test(arguments: [[128, 256], [64, 192], [192, 64], [256, 256, 256]])
  func longChunksWithoutFiltersAreRefused(lengths: [Int]) throws {
    let path = folder.file("long.h5")
    let output = try HDF5Output(path: path, overwrite: true)
    do {
      let array = try HDF5HandmadeArray(
        "/a", in: output, type: .uint16, isBigEndian: false, shape: [2 * lengths.count, 4, 8],
        chunk: [2, 4, 8],
        filters: [])
      for (index, length) in lengths.enumerated() {
        try array.write(
          Array((Self.plain + [UInt8](repeating: 7, count: 256)).prefix(length)), at: [index, 0, 0],
          chunk: [2, 4, 8])
      }
    }
    try output.finish()
    let bad = try #require(lengths.firstIndex { $0 != 128 })
    let error = failure(of: path)
    #expect(error?.code == .data)
    #expect(
      error?.message.contains("the chunk at [\(bad), 0, 0]") == true
        && error?.message.contains("claims \(lengths[bad]) bytes") == true, "\(error?.message ?? "")")
  }

  /// A chunk may not take more memory than the process was given.
  @Test func aChunkLargerThanTheBudgetIsRefused() throws {
    let path = folder.file("large.h5")
    let output = try HDF5Output(path: path, overwrite: false)
    do {
      let array = try HDF5HandmadeArray(
        "/a", in: output, type: .uint8, isBigEndian: false, shape: [1 << 33], chunk: [1 << 31],
        filters: [(1, [4])])
      try array.write(Self.zlib(Self.plain), at: [0], chunk: [1 << 31])
    }
    try output.finish()
    let dataset = try HDF5File.open(path).dataset(at: "/a")
    let error = #expect(throws: VoxelithError.self) { try dataset.read(start: [5], count: [3]) }
    #expect(error?.code == .usage)
    #expect(error?.advice?.contains("--memory") == true)
  }

  @Test(.enabled(if: SharedCases.isPresent))
  func handmadeFilesOfOthers() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: SharedCases.path("hostile")).filter {
      $0.hasSuffix(".h5")
    }
    #expect(names.count >= 9)
    for name in names {
      expectClear(failure(of: SharedCases.path("hostile/" + name)), .data, naming: name)
    }
    let error = #expect(throws: VoxelithError.self) {
      let source = try SpectralFile.open(SharedCases.path("hostile/nxs-short-gzip-fletcher.nxs"))
      _ = try source.readCounts(Region(whole: source.grid.shape))
    }
    #expect(error?.code == .data)
  }
}
