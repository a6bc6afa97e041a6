import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Zarr 3 and OME-Zarr 0.5")
struct ZarrThreeTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let grid = Grid(shape: Shape(z: 9, y: 14, x: 21), spacing: SIMD3(0.5, 1, 2), origin: SIMD3(-3, 4, 5))
  static let chunk = Shape(z: 4, y: 5, x: 8)

  private func write(
    _ name: String, shard: Shape?, compression: ZarrCompression = .blosc(), cut: Int = 3
  ) throws -> [UInt16] {
    let values = ZarrVolumeTests.values(Self.grid.shape)
    let writer = try ZarrVolumeWriter(
      path: folder.file(name), grid: Self.grid, type: .uint16, compression: compression,
      format: .ome05(shard: shard),
      chunk: Self.chunk, threads: 2)
    let memory = Volume(grid: Self.grid, voxels: values)
    for z in stride(from: 0, to: 9, by: cut) {
      let region = Region(slices: z..<min(z + cut, 9), of: Self.grid.shape)
      try writer.write(try memory.read(region), to: region)
    }
    try writer.finish()
    return values
  }

  @Test(
    arguments: [nil, Shape(z: 8, y: 10, x: 8), Shape(z: 12, y: 15, x: 24)],
    [
      ZarrCompression.none, .blosc(), .zstd(), .gzip(),
    ])
  func roundTrip(shard: Shape?, compression: ZarrCompression) throws {
    let values = try write("v.zarr", shard: shard, compression: compression)
    let source = try VolumeFile.open(folder.file("v.zarr"))
    #expect(source.grid == Self.grid)
    #expect(source.chunkShape == Self.chunk)
    #expect(try source.readAll() == .uint16(values))
    let box = Region(lower: Shape(z: 3, y: 2, x: 7), shape: Shape(z: 3, y: 9, x: 2))
    #expect(
      try source.read(box).values(as: UInt16.self)?.last == values[Self.grid.shape.index(z: 5, y: 10, x: 8)])
    let level = try VolumeFile.open(folder.file("v.zarr"), options: VolumeOpenOptions(dataset: "1"))
    #expect(level.grid.shape == Shape(z: 5, y: 7, x: 11))
  }

  @Test func theSameBytesForAnyCut() throws {
    _ = try write("a.zarr", shard: Shape(z: 8, y: 10, x: 16), cut: 1)
    _ = try write("b.zarr", shard: Shape(z: 8, y: 10, x: 16), cut: 9)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.file("a.zarr")).filter {
      $0.contains("/c/")
    }
    #expect(files.count > 4)
    for name in files {
      #expect(
        FileManager.default.contents(atPath: folder.file("a.zarr/" + name))
          == FileManager.default.contents(atPath: folder.file("b.zarr/" + name)))
    }
  }

  @Test func aShardThatDoesNotFitIsRefused() throws {
    let error = #expect(throws: VoxelithError.self) { try write("v.zarr", shard: Shape(z: 6, y: 5, x: 8)) }
    #expect(error?.code == .usage)
    #expect(folder.entries.isEmpty)
  }

  @Test func damagedIndices() throws {
    _ = try write("v.zarr", shard: Shape(z: 12, y: 15, x: 24))
    let path = folder.file("v.zarr/0/c/0/0/0")
    let whole = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
    for change in [0, 8] {
      var bytes = whole
      bytes[bytes.count - 4 - 16 * 27 + change] ^= 0x40
      try writeBytes(bytes, to: path)
      expectClear(failure(of: folder.file("v.zarr")), .data, naming: "0/c/0/0/0")
    }
    try writeBytes(Array(whole.prefix(300)), to: path)
    expectClear(failure(of: folder.file("v.zarr")), .data, naming: "0/c/0/0/0")
  }

  @Test(.enabled(if: SharedCases.isPresent))
  func filesThatOnceFailed() throws {
    let root = "files/14-zarr-v3-and-units/"
    let one = try VolumeFile.open(SharedCases.path(root + "v3.zarr"))
    let sharded = try VolumeFile.open(SharedCases.path(root + "v3sharded.zarr"))
    #expect(one.grid.shape == Shape(z: 8, y: 20, x: 24))
    #expect(try one.readAll() == sharded.readAll())
    let named = try VolumeFile.open(SharedCases.path(root + "um.zarr"))
    #expect(named.grid.spacing == SIMD3(1, 1.5, 2) && named.grid.hasKnownSpacing)
    #expect(try VolumeFile.open(SharedCases.path(root + "v03.zarr")).readAll() == named.readAll())
  }

  @Test(.enabled(if: Python.zarr != nil, "zarr for Python is not installed"))
  func pythonReadsWhatWeWrite() throws {
    let values = try write("v.zarr", shard: Shape(z: 8, y: 10, x: 16))
    let told = try Python.run(
      """
      import sys, zarr
      group = zarr.open_group(sys.argv[1], mode="r", zarr_format=3)
      image = group.attrs["ome"]
      array = group[image["multiscales"][0]["datasets"][0]["path"]]
      print(image["version"], array.shape, array.chunks, array.shards, int(array[:].astype("int64").sum()), array.metadata.dimension_names)
      """, folder.file("v.zarr"), with: Python.zarr)
    let sum = values.reduce(0) { $0 + Int($1) }
    #expect(told == "0.5 (9, 14, 21) (4, 5, 8) (8, 10, 16) \(sum) ('z', 'y', 'x')")
  }

  @Test(.enabled(if: Python.zarr != nil, "zarr for Python is not installed"))
  func weReadWhatPythonWrites() throws {
    _ = try Python.run(
      """
      import sys, numpy, zarr, warnings
      warnings.simplefilter("ignore")
      from zarr import codecs as c
      data = (numpy.arange(5 * 6 * 7) % 251).reshape(5, 6, 7)
      packed = {"none": None, "zstd": c.ZstdCodec(checksum=True), "gzip": c.GzipCodec(), "blosc": c.BloscCodec(cname="lz4"),
                "crc": [c.ZstdCodec(), c.Crc32cCodec()]}
      for name, codec in packed.items():
          for dtype in ["uint16", "float32", "uint8"]:
              for shards in [None, (4, 4, 6)]:
                  for turned in [False, True]:
                      filters = [c.TransposeCodec(order=(2, 0, 1))] if turned else None
                      kind = {"serializer": c.BytesCodec(endian="big")} if dtype == "float32" else {}
                      array = zarr.create_array(f"{sys.argv[1]}/{name}-{dtype}-{'s' if shards else 'p'}-{'t' if turned else 'c'}.zarr",
                          shape=data.shape, chunks=(2, 4, 3), shards=shards, dtype=dtype, compressors=codec, filters=filters, fill_value=0, **kind)
                      array[:] = data.astype(dtype)
      """, folder.path, with: Python.zarr)
    let expected = (0..<210).map { Double($0 % 251) }
    #expect(folder.entries.count == 5 * 3 * 2 * 2)
    for name in folder.entries {
      #expect(try VolumeFile.open(folder.file(name)).readAll().doubles() == expected, "\(name)")
    }
  }
}
