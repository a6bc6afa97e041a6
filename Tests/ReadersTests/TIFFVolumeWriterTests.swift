import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("TIFF volume writer")
struct TIFFVolumeWriterTests {
  let folder: TemporaryFolder
  let grid = Grid(
    shape: Shape(z: 5, y: 4, x: 3), spacing: SIMD3(0.398, 0.5, 1.25), origin: SIMD3(-1.5, 0, 7.25))

  init() throws { folder = try TemporaryFolder() }

  private func write(
    _ buffer: VoxelBuffer, _ name: String, grid: Grid, bigTIFFFrom: Int = 1 << 32
  ) throws -> String {
    let path = folder.file(name)
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: buffer.type, bigTIFFFrom: bigTIFFFrom)
    try writer.write(buffer, to: Region(whole: grid.shape))
    try writer.finish()
    return path
  }

  private static let buffers: [VoxelBuffer] = [
    .uint8((0..<60).map { UInt8($0 * 4) }), .uint16((0..<60).map { UInt16($0 * 1000) }),
    .float32((0..<60).map { $0 == 7 ? .nan : Float($0) / 7 }), .int8((0..<60).map { Int8($0 - 30) }),
    .int16((0..<60).map { Int16($0 * -500) }), .int32((0..<60).map { Int32($0 * 70000 - 9) }),
    .uint32((0..<60).map { UInt32($0) << 26 }), .float64((0..<60).map { Double($0).squareRoot() }),
  ]

  @Test(arguments: buffers, [1 << 32, 0])
  func comesBack(_ buffer: VoxelBuffer, bigTIFFFrom: Int) throws {
    let path = try write(buffer, "v.tif", grid: grid, bigTIFFFrom: bigTIFFFrom)
    let source = try VolumeFile.open(path)
    #expect(source.grid == grid)
    #expect(source.voxelType == buffer.type)
    #expect(try source.readAll().rawBytes == buffer.rawBytes)
    let head = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))[..<4]
    #expect(head[2] == (bigTIFFFrom == 0 ? 43 : 42))
  }

  @Test func typesWithoutAPlaceAreRefused() {
    for type in [VoxelType.float16, .int64, .uint64] {
      #expect(throws: VoxelithError.self) {
        try TIFFVolumeWriter(path: folder.file("v.tif"), grid: grid, type: type)
      }
    }
    #expect(folder.entries.isEmpty)
  }

  @Test func boxesComeInAnyOrder() throws {
    let values = ramp(grid.shape)
    let volume = Volume(grid: grid, voxels: values)
    let path = folder.file("v.tif")
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .float32)
    let plan = try BlockPlan(shape: grid.shape, bytesPerVoxel: 4, memory: 32, inFlight: 1)
    #expect(plan.blocks.count > 4)
    for block in plan.blocks.reversed() {
      try writer.write(.float32(volume.crop(block.core)), to: block.core)
    }
    try writer.finish()
    #expect(try VolumeFile.open(path).loadFloats() == volume)
  }

  @Test func unknownSpacingStaysUnknown() throws {
    let path = try write(Self.buffers[0], "v.tif", grid: Grid(unscaled: grid.shape))
    #expect(try VolumeFile.open(path).grid == Grid(unscaled: grid.shape))
    let other = try write(Self.buffers[5], "w.tif", grid: Grid(unscaled: grid.shape))
    #expect(try VolumeFile.open(other).grid == Grid(unscaled: grid.shape))
  }

  @Test func singleSliceAndSingleVoxel() throws {
    let slice = Grid(shape: Shape(z: 1, y: 3, x: 2), spacing: SIMD3(2, 2, 5))
    let path = try write(.uint8([1, 2, 3, 4, 5, 6]), "s.tif", grid: slice)
    #expect(try VolumeFile.open(path).grid == slice)
    let voxel = Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(1, 1, 1))
    let other = try write(.float32([.nan]), "v.tif", grid: voxel)
    #expect(try VolumeFile.open(other).loadFloats().voxels[0].isNaN)
  }

  @Test(arguments: [1 << 32, 0])
  func channelsAreNamedAndKeptApart(bigTIFFFrom: Int) throws {
    let path = folder.file("c.tif")
    let writer = try TIFFVolumeWriter(
      path: path, grid: grid, type: .float32, channels: 3, channelNames: ["x <1>", "y", "z"],
      bigTIFFFrom: bigTIFFFrom)
    for channel in [2, 0, 1] {
      #expect(!FileManager.default.fileExists(atPath: path))
      let sink = writer.sink(channel: channel)
      try sink.write(.float32(ramp(grid.shape, scale: Float(channel + 1))), to: Region(whole: grid.shape))
      try sink.finish()
    }
    #expect(folder.entries == ["c.tif"])
    for channel in 0..<3 {
      let source = try VolumeFile.open(path, options: VolumeOpenOptions(channel: channel))
      #expect(source.grid == grid)
      #expect(try source.loadFloats().voxels == ramp(grid.shape, scale: Float(channel + 1)))
    }
    expectClear(failure(of: path), .data, naming: "c.tif")
    #expect(try VolumeFile.describe(path).channelNames == ["x <1>", "y", "z"])
  }

  @Test func existingOutputIsKept() throws {
    let path = try write(Self.buffers[0], "v.tif", grid: grid)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: VoxelithError.self) {
      try TIFFVolumeWriter(path: path, grid: grid, type: .uint8)
    }
    #expect(error?.code == .cannotCreate)
    #expect(error?.code.exitStatus == 73)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .uint16, overwrite: true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    try writer.write(Self.buffers[1], to: Region(whole: grid.shape))
    try writer.finish()
    #expect(try VolumeFile.open(path).voxelType == .uint16)
    #expect(folder.entries == ["v.tif"])
  }

  @Test func nothingIsLeftOfWhatIsNotFinished() throws {
    func begin() throws -> TIFFVolumeWriter {
      let writer = try TIFFVolumeWriter(path: folder.file("v.tif"), grid: grid, type: .uint8)
      #expect(folder.entries.count == 1)
      try writer.write(
        .uint8([UInt8](repeating: 1, count: 12)), to: Region(slices: 0..<1, of: grid.shape))
      return writer
    }
    try begin().abandon()
    #expect(folder.entries.isEmpty)
    _ = try begin()
    #expect(folder.entries.isEmpty)
    let writer = try begin()
    #expect(throws: VoxelithError.self) { try writer.finish() }
    #expect(folder.entries.isEmpty)
  }

  @Test func missingFolderIsNamed() {
    let error = #expect(throws: VoxelithError.self) {
      try TIFFVolumeWriter(path: folder.file("none/v.tif"), grid: grid, type: .uint8)
    }
    #expect(error?.code == .cannotCreate)
  }

  @Test(arguments: [0.1, 0.398, 1.0 / 3, 12345.678, 1e-6, 3.25e-4])
  func spacingComesBackToTheLastDigits(_ size: Double) throws {
    let fine = Grid(shape: Shape(z: 2, y: 1, x: 1), spacing: SIMD3(size, 2 * size, size / 3))
    let source = try VolumeFile.open(try write(.uint8([1, 2]), "s.tif", grid: fine))
    for axis in 0..<3 {
      #expect(abs(source.grid.spacing[axis] / fine.spacing[axis] - 1) < 1e-9)
    }
  }

  @Test(
    .enabled(if: Python.tifffile != nil, "tifffile for Python is not installed"), arguments: [1 << 32, 0])
  func tifffileReadsWhatWeWrite(bigTIFFFrom: Int) throws {
    let path = folder.file("p.tif")
    let writer = try TIFFVolumeWriter(
      path: path, grid: grid, type: .float32, channels: 2, channelNames: ["first", "second"],
      bigTIFFFrom: bigTIFFFrom)
    for channel in 0..<2 {
      try writer.write(
        .float32(ramp(grid.shape, scale: Float(channel + 1))), channel: channel, to: Region(whole: grid.shape)
      )
    }
    try writer.finish()
    let answer = try Python.run(
      """
      import sys, tifffile, numpy as np
      with tifffile.TiffFile(sys.argv[1]) as t:
        s = t.series[0]
        a = s.asarray()
        p = t.pages[0]
        n, d = p.tags['XResolution'].value
        r = np.arange(60, dtype='f4').reshape(5, 4, 3)
        same = bool((a[:, 0] == r).all() and (a[:, 1] == 2 * r).all())
        print(t.is_bigtiff, t.is_imagej, t.is_ome, s.axes, a.shape, len(t.pages), same)
        if t.is_imagej:
          m = t.imagej_metadata
          print(m['unit'], m['spacing'], m['slices'], m['channels'], m['hyperstack'], m['Labels'][:2], round(d / n, 9))
        else:
          import re
          print(re.findall('PhysicalSize[XYZ]="([^"]*)"', t.ome_metadata), p.tags['ResolutionUnit'].value, round(1e4 * d / n, 9))
      """, path, with: Python.tifffile)
    let lines = answer.split(separator: "\n").map(String.init)
    if bigTIFFFrom == 0 {
      #expect(lines[0] == "True False True ZCYX (5, 2, 4, 3) 10 True")
      #expect(lines[1] == "['0.398', '0.5', '1.25'] 3 0.398")
    } else {
      #expect(lines[0] == "False True False ZCYX (5, 2, 4, 3) 10 True")
      #expect(lines[1] == "um 1.25 5 2 True ['first', 'second'] 0.398")
    }
  }

  @Test func volumesFrom4GBAreBigTIFFBeforeTheFirstVoxel() throws {
    // A sparse file: only its length is what a volume of 4 GB takes.
    let path = folder.file("huge.tif")
    let big = Grid(shape: Shape(z: 1025, y: 1024, x: 1024), spacing: SIMD3(1, 1, 1))
    let writer = try TIFFVolumeWriter(path: path, grid: big, type: .float32)
    let region = Region(slices: 1024..<1025, of: big.shape)
    try writer.write(.float32([Float](repeating: 3, count: region.count)), to: region)
    let part = folder.file(folder.entries[0])
    let source = try VolumeFile.open(part)
    #expect(source.grid == big)
    #expect(try source.readFloats(region).allSatisfy { $0 == 3 })
    let head = try FileHandle(forReadingFrom: URL(fileURLWithPath: part)).read(upToCount: 4)
    #expect(head.map { [UInt8]($0) } == [0x49, 0x49, 43, 0])
    writer.abandon()
  }
}
