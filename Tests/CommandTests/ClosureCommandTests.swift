import Foundation
import TestSupport
import Testing
import Voxelith

/// Every file whose bytes are read counts: a detector's file behind a master file as much as the file that is named.
@Suite(.serialized) struct ClosureCommandTests {
  let twin: SmallTwin
  let folder: TemporaryFolder

  init() throws {
    twin = try SmallTwin.shared.get()
    folder = try TemporaryFolder()
  }

  private struct Outcome: Decodable {
    let name: String
    let wasUpToDate: Bool
    enum CodingKeys: String, CodingKey {
      case name
      case wasUpToDate = "was_up_to_date"
    }
  }

  /// Runs with --resume and answers the stages that were made.
  private func made(_ yaml: String, _ extra: [String] = []) throws -> [String] {
    let result = try Program.run(
      ["run", yaml, "-o", folder.file("results"), "--resume", "--json", "-q"] + extra, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode([Outcome].self, from: Data(result.output.utf8)).filter { !$0.wasUpToDate }
      .map(\.name)
  }

  /// Moves the counts of a copy of the twin into files of their own, behind a link or a virtual dataset.
  private func python(_ script: String) throws {
    let result = try ExternalTools.run(ExternalTools.python, ["-c", script, folder.file("twin")])
    #expect(result.status == 0, "\(result.log)")
  }

  @Test(
    .enabled(if: ExternalTools.python != nil, "no Python with h5py: make deps-test, or VOXELITH_PYTHON"),
    arguments: ["link", "virtual"])
  func whatABeamlineWrites(kind: String) throws {
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: folder.file("twin"))
    let yaml = folder.file("twin/pipeline.yaml")
    try python(
      """
      import sys, os, h5py
      os.chdir(sys.argv[1]); os.makedirs('scan'); kind = '\(kind)'
      with h5py.File('xcs.nxs', 'r+') as f:
          d = f['entry/data/counts']; a = d[...]; attributes = dict(d.attrs); del f['entry/data/counts']
          with h5py.File('scan/frames.h5', 'w') as g: g['frames'] = a
          if kind == 'link': f['entry/data/counts'] = h5py.ExternalLink('scan/frames.h5', '/frames')
          else:
              layout = h5py.VirtualLayout(shape=a.shape, dtype=a.dtype)
              layout[...] = h5py.VirtualSource('scan/frames.h5', 'frames', shape=a.shape)
              d = f['entry/data'].create_virtual_dataset('counts', layout)
              for k, v in attributes.items(): d.attrs[k] = v
      """)
    let all = try made(yaml)
    #expect(all.contains("map"))
    #expect(try made(yaml).isEmpty)
    let record = try String(contentsOfFile: folder.file("results/map/provenance.json"), encoding: .utf8)
    #expect(record.contains("scan/frames.h5"))
    let portable = try Program.run(["check", yaml, "--portable"], in: folder)
    #expect(portable.status == 0 && portable.output.contains("frames.h5"), "\(portable.errors)")
    #expect(try Program.run(["check", yaml, "--contained"], in: folder).status == 0)
    // The detector's file changes, the master file does not.
    try python(
      """
      import sys, os, h5py
      os.chdir(sys.argv[1])
      with h5py.File('scan/frames.h5', 'r+') as g:
          a = g['frames'][...]; a[0, 0, 0, :] += 1; g['frames'][...] = a
      """)
    let replay = try Program.run(["replay", folder.file("results/map/provenance.json")], in: folder)
    #expect(replay.status == 65 && replay.errors.contains("frames.h5"), "\(replay.errors)")
    let again = try made(yaml)
    #expect(again.contains("inspect") && again.contains("map"), "\(again)")
    #expect(
      !again.contains("calibrate") && !again.contains("segment") && !again.contains("orient"), "\(again)")
    // One standard: what reads no standard stays.
    let standard = folder.file("twin/standards/s0.csv")
    let text = try String(contentsOfFile: standard, encoding: .utf8)
    try (text + "# another comment\n").write(toFile: standard, atomically: true, encoding: .utf8)
    let third = try made(yaml)
    #expect(
      third.first == "calibrate" && !third.contains("inspect") && !third.contains("segment"), "\(third)")
  }

  @Test(.enabled(if: ExternalTools.python != nil, "no Python with h5py: make deps-test, or VOXELITH_PYTHON"))
  func filesOutsideTheFolder() throws {
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: folder.file("twin"))
    let yaml = folder.file("twin/pipeline.yaml")
    try python(
      """
      import sys, os, h5py
      os.chdir(sys.argv[1])
      with h5py.File('xcs.nxs', 'r+') as f:
          a = f['entry/data/counts'][...]; del f['entry/data/counts']
          with h5py.File('../far.h5', 'w') as g: g['frames'] = a
          f['entry/data/counts'] = h5py.ExternalLink('../far.h5', '/frames')
      """)
    for arguments in [["inspect", folder.file("twin/xcs.nxs")], ["check", yaml]] {
      let told = try Program.run(arguments, in: folder)
      #expect(
        told.status == 0 && told.errors.contains("far.h5") && told.errors.contains("outside"),
        "\(told.errors)")
      let refused = try Program.run(arguments + ["--contained"], in: folder)
      #expect(refused.status == 65 && refused.errors.contains("far.h5"), "\(refused.errors)")
    }
    let portable = try Program.run(["check", yaml, "--portable"], in: folder)
    #expect(portable.status == 65 && portable.errors.contains("far.h5"), "\(portable.errors)")
  }

  /// A virtual dataset behind a link, whose sources keep their numbers in raw files: names start from the folder of the file that
  /// holds them, not from that of the file that was named. Files of the same names lie beside the master file, too.
  @Test(
    .enabled(if: ExternalTools.python != nil, "no Python with h5py: make deps-test, or VOXELITH_PYTHON"),
    arguments: [false, true])
  func namesStartFromTheirHolder(isLinked: Bool) throws {
    try FileManager.default.copyItem(atPath: twin.folder.file("twin"), toPath: folder.file("twin"))
    try python(
      """
      import sys, os, h5py, tifffile
      os.chdir(sys.argv[1]); os.makedirs('far/real'); x = tifffile.imread('xct.tif'); n = x.shape[0] // 2
      for place, change in (('far', 0), ('.', 1)):
          for b in range(2):
              (x[b*n:(b+1)*n] ^ change).tofile(f'{place}/r{b}.bin')
              with h5py.File(f'{place}/v{b}.h5', 'w') as h:
                  h.create_dataset('d', shape=(n,) + x.shape[1:], dtype=x.dtype, external=[(f'r{b}.bin', 0, n*x[0].nbytes)])
                  h.create_dataset('e', shape=(n,) + x.shape[1:], dtype=x.dtype, external=[(f'e{b}.bin', 0, n*x[0].nbytes)])
      layout = h5py.VirtualLayout(x.shape, dtype=x.dtype)
      for b in range(2): layout[b*n:(b+1)*n] = h5py.VirtualSource(f'v{b}.h5', 'd', (n,) + x.shape[1:])
      with h5py.File('far/d.h5', 'w') as h: h.create_virtual_dataset('vds', layout); h['soft'] = h5py.SoftLink('/vds')
      with h5py.File('m2.h5', 'w') as h: h['e'] = h5py.ExternalLink('far/d.h5', '/soft')
      with h5py.File('real.h5', 'w') as h: h['xct'] = h5py.ExternalLink('m2.h5', '/e')
      os.symlink('real.h5', 'm.h5')
      """)
    let master = folder.file(isLinked ? "twin/m.h5" : "twin/real.h5")
    let made = try Program.run(
      ["stack", master, "-o", folder.file("s"), "--bits", "16", "--voxel-size", "5"], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    try python(
      """
      import sys, os, glob, tifffile, numpy
      os.chdir(sys.argv[1]); x = tifffile.imread('xct.tif')
      got = numpy.stack([tifffile.imread(f) for f in sorted(glob.glob('../s/*.tif'))])
      assert (got == x).all()
      """)
    let record = try String(contentsOfFile: folder.file("s/provenance.json"), encoding: .utf8)
    for name in ["far/d.h5", "far/v0.h5", "far/v1.h5", "far/r0.bin", "far/r1.bin", "m2.h5"] {
      #expect(record.contains("/" + name), "\(name): \(record)")
    }
    for name in ["twin/v0.h5", "twin/r0.bin"] { #expect(!record.contains(name), "\(name)") }
    // A source that is missing is not looked for beside the master file.
    try FileManager.default.removeItem(atPath: folder.file("twin/far/v1.h5"))
    let missing = try Program.run(["inspect", master], in: folder)
    #expect(missing.status == 66 && missing.errors.contains("far/v1.h5"), "\(missing.errors)")
  }

  /// Headers whose voxels, folders whose slices and Zarr images whose chunks lie elsewhere.
  @Test func voxelsOutsideTheFolder() throws {
    let manager = FileManager.default
    try manager.copyItem(atPath: twin.folder.file("twin"), toPath: folder.file("twin"))
    try manager.createDirectory(atPath: folder.file("far"), withIntermediateDirectories: false)
    _ = manager.createFile(atPath: folder.file("far/v.raw"), contents: Data(repeating: 7, count: 64))
    try """
    NRRD0004
    type: uchar
    dimension: 3
    sizes: 4 4 4
    spacings: 1 1 1
    encoding: raw
    data file: ../far/v.raw

    """.write(toFile: folder.file("twin/v.nhdr"), atomically: true, encoding: .utf8)
    try """
    ObjectType = Image
    NDims = 3
    DimSize = 4 4 4
    ElementSpacing = 1 1 1
    ElementType = MET_UCHAR
    ElementDataFile = ../far/v.raw

    """.write(toFile: folder.file("twin/v.mhd"), atomically: true, encoding: .utf8)
    let xct = twin.path("xct.tif")
    for arguments in [
      ["stack", xct, "-o", folder.file("far/slices")],
      ["stack", xct, "-o", folder.file("twin/image.zarr"), "--format", "zarr"],
    ] {
      #expect(try Program.run(arguments + ["-q"], in: folder).status == 0)
    }
    try manager.createDirectory(atPath: folder.file("twin/slices"), withIntermediateDirectories: false)
    for name in try manager.contentsOfDirectory(atPath: folder.file("far/slices"))
    where name.hasSuffix(".tif") {
      try manager.createSymbolicLink(
        atPath: folder.file("twin/slices/" + name), withDestinationPath: "../../far/slices/" + name)
    }
    let chunk = try #require(
      try manager.subpathsOfDirectory(atPath: folder.file("twin/image.zarr/0")).first {
        !$0.hasPrefix(".") && (try? SHA256.of(file: folder.file("twin/image.zarr/0/" + $0))) != nil
          && (try? manager.contentsOfDirectory(atPath: folder.file("twin/image.zarr/0/" + $0))) == nil
      })
    try manager.moveItem(
      atPath: folder.file("twin/image.zarr/0/" + chunk), toPath: folder.file("far/chunk"))
    try manager.createSymbolicLink(
      atPath: folder.file("twin/image.zarr/0/" + chunk), withDestinationPath: folder.file("far/chunk"))
    let yaml = try String(contentsOfFile: folder.file("twin/pipeline.yaml"), encoding: .utf8)
    for (name, other) in [
      ("v.nhdr", "v.raw"), ("v.mhd", "v.raw"), ("slices", "slice_0000.tif"), ("image.zarr", chunk),
    ] {
      let path = folder.file("twin/" + name)
      let told = try Program.run(["inspect", path], in: folder)
      #expect(told.status == 0, "\(name): \(told.errors)")
      #expect(told.errors.contains(other) && told.errors.contains("outside"), "\(name): \(told.errors)")
      let refused = try Program.run(["inspect", path, "--contained"], in: folder)
      #expect(refused.status == 65 && refused.errors.contains("--contained"), "\(name): \(refused.errors)")
      try yaml.replacing("xct: xct.tif", with: "xct: \(name)").write(
        toFile: folder.file("twin/p.yaml"), atomically: true, encoding: .utf8)
      let portable = try Program.run(["check", folder.file("twin/p.yaml"), "--portable"], in: folder)
      #expect(portable.status == 65 && portable.errors.contains("outside"), "\(name): \(portable.errors)")
    }
    // A file that is itself a link out of its folder; and those that lie inside.
    try manager.createSymbolicLink(
      atPath: folder.file("twin/link.tif"), withDestinationPath: folder.file("far/slices/slice_0000.tif"))
    #expect(
      try Program.run(["inspect", folder.file("twin/link.tif"), "--contained"], in: folder).status == 65)
    for name in ["xct.tif", "xcs.nxs", "labels.tif"] {
      let inside = try Program.run(["inspect", folder.file("twin/" + name), "--contained"], in: folder)
      #expect(inside.status == 0, "\(name): \(inside.errors)")
    }
    #expect(
      try Program.run(["inspect", folder.file("far/slices"), "--contained"], in: folder).status == 0)
  }

  /// What YAML names outside its folder.
  @Test func filesThatSettingsName() throws {
    let text = try String(contentsOfFile: twin.path("standards.yaml"), encoding: .utf8)
      .replacing("standards/", with: twin.path("standards/"))
    let path = folder.file("standards.yaml")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let told = try Program.run(["calibrate", path, "-o", folder.file("a.json")], in: folder)
    #expect(told.status == 0 && told.errors.contains("outside its folder"), "\(told.errors)")
    let refused = try Program.run(
      ["calibrate", path, "-o", folder.file("b.json"), "--contained"], in: folder)
    #expect(refused.status == 65 && refused.errors.contains("--contained"), "\(refused.errors)")
    let inside = try Program.run(
      ["calibrate", twin.path("standards.yaml"), "-o", folder.file("c.json"), "--contained"], in: folder)
    #expect(inside.status == 0 && !inside.errors.contains("outside"), "\(inside.errors)")
  }
}
