import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Volumes in HDF5 files")
struct HDF5VolumeTests {
  static let grid = Grid(
    shape: Shape(z: 3, y: 4, x: 5), spacing: SIMD3(0.5, 1, 2), origin: SIMD3(10, 20, 30))

  @Test(arguments: [nil, 6] as [Int?]) func roundTrip(deflate: Int?) throws {
    let folder = try TemporaryFolder()
    let values = (0..<60).map { Float($0) * 0.25 }
    let volume = Volume(grid: Self.grid, voxels: values)
    let writer = try HDF5VolumeWriter(
      path: folder.file("v.h5"), grid: Self.grid, type: .float32, deflate: deflate)
    for z in 0..<3 {
      let region = Region(slices: z..<(z + 1), of: Self.grid.shape)
      try writer.write(.float32(volume.crop(region)), to: region)
    }
    #expect(folder.entries != ["v.h5"])
    try writer.finish()
    #expect(folder.entries == ["v.h5"])
    let source = try HDF5VolumeFile.open(path: folder.file("v.h5"))
    #expect(source.grid == Self.grid)
    #expect(source.voxelType == .float32)
    #expect(try source.loadFloats() == volume)
    let again = #expect(throws: VoxelithError.self) {
      try HDF5VolumeWriter(path: folder.file("v.h5"), grid: Self.grid, type: .uint8)
    }
    #expect(again?.code == .cannotCreate)
  }

  @Test func axesAreTakenAtTheirWord() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["v"]), of: "/entry/data")
    try output.attribute("axes", .strings(["x", "y", "z"]), of: "/entry/data")
    // v[x, y, z] = 100 z + 10 y + x
    var values: [UInt16] = []
    for x in 0..<2 { for y in 0..<3 { for z in 0..<4 { values.append(UInt16(100 * z + 10 * y + x)) } } }
    try HDF5FileTests.array(output, "/entry/data/v", [2, 3, 4], .uint16(values))
    try output.value("/entry/data/x", .numbers([0, 2]), units: "mm")
    try output.value("/entry/data/y", .numbers([5, 6, 7]), units: "um")
    try output.value("/entry/data/z", .numbers([3000, 2000, 1000, 0]), units: "nm")
    try output.finish()
    let source = try HDF5VolumeFile.open(path: folder.file("a.h5"))
    #expect(source.grid.shape == Shape(z: 4, y: 3, x: 2))
    #expect(source.grid.spacing == SIMD3(2000, 1, 1))
    #expect(source.grid.origin == SIMD3(-1000, 4.5, -0.5))
    let volume = try source.loadFloats()
    // z falls in the file, and is turned round.
    #expect(volume[3, 2, 1] == 21 && volume[1, 0, 1] == 201)
    let box = try source.readFloats(
      Region(lower: Shape(z: 1, y: 1, x: 0), shape: Shape(z: 2, y: 1, x: 2)))
    #expect(box == [210, 211, 110, 111])
  }

  @Test func channelsAndChoices() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    try HDF5FileTests.array(output, "/four", [2, 1, 2, 2], .uint8([0, 1, 2, 3, 4, 5, 6, 7]))
    try HDF5FileTests.array(output, "/three", [1, 2, 2], .int16([-1, 0, 1, 2]))
    try output.attribute("element_size_um", .numbers([3, 2, 1]), of: "/three")
    try output.finish()
    let path = folder.file("a.h5")
    let three = try HDF5VolumeFile.open(path: path)
    #expect(three.voxelType == .int16)
    #expect(three.grid.spacing == SIMD3(1, 2, 3))
    let unchosen = #expect(throws: VoxelithError.self) {
      try HDF5VolumeFile.open(path: path, dataset: "four")
    }
    #expect(unchosen?.message == "the array /four (2x1x2x2 uint8) holds 2 volumes along axis 0")
    let second = try HDF5VolumeFile.open(path: path, dataset: "four", voxelSize: SIMD3(4, 5, 6), channel: 1)
    #expect(try second.readFloats(Region(whole: second.grid.shape)) == [4, 5, 6, 7])
    #expect(second.grid.spacing == SIMD3(4, 5, 6) && second.grid.hasKnownSpacing)
    #expect(throws: VoxelithError.self) {
      try HDF5VolumeFile.open(path: path, dataset: "four", channel: 2)
    }
  }

  /// As ilastik exports volumes (z, y, x, channel), and an acquisition beside its preview.
  @Test func channelsAtTheEndAndPreviews() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    let values = (0..<60).map { UInt16($0) }
    try HDF5FileTests.array(output, "/exported_data", [3, 4, 5, 1], .uint16(values))
    try output.finish()
    let source = try VolumeFile.open(folder.file("a.h5"))
    #expect(source.grid.shape == Shape(z: 3, y: 4, x: 5))
    #expect(try source.readAll().doubles() == values.map { Double($0) })
    #expect(try VolumeFile.open(folder.file("a.h5"), options: .init(channel: 0)).grid.shape.z == 3)

    let tagged = try HDF5Output(path: folder.file("t.h5"), overwrite: false)
    try HDF5FileTests.array(tagged, "/data", [2, 3, 4, 5], .uint16((0..<120).map { UInt16($0) }))
    try tagged.attribute(
      "axistags", .strings([#"{"axes": [{"key": "x"}, {"key": "y"}, {"key": "z"}, {"key": "c"}]}"#]),
      of: "/data")
    try tagged.finish()
    let chosen = try VolumeFile.open(folder.file("t.h5"), options: .init(channel: 4))
    #expect(chosen.grid.shape == Shape(z: 4, y: 3, x: 2))
    #expect(try chosen.readAll().doubles()[1] == 64)

    let both = try HDF5Output(path: folder.file("b.h5"), overwrite: false)
    try both.group("/Acquisition0/ImageData")
    try both.group("/Preview")
    try HDF5FileTests.array(both, "/Acquisition0/ImageData/Image", [1, 1, 3, 4, 5], .uint16(values))
    try HDF5FileTests.array(both, "/Preview/Image", [8, 8, 3], .uint8([UInt8](repeating: 7, count: 192)))
    try both.finish()
    let image = try VolumeFile.describe(folder.file("b.h5"))
    #expect(image.shape == [3, 4, 5] && image.dataset == "/Acquisition0/ImageData/Image")
  }

  @Test func unitsOfAxesThatAreNotUnderstoodAreRefused() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("u.h5"), overwrite: false)
    try output.group("/entry/data", class: "NXdata")
    try output.attribute("signal", .strings(["v"]), of: "/entry/data")
    try output.attribute("axes", .strings(["z", "y", "x"]), of: "/entry/data")
    try HDF5FileTests.array(output, "/entry/data/v", [2, 2, 2], .uint8([0, 1, 2, 3, 4, 5, 6, 7]))
    for name in ["z", "y"] { try output.value("/entry/data/" + name, .numbers([0, 1]), units: "um") }
    try output.value("/entry/data/x", .numbers([0, 1]), units: "furlong")
    try output.finish()
    #expect(failure(of: folder.file("u.h5"))?.message.contains("'furlong'") == true)
    #expect(failure(of: folder.file("u.h5"), VolumeOpenOptions(voxelSize: .one)) == nil)
  }

  @Test func severalVolumesAreListed() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    for name in ["/a", "/b"] {
      try HDF5FileTests.array(output, name, [1, 2, 2], .uint8([1, 2, 3, 4]))
    }
    try output.finish()
    let error = #expect(throws: VoxelithError.self) {
      try HDF5VolumeFile.open(path: folder.file("a.h5"))
    }
    #expect(error?.message == "the file holds 2 volumes")
    #expect(
      error?.advice == "name the dataset with --dataset; the file holds /a (1x2x2 uint8), /b (1x2x2 uint8)")
  }

  /// The same volume as `SampleData_2Phase_stack_3d_uint8.raw`.
  @Test(.enabled(if: SharedData.isPresent)) func twoPhaseSample() throws {
    let source = try HDF5VolumeFile.open(
      path: SharedData.path("two-phase-openimpala/SampleData_2Phase_3d.hdf5"))
    #expect(source.grid.shape == Shape(z: 100, y: 100, x: 100))
    #expect(source.voxelType == .uint8)
    #expect(!source.grid.hasKnownSpacing)
    guard case .uint8(let values) = try source.read(Region(whole: source.grid.shape)) else {
      Issue.record("not uint8")
      return
    }
    let raw = try Data(
      contentsOf: URL(
        fileURLWithPath: SharedData.path("two-phase-openimpala/SampleData_2Phase_stack_3d_uint8.raw")))
    #expect(values == [UInt8](raw))
    #expect(values.reduce(0) { $0 + Int($1) } == 399_553)
  }

  /// Master file of a scan whose arrays lie in other files, some of which are missing; h5py finds the
  /// sum 68366387021.
  @Test(.enabled(if: SharedData.isPresent)) func scanWithExternalLinks() throws {
    let path = SharedData.path("nexus/k11_diad/k11-18014.nxs")
    let projections = #expect(throws: VoxelithError.self) { try HDF5VolumeFile.open(path: path) }
    #expect(
      projections?.message.contains("3001 projections, 100 flat fields, 100 dark fields") == true,
      "\(projections as Any)")
    var options = VolumeOpenOptions()
    options.ignoresGaps = true
    let source = try VolumeFile.open(path, options: options)
    #expect(source.grid.shape == Shape(z: 3201, y: 22, x: 26))
    #expect(source.voxelType == .uint16)
    #expect(source.chunkShape == Shape(z: 1, y: 22, x: 26))
    #expect(!source.grid.hasKnownSpacing)
    var total = 0.0
    for z in stride(from: 0, to: 3201, by: 400) {
      let region = Region(slices: z..<min(3201, z + 400), of: source.grid.shape)
      total += try source.readFloats(region).reduce(0) { $0 + Double($1) }
    }
    #expect(total == 68366387021)
    let one = try source.readFloats(Region(lower: Shape(z: 5, y: 3, x: 4), shape: Shape(z: 1, y: 1, x: 1)))
    #expect(one == [45767])
    let missing = #expect(throws: VoxelithError.self) {
      try HDF5VolumeFile.open(path: path, dataset: "/entry/EtherCAT")
    }
    #expect(missing?.code == .missing)
    #expect(missing?.message.hasSuffix("k11-18014-EtherCAT.h5, which is missing") == true)
    let absent = #expect(throws: VoxelithError.self) {
      try HDF5VolumeFile.open(path: path, dataset: "/entry/imaging_sum")
    }
    #expect(absent?.code == .missing)
    #expect(absent?.message.contains("k11-18014-imaging.h5, which cannot be opened") == true)
    let description = try HDF5File.describe(path)
    #expect(description.entries.contains { $0.path == "/entry/imaging/data" && $0.shape == [3201, 22, 26] })
    #expect(description.entries.contains { $0.kind == .broken })
  }

  /// The checks of headers let every type pass that another program writes, in old and new formats.
  @Test(
    .enabled(if: Python.h5py != nil, "h5py for Python is not installed"), arguments: ["earliest", "latest"])
  func attributesOfAllTypesPass(_ format: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("all.h5")
    _ = try Python.run(
      """
      import sys, h5py, numpy as np
      with h5py.File(sys.argv[1], "w", libver=sys.argv[2]) as f:
          d = f.create_dataset("data", data=np.arange(24, dtype="u2").reshape(2, 3, 4))
          a = d.attrs
          a["integer"], a["real"], a["text"], a["fixed"] = 3, 2.5, "text", np.bytes_(b"abc")
          a["vector"], a["empty"], a["none"], a["bool"] = np.arange(5.0), h5py.Empty("f4"), np.zeros((0, 3)), True
          a["texts"] = np.array(["a", "bcd"], dtype=h5py.string_dtype())
          a["enumeration"] = np.array([0, 2], dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1, "A LONG NAME": 2}, "u1"))
          a["compound"] = np.zeros(3, dtype=[("a", "i4"), ("bb", "f8", (2, 3)), ("c", [("x", "u1"), ("y", "S7")])])
          a["complex"], a["half"], a["long"] = np.array([1 + 2j]), np.float16(1), np.longdouble(1)
          a["opaque"], a["reference"], a["region"] = np.void(b"123"), d.ref, d.regionref[0:1, 0:1, 0:1]
          rows = np.empty(2, dtype=object)
          rows[0], rows[1] = np.arange(3), np.arange(2)
          a.create("rows", rows, dtype=h5py.vlen_dtype(np.int32))
          a["array"] = np.zeros(2, dtype=np.dtype(("f4", (3,))))
          f["type"] = np.dtype("f8")
          a.create("shared", 1.0, dtype=f["type"])
          f.create_dataset("wide", data=np.zeros(4, dtype=[(f"v{i}", "f4") for i in range(300)]))
          f.create_dataset("growing", shape=(3, 4), maxshape=(None, None), chunks=(2, 2), dtype="f4")
          f.create_dataset("scalar", data=4.0)
          f.create_dataset("nothing", data=h5py.Empty("i4"))
      """, path, format, with: Python.h5py)
    let source = try HDF5VolumeFile.open(path: path, dataset: "/data")
    #expect(try source.readFloats(Region(whole: source.grid.shape)) == (0..<24).map { Float($0) })
    let paths = try HDF5File.describe(path).entries.map(\.path)
    for name in ["/data", "/wide", "/growing", "/scalar"] { #expect(paths.contains(name), "\(paths)") }
  }
}
