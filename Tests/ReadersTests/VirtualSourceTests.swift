import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Arrays that lie in other files. libhdf5 fills what it does not find without a word; here every source is looked at. The
/// files are written by h5py.
@Suite("Sources of virtual and external arrays", .enabled(if: Python.h5py != nil, "needs Python with h5py"))
struct VirtualSourceTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("link"), withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: folder.file("src"), withIntermediateDirectories: true)
    _ = try Python.run(Self.script, folder.file("src"), with: Python.h5py)
  }

  private static let script = """
    import h5py, numpy as np, os, sys
    os.chdir(sys.argv[1])
    def part(name, value, shape=(2, 4, 5), dtype='u2', path='entry/data'):
        with h5py.File(name, 'w') as f: f[path] = np.full(shape, value, dtype)
    for i in range(4): part(f'part{i}.h5', 100 + i)
    part('wide.h5', 70000, dtype='f4')
    part('short.h5', 103, shape=(1, 4, 5))
    open('bad.h5', 'w').write('this is no HDF5 file')
    def master(name, sources, dtype='u2', fill=None, libver=None):
        layout = h5py.VirtualLayout((8, 4, 5), dtype)
        for i, s in enumerate(sources):
            if s is None: continue
            file, path = s if isinstance(s, tuple) else (s, 'entry/data')
            layout[2 * i:2 * i + 2] = h5py.VirtualSource(file, path, shape=(2, 4, 5))
        with h5py.File(name, 'w', libver=libver) as f: f.create_virtual_dataset('data', layout, fillvalue=fill)
    parts = [f'part{i}.h5' for i in range(4)]
    master('ok.h5', parts)
    master('gone.h5', parts[:2] + ['absent.h5', parts[3]])
    master('path.h5', [parts[0], ('part1.h5', 'entry/nope')] + parts[2:])
    master('corrupt.h5', parts[:3] + ['bad.h5'])
    master('clip.h5', parts[:3] + ['wide.h5'])
    master('less.h5', parts[:3] + ['short.h5'])
    # Slices from files of their own, whose rows are written one after the other.
    layout = h5py.VirtualLayout((8, 4, 5), 'u2')
    for z, rows in enumerate([2, 4, 4, 0, 0, 0, 3, 1][:8]):
        with h5py.File(f'grow{z}.h5', 'w') as f:
            d = f.create_dataset('d', (rows, 5), 'u2', maxshape=(None, 5), chunks=(1, 5)); d[:] = z + 1
        layout[z] = h5py.VirtualSource(f'grow{z}.h5', 'd', shape=(4, 5), maxshape=(None, 5))[:, :]
    with h5py.File('growing.h5', 'w') as f: f.create_virtual_dataset('data', layout)
    master('hole.h5', parts[:2] + [None, parts[3]], fill=7)
    layout = h5py.VirtualLayout((8, 4, 5), 'u2')
    layout[:] = h5py.VirtualSource('gone.h5', 'data', shape=(8, 4, 5))
    with h5py.File('nested.h5', 'w') as f: f.create_virtual_dataset('data', layout)
    layout = h5py.VirtualLayout((8, 4, 5), 'u2')
    layout[:] = h5py.VirtualSource('round.h5', 'data', shape=(8, 4, 5))
    with h5py.File('round.h5', 'w') as f: f.create_virtual_dataset('data', layout)
    np.arange(160, dtype='<u2').tofile('whole.raw')
    np.arange(50, dtype='<u2').tofile('cut.raw')
    for n in ['whole', 'cut', 'none']:
        with h5py.File(n + '.h5', 'w') as f:
            f.create_dataset('data', (8, 4, 5), '<u2', external=[(n + '.raw', 0, h5py.h5f.UNLIMITED)])
    os.symlink('../src/ok.h5', '../link/ok.h5')
    os.symlink('../src/whole.h5', '../link/whole.h5')
    """

  private func path(_ name: String) -> String { folder.file("src/" + name) }

  @Test func allSourcesAreThere() throws {
    for path in [path("ok.h5"), folder.file("link/ok.h5")] {
      let source = try VolumeFile.open(path)
      #expect(try source.mean() == 101.5, "\(path)")
    }
    #expect(try VolumeFile.open(path("whole.h5")).mean() == 79.5)
    // Open twice, and while the library has the sources open.
    let (first, second) = (try VolumeFile.open(path("ok.h5")), try VolumeFile.open(path("ok.h5")))
    #expect(try first.mean() == 101.5 && second.mean() == 101.5)
    #expect(try VolumeFile.open(path("ok.h5")).mean() == 101.5)
  }

  @Test(arguments: [
    ("gone.h5", "absent.h5"), ("path.h5", "entry/nope"), ("corrupt.h5", "bad.h5"), ("clip.h5", "wide.h5"),
    ("less.h5", "short.h5"), ("hole.h5", "40 of 160"), ("nested.h5", "gone.h5"), ("cut.h5", "cut.raw"),
    ("none.h5", "none.raw"), ("round.h5", "circle"),
  ])
  func whatIsMissingIsNamed(name: String, word: String) throws {
    let error = failure(of: path(name))
    #expect(error != nil, "\(name) was read")
    #expect(error?.description.contains(word) == true, "\(name): \(String(describing: error))")
    #expect(error?.code == .missing || error?.code == .data)
  }

  @Test(arguments: [
    ("gone.h5", 40), ("path.h5", 40), ("corrupt.h5", 40), ("hole.h5", 40), ("nested.h5", 40), ("cut.h5", 110),
    ("none.h5", 160), ("growing.h5", 90),
  ])
  func whatIsThereCanBeReadWhenAsked(name: String, missing: Int) throws {
    var options = VolumeOpenOptions()
    options.allowsMissing = true
    let source = try VolumeFile.open(path(name), options: options)
    #expect(source.voxelType == .float32)
    let values = try source.readFloats(Region(whole: source.grid.shape))
    #expect(values.count { $0.isNaN } == missing, "\(name)")
    if name.hasSuffix("cut.h5") { #expect(values[49] == 49 && values[50].isNaN) }
    // A source that holds the first of its rows only gives them.
    if name == "growing.h5" {
      #expect(values[9] == 1 && values[10].isNaN && values[20] == 2 && values[60].isNaN, "\(values)")
    }
    if name == "gone.h5" { #expect(values[79] == 101 && values[80].isNaN && values[120] == 103) }
    let notes = try VolumeFile.describe(path(name), options: options).notes
    #expect(notes.contains { $0.contains("\(missing) of 160") }, "\(notes)")
  }

  /// A value that the virtual type cannot hold is no gap: nobody can ask for it.
  @Test func clippedNumbersAreNeverRead() {
    var options = VolumeOpenOptions()
    options.allowsMissing = true
    #expect(failure(of: path("clip.h5"), options) != nil)
  }
}
