import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Files that become shorter or vanish while they are read end in an error that names them, and never in a trap.
@Suite("Vanishing input")
struct VanishingInputTests {
  let folder: TemporaryFolder
  let grid = Grid(shape: Shape(z: 16, y: 64, x: 64), spacing: .one)
  var whole: Region { Region(whole: grid.shape) }

  init() throws { folder = try TemporaryFolder() }

  private func write(_ path: String) throws {
    let sink = try VolumeOutput.create(path, grid: grid, type: .uint16)
    try sink.write(.uint16((0..<grid.shape.count).map { UInt16($0 % 60_000) }), to: whole)
    try sink.finish()
  }

  private func cut(_ path: String, to size: Int) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: UInt64(size))
    try file.close()
  }

  @Test(arguments: ["v.tif", "v.npy", "v.h5"])
  func volumesThatShrink(name: String) throws {
    let path = folder.file(name)
    try write(path)
    let source = try VolumeFile.open(path)
    _ = try source.read(Region(slices: 0..<1, of: grid.shape))
    try cut(path, to: 20_000)
    expectClear(failure { () throws(VoxelithError) in _ = try source.read(whole) }, .data, naming: name)
  }

  @Test func headerlessVolumesThatShrink() throws {
    let path = folder.file("v.raw")
    try OutputFile.writeRaw(.uint8([UInt8](repeating: 1, count: 4096)), to: path, overwrite: false)
    let source = try VolumeFile.open(
      path, options: VolumeOpenOptions(rawShape: Shape(z: 16, y: 16, x: 16), rawType: .uint8))
    try cut(path, to: 100)
    let box = Region(whole: source.grid.shape)
    expectClear(failure { () throws(VoxelithError) in _ = try source.read(box) }, .data, naming: "v.raw")
  }

  @Test func slicesThatVanish() throws {
    let slices = folder.file("slices")
    try FileManager.default.createDirectory(atPath: slices, withIntermediateDirectories: false)
    for index in 0..<4 {
      let one = Grid(shape: Shape(z: 1, y: 8, x: 8), spacing: .one)
      let writer = try TIFFVolumeWriter(path: "\(slices)/s\(index).tif", grid: one, type: .uint8)
      try writer.write(.uint8([UInt8](repeating: 3, count: 64)), to: Region(whole: one.shape))
      try writer.finish()
    }
    let source = try VolumeFile.open(slices)
    try FileManager.default.removeItem(atPath: slices + "/s2.tif")
    // Few slices are held open and are read as if nothing had happened; others are missed by their name.
    let box = Region(whole: source.grid.shape)
    if let error = failure({ () throws(VoxelithError) in _ = try source.read(box) }) {
      expectClear(error, .missing, naming: "s2.tif")
    } else {
      #expect(try source.read(box).values(as: UInt8.self) == [UInt8](repeating: 3, count: 256))
    }
  }

  @Test func chunksThatShrink() throws {
    try write(folder.file("v.zarr"))
    let source = try VolumeFile.open(folder.file("v.zarr"))
    try cut(folder.file("v.zarr/0/0/0/0"), to: 30)
    expectClear(failure { () throws(VoxelithError) in _ = try source.read(whole) }, .data, naming: "0/0/0/0")
  }

  @Test(arguments: [nil, 1])
  func spectraThatShrink(deflate: Int?) throws {
    let path = folder.file("s.nxs")
    _ = try NeXusWriterTests.write(path, deflate: deflate)
    let source = try SpectralFile.open(path)
    try cut(path, to: 3000)
    let box = Region(whole: source.grid.shape)
    expectClear(
      failure { () throws(VoxelithError) in _ = try source.readCounts(box) }, .data, naming: "s.nxs")
  }

  private func failure(_ body: () throws(VoxelithError) -> Void) -> VoxelithError? {
    do throws(VoxelithError) {
      try body()
      return nil
    } catch { return error }
  }
}
