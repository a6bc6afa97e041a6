import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("OME-Zarr")
struct ZarrVolumeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let grid = Grid(shape: Shape(z: 9, y: 14, x: 21), spacing: SIMD3(0.5, 1, 2), origin: SIMD3(-3, 4, 5))
  static let chunk = Shape(z: 4, y: 5, x: 8)

  static func values(_ shape: Shape) -> [UInt16] { (0..<shape.count).map { UInt16($0 * 31 % 65_521) } }

  /// Writes in boxes whose borders are not those of chunks.
  static func write(
    _ path: String, _ values: VoxelBuffer, grid: Grid = grid, compression: ZarrCompression = .blosc(),
    isLabels: Bool = false, overwrite: Bool = false, cut: Int = 3, threads: Int = 2
  ) throws {
    let writer = try ZarrVolumeWriter(
      path: path, grid: grid, type: values.type, isLabels: isLabels, compression: compression, chunk: chunk,
      overwrite: overwrite, threads: threads)
    let memory = Volume(grid: grid, voxels: values.values(as: UInt16.self) ?? [])
    for z in stride(from: 0, to: grid.shape.z, by: cut) {
      let region = Region(slices: z..<min(z + cut, grid.shape.z), of: grid.shape)
      try writer.write(try memory.read(region), to: region)
    }
    try writer.finish()
  }

  @Test(arguments: [ZarrCompression.none, .blosc(), .blosc(level: 9), .zstd(), .gzip()])
  func roundTrip(compression: ZarrCompression) throws {
    let values = Self.values(Self.grid.shape)
    try Self.write(folder.file("v.zarr"), .uint16(values), compression: compression)
    #expect(folder.entries == ["v.zarr"])
    let source = try VolumeFile.open(folder.file("v.zarr"))
    #expect(source.grid == Self.grid)
    #expect(source.chunkShape == Self.chunk)
    #expect(try source.read(Region(whole: Self.grid.shape)).values(as: UInt16.self) == values)
    let box = Region(lower: Shape(z: 3, y: 2, x: 7), shape: Shape(z: 3, y: 9, x: 2))
    let part = try source.read(box).values(as: UInt16.self)
    #expect(part?.first == values[Self.grid.shape.index(z: 3, y: 2, x: 7)])
    #expect(part?.last == values[Self.grid.shape.index(z: 5, y: 10, x: 8)])
    let description = try VolumeFile.describe(folder.file("v.zarr") + "/")
    #expect(description.kind == "ome-zarr")
  }

  @Test func theSameBytesForAnyCutAndThreads() throws {
    let values = VoxelBuffer.uint16(Self.values(Self.grid.shape))
    try Self.write(folder.file("a.zarr"), values, cut: 1, threads: 1)
    try Self.write(folder.file("b.zarr"), values, cut: 9, threads: 4)
    func content(_ name: String) throws -> [String: Data] {
      var found: [String: Data] = [:]
      for path in try FileManager.default.subpathsOfDirectory(atPath: folder.file(name)) {
        found[path] = FileManager.default.contents(atPath: folder.file(name) + "/" + path)
      }
      found[".zattrs"] = nil  // has the name of the folder
      return found
    }
    #expect(try content("a.zarr") == content("b.zarr"))
    #expect(try content("a.zarr").count > 10)
  }

  /// The mean of 2 x 2 x 2 voxels keeps the mean of a volume of even sides, and the centre of each level stays.
  @Test func levelsAreMeansInTheirPlace() throws {
    let grid = Grid(shape: Shape(z: 8, y: 16, x: 32), spacing: SIMD3(1, 2, 4), origin: SIMD3(10, 20, 30))
    let values = Self.values(grid.shape).map { $0 / 8 * 8 }
    try Self.write(folder.file("v.zarr"), .uint16(values), grid: grid)
    let level = try VolumeFile.open(folder.file("v.zarr"), options: VolumeOpenOptions(dataset: "1"))
    #expect(level.grid == Grid(shape: Shape(z: 4, y: 8, x: 16), spacing: SIMD3(2, 4, 8), origin: grid.origin))
    let fine = values.map { Double($0) }.reduce(0, +) / Double(values.count)
    let coarse = try level.readFloats(Region(whole: level.grid.shape)).map { Double($0) }
    #expect(abs(coarse.reduce(0, +) / Double(coarse.count) - fine) < 0.5)
    var sum = 0
    for z in 0..<2 {
      for y in 2..<4 { for x in 4..<6 { sum += Int(values[grid.shape.index(z: z, y: y, x: x)]) } }
    }
    #expect(abs(coarse[level.grid.shape.index(z: 0, y: 1, x: 2)] - Double(sum) / 8) <= 0.5)
  }

  @Test func labelsAreNeverMixed() throws {
    let labels = (0..<Self.grid.shape.count).map { UInt16($0 % 2 == 0 ? 1 : 9) }
    try Self.write(folder.file("l.zarr"), .uint16(labels), isLabels: true)
    let level = try VolumeFile.open(folder.file("l.zarr"), options: VolumeOpenOptions(dataset: "1"))
    let found = Set(try level.readLabels(Region(whole: level.grid.shape)))
    #expect(found.isSubset(of: [1, 9]))
  }

  @Test func aFolderOfAnotherKindIsNotReplaced() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("mine.zarr"), withIntermediateDirectories: false)
    let error = #expect(throws: VoxelithError.self) {
      try Self.write(folder.file("mine.zarr"), .uint16(Self.values(Self.grid.shape)), overwrite: true)
    }
    #expect(error?.code == .cannotCreate)
    #expect(folder.entries == ["mine.zarr"])
  }

  @Test func anAbandonedOutputLeavesNothing() throws {
    let writer = try ZarrVolumeWriter(path: folder.file("v.zarr"), grid: Self.grid, type: .uint16)
    #expect(folder.entries.count == 1)
    writer.abandon()
    #expect(folder.entries.isEmpty)
  }

  @Test func damagedFoldersEndInOneError() throws {
    try Self.write(folder.file("v.zarr"), .uint16(Self.values(Self.grid.shape)))
    let array = folder.file("v.zarr/0/.zarray")
    let text = String(decoding: FileManager.default.contents(atPath: array) ?? Data(), as: UTF8.self)
    for (from, to) in [
      ("\"<u2\"", "\"|O\""), ("\"zarr_format\" : 2", "\"zarr_format\" : 3"), ("9,", "99999999999999,"),
      ("4,", "0,"), ("\"blosc\"", "\"lzma\""), ("\"C\"", "\"Q\""), ("21", "-21"),
    ] {
      let damaged = text.replacing(from, with: to)
      #expect(damaged != text)
      try Data(damaged.utf8).write(to: URL(fileURLWithPath: array))
      let error = failure(of: folder.file("v.zarr"))
      expectClear(error, .data, naming: "v.zarr")
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: array))
    #expect(failure(of: folder.file("v.zarr")) == nil)
    // A chunk that is cut off, and one that is gone: the first is damage, the second the fill value.
    let chunk = folder.file("v.zarr/0/1/1/1")
    let whole = FileManager.default.contents(atPath: chunk) ?? Data()
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: chunk))
    expectClear(failure(of: folder.file("v.zarr")), .data, naming: "0/1/1/1")
    try FileManager.default.removeItem(atPath: chunk)
    let source = try VolumeFile.open(folder.file("v.zarr"))
    let box = Region(lower: Shape(z: 4, y: 5, x: 8), shape: Self.chunk)
    #expect(try source.readFloats(box).allSatisfy { $0 == 0 })
  }

  @Test(.enabled(if: Python.zarr != nil, "zarr for Python is not installed"))
  func pythonReadsWhatWeWrite() throws {
    let values = Self.values(Self.grid.shape)
    try Self.write(folder.file("v.zarr"), .uint16(values))
    let told = try Python.run(
      """
      import sys, zarr
      group = zarr.open_group(sys.argv[1], mode="r")
      image = group.attrs["multiscales"][0]
      print(image["version"], [a["name"] + ":" + a["unit"] for a in image["axes"]])
      for level in image["datasets"]:
          array = group[level["path"]]
          steps = {t["type"]: t[t["type"]] for t in level["coordinateTransformations"]}
          print(array.shape, array.dtype, int(array[:].astype("int64").sum()), int(array[8 >> int(level["path"]), 0, -1]), steps["scale"], steps["translation"])
      """, folder.file("v.zarr"), with: Python.zarr)
    let lines = told.split(separator: "\n").map(String.init)
    #expect(lines.first == "0.4 ['z:micrometer', 'y:micrometer', 'x:micrometer']")
    let sum = values.reduce(0) { $0 + Int($1) }
    let corner = values[Self.grid.shape.index(z: 8, y: 0, x: 20)]
    #expect(
      lines[1] == "(9, 14, 21) uint16 \(sum) \(corner) [2, 1, 0.5] [6, 4.5, -2.75]")
    #expect(lines.count == 4)
    #expect(lines[2].hasPrefix("(5, 7, 11) uint16"))
  }

  /// Both byte orders, both orders of axes, every codec, chunks left out, channels.
  @Test(.enabled(if: Python.zarr != nil, "zarr for Python is not installed"))
  func weReadWhatPythonWrites() throws {
    _ = try Python.run(
      """
      import sys, numpy, zarr, numcodecs
      data = (numpy.arange(2 * 5 * 6 * 7) % 251).reshape(2, 5, 6, 7)
      codecs = {"none": None, "zstd": numcodecs.Zstd(), "gzip": numcodecs.GZip(), "zlib": numcodecs.Zlib(),
                "lz4": numcodecs.Blosc("lz4"), "bits": numcodecs.Blosc("zstd", shuffle=2), "blz": numcodecs.Blosc("blosclz")}
      for name, codec in codecs.items():
          for dtype in ["<u2", ">u2", ">f4", "|u1"]:
              for order in "CF":
                  root = zarr.open_group(f"{sys.argv[1]}/{name}-{dtype[1:]}-{'b' if dtype[0] == '>' else 'l'}-{order}.zarr", mode="w", zarr_format=2)
                  array = root.create_array("full", shape=data.shape, chunks=(1, 2, 4, 3), dtype=dtype, compressors=codec, order=order,
                      chunk_key_encoding={"name": "v2", "separator": "/"}, fill_value=0)
                  array[:] = data
                  root.attrs["multiscales"] = [{"version": "0.4",
                      "axes": [{"name": "c", "type": "channel"}] + [{"name": n, "type": "space", "unit": "nanometer"} for n in "zyx"],
                      "datasets": [{"path": "full", "coordinateTransformations": [{"type": "scale", "scale": [1, 500, 200, 100]}]}]}]
      """, folder.path, with: Python.zarr)
    let expected = (210..<420).map { Float($0 % 251) }
    #expect(folder.entries.count == 7 * 4 * 2)
    for name in folder.entries {
      let source = try VolumeFile.open(folder.file(name), options: VolumeOpenOptions(channel: 1))
      #expect(source.grid == Grid(shape: Shape(z: 5, y: 6, x: 7), spacing: SIMD3(0.1, 0.2, 0.5)))
      #expect(try source.readFloats(Region(whole: source.grid.shape)) == expected, "\(name)")
      #expect(failure(of: folder.file(name))?.advice == "name one by --channel, from 0 to 1")
    }
  }
}
