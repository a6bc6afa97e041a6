import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Chunks that nobody wrote, scales along the axes of arrays, and what numbers stand for, in files that h5py writes.
@Suite("Unwritten chunks, scales and factors", .enabled(if: Python.h5py != nil, "needs Python with h5py"))
struct UnwrittenTests {
  let folder: TemporaryFolder

  init() throws { folder = try Python.folder(writtenBy: Self.script) }

  private static let script = """
    a = np.arange(1, 121, dtype='u2').reshape(4, 5, 6)
    def half(name, **k):
        with h5py.File(name, 'w') as f:
            d = f.create_dataset('d', shape=a.shape, dtype='u2', chunks=(1, 5, 6), **k); d[:2] = a[:2]
    half('half.h5'); half('filled.h5', fillvalue=7)
    with h5py.File('bare.h5', 'w') as f: f.create_dataset('d', shape=a.shape, dtype='u2')
    with h5py.File('made.h5', 'w') as f: f.create_dataset('d', shape=a.shape, dtype='u2', fillvalue=3)
    layout = h5py.VirtualLayout((4, 5, 6), 'u2')
    layout[:] = h5py.VirtualSource('whole.h5', 'd', shape=(8, 5, 6))[2:6]
    with h5py.File('beyond.h5', 'w') as f: f.create_virtual_dataset('d', layout)
    layout = h5py.VirtualLayout((8, 5, 6), 'u2')
    layout[:4] = h5py.VirtualSource('half.h5', 'd', shape=a.shape); layout[4:] = h5py.VirtualSource('whole.h5', 'd', shape=a.shape)
    with h5py.File('whole.h5', 'w') as f: f['d'] = a
    with h5py.File('virtual.h5', 'w') as f: f.create_virtual_dataset('d', layout)
    for i in (0, 1, 3):
        with h5py.File(f'n{i}.h5', 'w') as f: f['d'] = a[:2]
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    U = h5py.h5s.UNLIMITED
    target = h5py.h5s.create_simple((0, 5, 6), (U, 5, 6)); source = h5py.h5s.create_simple((2, 5, 6))
    target.select_hyperslab((0, 0, 0), (U, 1, 1), stride=(2, 1, 1), block=(2, 5, 6))
    layout.set_virtual(target, b'n%b.h5', b'd', source)
    with h5py.File('numbered.h5', 'w') as f: h5py.h5d.create(f.id, b'd', h5py.h5t.STD_U16LE, target, dcpl=layout)
    def scaled(name, data, names, values, units, where='/'):
        with h5py.File(name, 'w') as f:
            g = f.require_group(where); d = g.create_dataset('v', data=data)
            for i, (n, v, u) in enumerate(zip(names, values, units)):
                s = f.create_dataset(n, data=v); s.make_scale(n); s.attrs['units'] = u; d.dims[i].attach_scale(s)
    z, y, x = np.arange(4) * 2., np.arange(5) * 1.5, np.arange(6) * .5
    scaled('scales.h5', a, 'zyx', (z[::-1], y, x), ('um', 'um', 'mm'))
    scaled('below.h5', a, 'zyx', (z, y[::-1], x), ('um', 'um', 'um'), 'inner/group')
    s = np.arange(4 * 5 * 40, dtype='u4').reshape(4, 5, 40)
    scaled('spectra.h5', s, ('y', 'x', 'energy'), (np.arange(4) * 20., np.arange(5)[::-1] * 10., 84 + .5 * np.arange(40)), ('um', 'um', 'keV'))
    with h5py.File('factor.h5', 'w') as f:
        d = f.create_dataset('d', data=a); d.attrs['scale_factor'] = .5; d.attrs['add_offset'] = 10.; d.attrs['_FillValue'] = np.uint16(3)
    with h5py.File('nxdata.h5', 'w') as f:
        g = f.create_group('data'); g.attrs['NX_class'] = 'NXdata'; g.attrs['signal'] = 'd'; g['d'] = a; g['scaling_factor'] = 2.; g['offset'] = 5.
    with h5py.File('itk.h5', 'w') as f:
        g = f.create_group('ITKImage/0'); g['VoxelData'] = a; g['Spacing'] = [.5, 1.5, 2.]; g['Origin'] = [10., 20., 30.]; g['Directions'] = np.eye(3)
    with h5py.File('detector.h5', 'w') as f:
        f['exchange/data'] = a; f['measurement/detector/pixel_size_x'] = .65
    """

  private func path(_ name: String) -> String { folder.file(name) }

  private func missing() -> VolumeOpenOptions {
    var options = VolumeOpenOptions()
    options.allowsMissing = true
    return options
  }

  private func floats(_ name: String, _ options: VolumeOpenOptions = .init()) throws -> [Float] {
    let source = try VolumeFile.open(path(name), options: options)
    return try source.readFloats(Region(whole: source.grid.shape))
  }

  @Test func chunksThatWereNeverWritten() throws {
    let error = failure(of: path("half.h5"))
    #expect(
      error?.message.contains("2 of 4 chunks") == true && error?.advice?.contains("--allow-missing") == true)
    let values = try floats("half.h5", missing())
    #expect(values[..<60] == (1...60).map { Float($0) }[...] && values[60...].allSatisfy(\.isNaN))
    let told = try VolumeFile.describe(path("half.h5"), options: missing()).notes
    #expect(told.contains { $0.contains("60 of 120 elements are missing") })
    // Whoever chose what is read there is believed, and it is told.
    let filled = try VolumeFile.open(path("filled.h5"))
    #expect(try filled.readFloats(Region(whole: filled.grid.shape))[60...].allSatisfy { $0 == 7 })
    #expect(VolumeFile.writingNotice(filled)?.contains("2 of 4 chunks") == true)
    #expect(try floats("filled.h5", missing())[60...].allSatisfy(\.isNaN))
  }

  @Test func behindVirtualDatasets() throws {
    let error = failure(of: path("virtual.h5"))
    #expect(error?.message.contains("never written") == true)
    let values = try floats("virtual.h5", missing())
    #expect(values.count { $0.isNaN } == 60 && values[60].isNaN && values[119].isNaN && values[120] == 1)
    // A number that is missing in the middle ends the array, and what lies behind it is left out.
    let gap = failure(of: path("numbered.h5"))
    #expect(gap?.code == .missing && gap?.message.contains("n2.h5") == true)
    #expect(failure(of: path("numbered.h5"), missing()) != nil)
  }

  @Test func dimensionScales() throws {
    let volume = try VolumeFile.open(path("scales.h5"))
    #expect(volume.grid.spacing == SIMD3(500, 1.5, 2))
    #expect(try volume.readFloats(Region(whole: volume.grid.shape))[0] == 91)
    let below = try VolumeFile.open(path("below.h5"))
    #expect(below.grid.spacing == SIMD3(0.5, 1.5, 2))
    #expect(try below.readFloats(Region(whole: below.grid.shape))[0] == 25)
    let spectra = try SpectralFile.open(path("spectra.h5"))
    #expect(spectra.grid.shape == Shape(z: 1, y: 4, x: 5) && spectra.energy.centers[0] == 84)
    #expect(abs(spectra.grid.spacing.x - 10) < 1e-9 && abs(spectra.grid.spacing.y - 20) < 1e-9)
    #expect(try spectra.readCounts(Region(whole: spectra.grid.shape))[0] == 160)
    #expect(SpectralFile.holdsSpectra(path("spectra.h5")) && !SpectralFile.holdsSpectra(path("scales.h5")))
  }

  @Test func whatNumbersStandFor() throws {
    let values = try floats("factor.h5")
    #expect(values[0] == 10.5 && values[2].isNaN && values[119] == 70)
    #expect(
      VolumeFile.writingNotice(try VolumeFile.open(path("factor.h5")))?.contains("times 0.5 plus 10") == true)
    #expect(try floats("nxdata.h5")[1] == 9)
  }

  @Test func sizesThatLieElsewhere() throws {
    let image = try VolumeFile.open(path("itk.h5")).grid
    #expect(image.spacing == SIMD3(0.5, 1.5, 2) && image.origin == SIMD3(9.75, 19.25, 29))
    let told = try VolumeFile.describe(path("detector.h5")).origins
    #expect(told.contains { $0.quantity == "voxel size" && $0.source.contains("pixel_size_x") })
  }

  /// An array in one piece of which nothing was written has no place in the file, and reads as zeros all the same.
  @Test func arraysOfWhichNothingWasWritten() throws {
    expectClear(failure(of: path("bare.h5")), .data, naming: "bare.h5")
    let source = try VolumeFile.open(path("bare.h5"), options: missing())
    #expect(try source.readFloats(Region(whole: source.grid.shape)).allSatisfy { $0.isNaN })
    // Whoever made the array chose what is read.
    let made = try VolumeFile.open(path("made.h5"))
    #expect(try made.readFloats(Region(whole: made.grid.shape)).allSatisfy { $0 == 3 })
  }

  /// A source that is too short is missing where it ends and not before.
  @Test func sourcesThatEndTooEarly() throws {
    expectClear(failure(of: path("beyond.h5")), .data, naming: "beyond.h5")
    let source = try VolumeFile.open(path("beyond.h5"), options: missing())
    let values = try source.readFloats(Region(whole: source.grid.shape))
    #expect(Array(values.prefix(60)) == (61...120).map { Float($0) })
    #expect(values.dropFirst(60).allSatisfy { $0.isNaN })
    #expect(VolumeFile.writingNotice(source)?.contains("60 of 120") == true)
  }
}
