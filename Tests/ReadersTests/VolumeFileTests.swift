import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Volume files")
struct VolumeFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func whatIsNoVolumeIsNamed() throws {
    expectClear(failure(of: folder.file("none.tif")), .missing, naming: "none.tif")
    expectClear(failure(of: folder.file("none/v.tif")), .missing, naming: "none/v.tif")
    expectClear(failure(of: folder.file("none*.tif")), .missing, naming: "none*.tif")
    try writeBytes([], to: folder.file("empty.tif"))
    expectClear(failure(of: folder.file("empty.tif")), .data, naming: "empty.tif")
    try writeBytes(Array("a note".utf8), to: folder.file("note.tif"))
    expectClear(failure(of: folder.file("note.tif")), .data, naming: "note.tif")
    try writeBytes([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], to: folder.file("p.tif"))
    #expect(failure(of: folder.file("p.tif"))?.message.contains("PNG") == true)
    #expect(VoxelithError.Code.missing.exitStatus == 66 && VoxelithError.Code.data.exitStatus == 65)
    let sub = folder.file("sub")
    try FileManager.default.createDirectory(atPath: sub, withIntermediateDirectories: true)
    expectClear(failure(of: sub), .data, naming: "sub")
    expectClear(failure(of: "/dev/null"), .data, naming: "/dev/null")
  }

  @Test func contentDecidesNotTheName() throws {
    try writeBytes(HandmadeTIFF(pages: 2).bytes, to: folder.file("volume.npy"))
    #expect(try VolumeFile.describe(folder.file("volume.npy")).kind == "tiff")
  }

  @Test func slicesComeInNumberOrder() throws {
    for number in [10, 9, 8, 12, 11] {
      try writeSlice(number, to: "slice_\(number).tif")
    }
    try writeBytes(Array("notes".utf8), to: folder.file("readme.txt"))
    for path in [folder.path, folder.path + "/", folder.file("slice_*.tif")] {
      let source = try VolumeFile.open(path)
      #expect(source.grid.shape == Shape(z: 5, y: 2, x: 3))
      let firsts = try (0..<5).map {
        try source.read(Region(slices: $0..<($0 + 1), of: source.grid.shape)).doubles()[0]
      }
      #expect(firsts == [8, 9, 10, 11, 12])
    }
    try writeBytes([], to: folder.file("slice_13.tif"))
    expectClear(failure(of: folder.path), .data, naming: "slice_13.tif")
  }

  private func writeSlice(_ value: Int, to name: String) throws {
    var tiff = HandmadeTIFF(pages: value + 1).bytes
    // One page whose pixels hold the number.
    var single = HandmadeTIFF(pages: 1)
    single.isBigEndian = value % 2 == 1
    tiff = single.bytes
    for pixel in 0..<6 { tiff[8 + 2 * pixel + (single.isBigEndian ? 1 : 0)] = UInt8(value) }
    try writeBytes(tiff, to: folder.file(name))
  }

  @Test func slicesWithSeveralPagesAreRefused() throws {
    try writeSlice(1, to: "a1.tif")
    try writeBytes(HandmadeTIFF(pages: 2).bytes, to: folder.file("a2.tif"))
    expectClear(failure(of: folder.path), .data, naming: "a2.tif")
  }

  @Test(arguments: [
    ("s2", "s10"), ("s02", "s10"), ("a", "b"), ("s1", "s1a"), ("s009", "s10"), ("im041.tif", "im_1.tif"),
    ("z1y2", "z1y10"), ("s01", "s1"),
  ])
  func naturalOrder(_ first: String, _ second: String) {
    #expect(NaturalOrder.precedes(first, second))
    #expect(!NaturalOrder.precedes(second, first))
    #expect(!NaturalOrder.precedes(first, first))
  }

  @Test func readersServeManyThreads() throws {
    let grid = Grid(shape: Shape(z: 16, y: 32, x: 32), spacing: .one)
    let path = folder.file("v.tif")
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32)
    try writer.write(.float32(ramp(grid.shape)), to: Region(whole: grid.shape))
    try writer.finish()
    let source = try VolumeFile.open(path)
    let sums = try Parallel.map(64, threads: 8) { (index) throws(VoxelithError) in
      let z = index % 16
      return try source.readFloats(Region(slices: z..<(z + 1), of: source.grid.shape)).reduce(0, +)
    }
    for index in 0..<64 { #expect(sums[index] == sums[index % 16]) }
  }
}

@Suite("Volume statistics")
struct VolumeStatisticsTests {
  @Test func closedForm() throws {
    let grid = Grid(unscaled: Shape(z: 4, y: 5, x: 5))
    let volume = Volume(grid: grid, voxels: (0..<100).map { UInt16($0 * 10) })
    let found = try VolumeStatistics.compute(volume, bins: 10)
    #expect(found.count == 100 && found.missing == 0)
    #expect(found.minimum == 0 && found.maximum == 990 && found.mean == 495)
    // Variance of 0 ... n-1 is n (n + 1) / 12.
    let wanted = (100.0 * 100 * 101 / 12).squareRoot()
    #expect(abs((found.standardDeviation ?? 0) - wanted) < 1e-9)
    #expect(found.histogram.counts == [Int](repeating: 10, count: 10))
  }

  @Test func missingAndInfiniteValues() throws {
    let grid = Grid(unscaled: Shape(z: 1, y: 1, x: 6))
    let values: [Float] = [.nan, 1, 3, .infinity, -.infinity, .nan]
    let found = try VolumeStatistics.compute(Volume(grid: grid, voxels: values), bins: 2)
    #expect(found.missing == 2 && found.count == 4)
    #expect(found.minimum == 1 && found.maximum == 3 && found.mean == 2)
    #expect(found.histogram.counts == [1, 1])
    let empty = try VolumeStatistics.compute(Volume(grid: grid, repeating: Float.nan))
    #expect(empty.count == 0 && empty.missing == 6 && empty.mean == nil && empty.minimum == nil)
    let flat = try VolumeStatistics.compute(Volume(grid: grid, repeating: Float(2)))
    #expect(flat.standardDeviation == 0 && flat.histogram.counts == [6])
  }
}
