import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Every file whose bytes are read is found: external links, virtual datasets, raw storage, slices.
@Suite(.serialized) struct ClosureTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A master file of every kind of link; answers nothing where there is no Python with h5py.
  private func makeFiles() throws {
    let script = """
      import sys, os, h5py, numpy as np
      os.chdir(sys.argv[1])
      os.makedirs('in/raw', exist_ok=True); os.makedirs('out', exist_ok=True)
      a = np.arange(24, dtype='f4').reshape(2, 3, 4)
      for name in ['in/linked.h5', 'in/second.h5', 'in/v0.h5', 'in/v1.h5', 'out/far.h5']:
          with h5py.File(name, 'w') as f: f['d'] = a
      with h5py.File('in/between.h5', 'w') as f: f['x'] = h5py.ExternalLink('second.h5', '/d')
      a.tofile('in/raw/block.bin')
      with h5py.File('in/master.h5', 'w') as f:
          f['link'] = h5py.ExternalLink('linked.h5', '/d')
          f['chain'] = h5py.ExternalLink('between.h5', '/x')
          f['far'] = h5py.ExternalLink('../out/far.h5', '/d')
          f['gone'] = h5py.ExternalLink('gone.h5', '/d')
          layout = h5py.VirtualLayout(shape=(2, 2, 3, 4), dtype='f4')
          for i in range(2): layout[i] = h5py.VirtualSource('v%d.h5' % i, 'd', shape=(2, 3, 4))
          f.create_virtual_dataset('virtual', layout)
          space = h5py.h5s.create_simple((24,))
          plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
          plist.set_external(os.path.abspath('in/raw/block.bin').encode(), 0, 96)
          h5py.h5d.create(f.id, b'raw', h5py.h5t.IEEE_F32LE, space, dcpl=plist)
      with h5py.File('in/a.h5', 'w') as f: f['x'] = h5py.ExternalLink('b.h5', '/x')
      with h5py.File('in/b.h5', 'w') as f: f['x'] = h5py.ExternalLink('a.h5', '/x')
      print('done')
      """
    #expect(try Python.run(script, folder.path, with: Python.h5py) == "done")
  }

  /// Texts beside volumes, voxels of headers that stand alone, and logs beside slices.
  @Test func textsOfInstruments() throws {
    func names(_ path: String) throws -> [String] {
      try InputClosure.entries(of: [folder.file(path)]).map { ($0.path as NSString).lastPathComponent }
    }
    func put(_ name: String, _ text: String) throws {
      try writeBytes(Array(text.utf8), to: folder.file(name))
    }
    try put("a.vol", "12345678")
    try put(
      "a.vgi",
      "[file1]\nFileFormat = raw\nSize = 2 2 2\nName = a.vol\nDatatype = unsigned integer\nBitsPerElement = 8\n"
    )
    #expect(try names("a.vgi") == ["a.vgi", "a.vol"] && names("a.vol") == ["a.vol", "a.vgi"])
    try put("b.vol", "12345678")
    try put("b.xtekct", "[XTekCT]\nName=b\nVoxelsX=2\nVoxelsY=2\nVoxelsZ=2\n")
    #expect(try names("b.xtekct") == ["b.xtekct", "b.vol"] && names("b.vol") == ["b.vol", "b.xtekct"])
    try put("c.raw", "12345678")
    try put(
      "c.mhd",
      "ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = c.raw\n")
    #expect(try names("c.mhd") == ["c.mhd", "c.raw"])
    try put(
      "c.nhdr", "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nencoding: raw\ndata file: c.raw\n\n")
    #expect(try names("c.nhdr") == ["c.nhdr", "c.raw"])
    try FileManager.default.createDirectory(atPath: folder.file("rec"), withIntermediateDirectories: false)
    for number in 0..<3 {
      try writeBytes(HandmadeTIFF(pages: 1).bytes, to: folder.file("rec/s\(number).tif"))
    }
    try put("rec/s.log", "[Acquisition]\nImage Pixel Size (um)=2.5\n[Reconstruction]\nPixel Size (um)=2.5\n")
    #expect(try names("rec") == ["s0.tif", "s1.tif", "s2.tif", "s.log"])
    #expect(try VolumeFile.open(folder.file("rec")).grid.spacing == SIMD3(2.5, 2.5, 2.5))
  }

  @Test(.enabled(if: Python.h5py != nil, "needs Python with h5py"))
  func everyKindOfLink() throws {
    try makeFiles()
    let master = folder.file("in/master.h5")
    let entries = try InputClosure.entries(of: [master, master])
    let names = Dictionary(
      entries.map { (($0.path as NSString).lastPathComponent, $0) }, uniquingKeysWith: { first, _ in first })
    #expect(entries.count == names.count)
    #expect(
      Set(names.keys) == [
        "master.h5", "linked.h5", "between.h5", "second.h5", "far.h5", "v0.h5", "v1.h5", "block.bin",
      ])
    #expect(names["linked.h5"]?.way == .externalLink && names["v1.h5"]?.way == .virtualSource)
    #expect(names["block.bin"]?.way == .rawStorage)
    #expect(entries.filter(\.isOutside).map { ($0.path as NSString).lastPathComponent } == ["far.h5"])
    // The order, which keys depend on, is that of the file.
    #expect(try InputClosure.entries(of: [master]) == entries)
    // Two files that lead to each other end.
    #expect(try InputClosure.entries(of: [folder.file("in/a.h5")]).count == 2)
  }

  @Test(.enabled(if: Python.h5py != nil, "needs Python with h5py"))
  func whatLeavesTheFolderIsNamedOrRefused() throws {
    try makeFiles()
    let master = folder.file("in/master.h5")
    let told = Guarded<[String]>([])
    defer { Containment.set(.silent) }
    Containment.set(.notice { line in told.withLock { $0.append(line) } })
    _ = try HDF5File.open(master)
    _ = try HDF5File.open(master)
    let lines = told.withLock { $0 }
    #expect(lines.count == 1 && lines[0].contains("far.h5") && lines[0].contains("outside"), "\(lines)")
    Containment.set(.refuse)
    for _ in 0..<2 {
      let error = #expect(throws: VoxelithError.self) { try HDF5File.open(master) }
      #expect(error?.code == .data && error?.message.contains("far.h5") == true)
    }
    _ = try HDF5File.open(folder.file("in/linked.h5"))
    #expect(throws: VoxelithError.self) { try Containment.path("../out/far.h5", namedIn: master) }
    #expect(try Containment.path("raw/block.bin", namedIn: master) == folder.file("in/raw/block.bin"))
  }

  @Test func theSlicesOfAStack() throws {
    let grid = Grid(shape: Shape(z: 1, y: 2, x: 2), spacing: .one)
    for index in [1, 2, 10] {
      let writer = try TIFFVolumeWriter(
        path: folder.file("s\(index).tif"), grid: grid, type: .uint8, overwrite: false)
      try writer.write(.uint8([0, 1, 2, UInt8(index)]), to: Region(whole: grid.shape))
      try writer.finish()
    }
    try "not read".write(toFile: folder.file("README.txt"), atomically: false, encoding: .utf8)
    let names = ["s1.tif", "s2.tif", "s10.tif"].map(folder.file)
    #expect(try InputClosure.entries(of: [folder.path]).map(\.path) == names)
    #expect(try InputClosure.entries(of: [folder.file("s*.tif")]).map(\.path) == names)
    #expect(throws: VoxelithError.self) { try InputClosure.entries(of: [folder.file("none.h5")]) }
  }
}
