import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Boxes that cut chunks in every way, out of the cache and not.
@Suite("Chunk reader")
struct ChunkReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let shape = Shape(z: 11, y: 13, x: 17)
  static let values = (0..<shape.count).map { UInt16($0 * 37 % 65_521) }

  private func source(_ chunk: [Int], deflate: Bool = true) throws -> any VolumeSource {
    let path = folder.file("\(chunk)-\(deflate).h5")
    let output = try HDF5Output(path: path, overwrite: true)
    let array = try HDF5OutputArray(
      "/a", in: output, type: .uint16, shape: [11, 13, 17], chunk: chunk.isEmpty ? nil : chunk,
      packing: deflate && !chunk.isEmpty ? .deflate(level: 1) : .none)
    try array.write(.uint16(Self.values), start: [0, 0, 0], count: [11, 13, 17])
    array.close()
    try output.finish()
    return try VolumeFile.open(path, options: VolumeOpenOptions(threads: 3))
  }

  @Test(arguments: [[], [1, 13, 17], [4, 4, 4], [11, 13, 17], [3, 13, 2], [11, 1, 1]], [true, false])
  func boxesOfEveryKind(chunk: [Int], deflate: Bool) throws {
    let source = try source(chunk, deflate: deflate)
    let boxes = [
      Region(whole: Self.shape), Region(lower: Shape(z: 3, y: 5, x: 7), shape: Shape(z: 1, y: 1, x: 1)),
      Region(lower: Shape(z: 2, y: 0, x: 0), shape: Shape(z: 3, y: 13, x: 17)),
      Region(lower: Shape(z: 0, y: 3, x: 4), shape: Shape(z: 11, y: 9, x: 5)),
      Region(lower: Shape(z: 0, y: 0, x: 16), shape: Shape(z: 11, y: 13, x: 1)),
    ]
    for box in boxes + boxes.reversed() {
      let found = try source.read(box).values(as: UInt16.self)
      var expected: [UInt16] = []
      for z in box.z {
        for y in box.y { for x in box.x { expected.append(Self.values[Self.shape.index(z: z, y: y, x: x)]) } }
      }
      #expect(found == expected, "\(chunk) \(box)")
    }
  }

  /// Slice by slice on several threads at once, each chunk being asked for by all of them.
  @Test func manyThreadsShareChunks() async throws {
    let source = try source([11, 7, 9])
    let whole = Self.values
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for worker in 0..<6 {
        group.addTask {
          for z in 0..<11 {
            let slice = (z + worker) % 11
            let region = Region(slices: slice..<(slice + 1), of: Self.shape)
            let found = try source.read(region).values(as: UInt16.self)
            if found != Array(whole[(slice * 221)..<((slice + 1) * 221)]) { return false }
          }
          return true
        }
      }
      for try await agreed in group { #expect(agreed) }
    }
  }

  /// Planes across every axis are the same whether they are read one by one or many at a time.
  @Test(arguments: [[4, 4, 4], [1, 13, 17], [11, 2, 3], []])
  func slabsGiveThePlanes(chunk: [Int]) throws {
    let source = try source(chunk)
    for axis in Axis.allCases {
      for memory in [1, 300, 4000, 1 << 20] {
        let slab = SlabSource(source, along: axis, memory: memory, threads: 2)
        for index in 0..<Self.shape[axis] {
          var (lower, sides) = (Shape(z: 0, y: 0, x: 0), Self.shape)
          lower[axis] = index
          sides[axis] = 1
          let region = Region(lower: lower, shape: sides)
          #expect(try slab.read(region) == source.read(region))
        }
      }
    }
  }

  /// Planes across y and x of a volume beyond the memory: every voxel is read once, in boxes that fit.
  @Test(
    arguments: [Shape(z: 1, y: 13, x: 17), Shape(z: 4, y: 4, x: 4), Shape(z: 11, y: 2, x: 3)], [Axis.y, .x])
  func slabsReadAVolumeOnce(chunk: Shape, axis: Axis) throws {
    let source = ReadingCount(shape: Self.shape, chunk: chunk)
    let slab = SlabSource(source, along: axis, memory: 2000, threads: 2)
    for index in 0..<Self.shape[axis] {
      var region = Region(whole: Self.shape)
      region.lower[axis] = index
      region.shape[axis] = 1
      _ = try slab.read(region)
    }
    let (voxels, largest) = source.counts.withLock { $0 }
    #expect(voxels == Self.shape.count && 2 * largest <= 2000)
  }

  /// A page of one tall strip, which a few packed bytes can claim, is looked at in pieces.
  @Test func statisticsOfTallChunksFitTheMemory() throws {
    let shape = Shape(z: 1, y: 4100, x: 2048)
    let source = ReadingCount(shape: shape, chunk: Shape(z: 1, y: 4096, x: 2048))
    let statistics = try VolumeStatistics.compute(
      source, resources: Resources(threads: 2, memory: 8 << 20))
    #expect(statistics.count == shape.count && statistics.maximum == 0)
    #expect(source.counts.withLock { $0.largest } <= 64 * shape.x)
  }

  /// Chunks never show in statistics, and neither do zeros, tiny values or values near the end of the range.
  @Test func statisticsDoNotKnowChunks() throws {
    let plain = try VolumeStatistics.compute(try source([]))
    for chunk in [[1, 13, 17], [4, 4, 4], [11, 13, 17]] {
      #expect(try VolumeStatistics.compute(try source(chunk), resources: Resources(threads: 2)) == plain)
    }
    for (value, other) in [(0.0, 0.0), (1e-300, 1e-300), (1e308, -1e308), (Double.leastNonzeroMagnitude, 0)] {
      let grid = Grid(shape: Shape(z: 2, y: 2, x: 2), spacing: .one)
      let volume = Volume(grid: grid, voxels: [value, value, value, value, other, other, other, other])
      let statistics = try VolumeStatistics.compute(volume)
      #expect(statistics.minimum == min(value, other) && statistics.maximum == max(value, other))
      #expect(statistics.histogram.counts.reduce(0, +) == 8)
      // Half of the least number lies between two numbers, either of which is right.
      let tolerance = max(abs(value) * 1e-15, Double.leastNonzeroMagnitude)
      #expect(abs((statistics.mean ?? .nan) - (value / 2 + other / 2)) <= tolerance)
    }
  }

  @Test(.enabled(if: SharedCases.isPresent))
  func filesThatOnceFailed() throws {
    for name in ["zeros_f4.tif", "zeros_f4.npy", "zeros_f4.h5", "flat_1e-300_f8.tif", "overflow_f8.tif"] {
      let source = try VolumeFile.open(SharedCases.path("files/01-inspect-crash-all-zero-float/" + name))
      let statistics = try VolumeStatistics.compute(source)
      if name.hasPrefix("zeros") { #expect(statistics.mean == 0 && statistics.maximum == 0) }
      #expect(statistics.histogram.counts.reduce(0, +) == source.grid.shape.count)
    }
    let packed = try VolumeFile.open(SharedCases.path("files/13-filter-advice/bslz4.h5"))
    #expect(packed.grid.shape == Shape(z: 8, y: 20, x: 24))
    let parts = try (0..<4).map { part in
      try VolumeFile.open(SharedCases.path("files/03-vds-refused-good/src/part\(part).h5")).mean()
    }
    #expect(abs(try packed.mean() - parts.reduce(0, +) / 4) < 200)
  }

  @Test(.enabled(if: SharedCases.isPresent))
  func aFileThatItsWriterLeftOpen() throws {
    let path = SharedCases.path("files/swmr_writer_killed_7_of_13_slices.nxs")
    let array = try HDF5File.open(path).dataset(at: "/entry/data/counts")
    #expect(array.isLeftOpen)
    #expect(array.writingNotice?.contains("7 of 13 slices") == true)
    let source = try SpectralFile.open(path)
    #expect(source.grid.shape == Shape(z: 13, y: 17, x: 17))
    let counts = try source.readCounts(Region(slices: 6..<8, of: source.grid.shape))
    #expect(counts.prefix(counts.count / 2).contains { $0 > 0 })
    #expect(counts.suffix(counts.count / 2).allSatisfy { $0 == 0 })
  }
}

/// A volume of zeros that counts what is read of it.
private final class ReadingCount: VolumeSource {
  let grid: Grid
  let chunkShape: Shape
  let voxelType = VoxelType.uint8
  let name = "zeros"
  let counts = Guarded((voxels: 0, largest: 0))

  init(shape: Shape, chunk: Shape) {
    grid = Grid(shape: shape, spacing: .one)
    chunkShape = chunk
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    counts.withLock { $0 = ($0.voxels + region.count, max($0.largest, region.count)) }
    return .uint8([UInt8](repeating: 0, count: region.count))
  }
}
