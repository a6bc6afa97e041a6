import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Arrays of HDF5 as other programs lay them out.
@Suite("HDF5 arrays of other programs", .enabled(if: Python.h5py != nil, "needs Python with h5py"))
struct ForeignArrayTests {
  let folder: TemporaryFolder

  init() throws { folder = try Python.folder(writtenBy: Self.script) }

  private static let script = """
    v = np.arange(1, 211, dtype='u2').reshape(5, 6, 7)
    full = np.zeros((8, 8, 8), 'u2'); full[:5, :6, :7] = v
    def letters(x): return np.frombuffer(str(x).encode(), 'S1')
    for name, size in [('a', v.shape), ('wrong', (9, 6, 7))]:
        with h5py.File(name + '.ims', 'w') as f:
            g = f.create_group('DataSet/ResolutionLevel 0/TimePoint 0/Channel 0')
            g.create_dataset('Data', data=full, chunks=(4, 4, 4), compression='gzip')
            for n, s in zip('ZYX', size): g.attrs['ImageSize' + n] = letters(s)
            i = f.create_group('DataSetInfo/Image')
            for k, x in [('ExtMin0', 1), ('ExtMin1', 2), ('ExtMin2', 3), ('ExtMax0', 4.5), ('ExtMax1', 3.5), ('ExtMax2', 13), ('Unit', 'um')]:
                i.attrs[k] = letters(x)
    with h5py.File('v73.mat', 'w', userblock_size=512) as f:
        d = f.create_dataset('vol', data=v.astype('f8')); d.attrs['MATLAB_class'] = np.bytes_('double')
    with h5py.File('zeros.h5', 'w') as f: f['v'] = full
    """

  /// The array is filled up to whole chunks with zeros that are no voxels.
  @Test func imarisTellsWhatOfItsArrayIsTheImage() throws {
    let source = try VolumeFile.open(folder.file("a.ims"))
    #expect(
      source.grid
        == Grid(shape: Shape(z: 5, y: 6, x: 7), spacing: SIMD3(0.5, 0.25, 2), origin: SIMD3(1, 2, 3)))
    #expect(try source.read(Region(whole: source.grid.shape)).doubles() == (1...210).map { Double($0) })
    let description = try VolumeFile.describe(folder.file("a.ims"))
    #expect(description.notes.contains { $0.contains("filled up with zeros") })
    #expect(description.origins.contains { $0.source.contains("ExtMin") })
    #expect(failure(of: folder.file("wrong.ims"))?.code == .data)
  }

  @Test func matlabStoresItsFirstIndexLast() throws {
    let source = try VolumeFile.open(folder.file("v73.mat"))
    #expect(source.grid.shape == Shape(z: 5, y: 6, x: 7))
    #expect(VolumeFile.writingNotice(source)?.contains("rows lie along x") == true)
    #expect(try VolumeFile.describe(folder.file("v73.mat")).notes.contains { $0.contains("MATLAB") })
  }

  @Test func quantilesOfZerosAreZero() throws {
    let statistics = try VolumeStatistics.compute(try VolumeFile.open(folder.file("zeros.h5")))
    #expect(statistics.quantiles?.prefix(2).map(\.value) == [0, 0])
  }
}
