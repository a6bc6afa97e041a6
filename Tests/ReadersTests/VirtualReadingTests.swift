import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Virtual datasets are read from their sources by our own reader: the same numbers as h5py reads, and no chunk taken for
/// longer than it is. The files are written by h5py.
@Suite("Reading virtual datasets", .enabled(if: Python.h5py != nil, "needs Python with h5py"))
struct VirtualReadingTests {
  let folder: TemporaryFolder

  init() throws { folder = try Python.folder(writtenBy: Self.script) }

  private static let script = """
    import zlib
    r = np.random.default_rng(3)
    a = r.integers(0, 1000, (12, 6, 8)).astype('u2')
    L, S = h5py.VirtualLayout, h5py.VirtualSource
    def part(name, data, **more):
        with h5py.File(name, 'w') as f: f.create_dataset('d', data=data, **more)
    def save(name, layout, fill=None):
        with h5py.File(name + '.h5', 'w', libver='v110') as f: f.create_virtual_dataset('data', layout, fillvalue=fill)
        with h5py.File(name + '.h5') as f: np.ascontiguousarray(f['data'][...]).astype('f8').tofile(name + '.raw')
    # Frames of four files that take turns, each packed in another way.
    packing = [{}, dict(chunks=(2, 3, 5), compression='gzip', shuffle=True), dict(chunks=(1, 6, 8), compression='lzf'), dict(chunks=(3, 4, 4))]
    for i in range(4): part(f'turn{i}.h5', a[i::4], **packing[i])
    l = L(a.shape, 'u2')
    for i in range(4): l[i::4] = S(f'turn{i}.h5', 'd', shape=(3, 6, 8))
    save('turns', l)
    # A file for each slice, and tiles side by side of another type.
    l = L(a.shape, 'u2')
    for z in range(12):
        part(f'slice{z}.h5', a[z]); l[z] = S(f'slice{z}.h5', 'd', shape=(6, 8))
    save('slices', l)
    l = L(a.shape, 'f8')
    for i in range(2):
        for j in range(2):
            t = (a[:, 3 * i:3 * i + 3, 4 * j:4 * j + 4] % 200).astype(['u1', 'i2', 'u4', 'f4'][2 * i + j])
            part(f'tile{i}{j}.h5', t, chunks=(5, 2, 3)); l[:, 3 * i:3 * i + 3, 4 * j:4 * j + 4] = S(f'tile{i}{j}.h5', 'd', shape=t.shape)
    save('tiles', l)
    # Blocks with steps on both sides, a list of slices, and a source that is virtual itself.
    part('all.h5', a, chunks=(4, 4, 4), compression='gzip')
    l = L((6, 6, 4), 'i4'); l[...] = S('all.h5', 'd', shape=a.shape)[::2, :, 1::2]; save('steps', l)
    l = L((4, 6, 8), 'u2'); l[...] = S('all.h5', 'd', shape=a.shape)[[0, 2, 3, 9]]; save('list', l)
    l = L((6, 8), 'u2'); l[...] = S('all.h5', 'd', shape=a.shape)[7]; save('one', l)
    l = L((4, 6, 8), 'u2'); l[...] = S('turns.h5', 'data', shape=a.shape)[4:8]; save('nested', l)
    # Numbered files along an axis without an end.
    for i in range(3): part(f'run_{i}.h5', a[4 * i:4 * i + 4], maxshape=(None, 6, 8), chunks=(2, 6, 8))
    space = h5py.h5s.create_simple((12, 6, 8), (h5py.h5s.UNLIMITED, 6, 8))
    space.select_hyperslab((0, 0, 0), (h5py.h5s.UNLIMITED, 1, 1), (4, 1, 1), (4, 6, 8))
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_virtual(space, b'run_%b.h5', b'd', h5py.h5s.create_simple((4, 6, 8)))
    with h5py.File('numbered.h5', 'w', libver='v110') as f:
        h5py.h5d.create(f.id, b'data', h5py.h5t.NATIVE_UINT16, h5py.h5s.create_simple((12, 6, 8), (h5py.h5s.UNLIMITED, 6, 8)), p)
    a.astype('f8').tofile('numbered.raw')
    # An axis that grows with its source.
    l = L((12, 6, 8), 'u2', maxshape=(None, 6, 8))
    with h5py.File('grow.h5', 'w') as f: f.create_dataset('d', data=a, maxshape=(None, 6, 8), chunks=(2, 6, 8))
    s = S('grow.h5', 'd', shape=a.shape, maxshape=(None, 6, 8))
    l[:h5py.h5s.UNLIMITED] = s[:h5py.h5s.UNLIMITED]
    save('growing', l)
    # Chunks of other lengths than they should have.
    def bad(name, chunks, **more):
        with h5py.File(name + '-source.h5', 'w') as f:
            d = f.create_dataset('d', (4, 6, 8), 'u2', chunks=(1, 6, 8), **more)
            for z, bytes in enumerate(chunks): d.id.write_direct_chunk((z, 0, 0), bytes)
        l = L((4, 6, 8), 'u2'); l[...] = S(name + '-source.h5', 'd', shape=(4, 6, 8))
        with h5py.File(name + '.h5', 'w', libver='v110') as f: f.create_virtual_dataset('data', l)
    w = [a[z].tobytes() for z in range(4)]
    bad('short-gzip', [zlib.compress(w[0]), zlib.compress(w[1][:10]), zlib.compress(w[2]), zlib.compress(w[3])], compression='gzip')
    bad('long-gzip', [zlib.compress(w[0]), zlib.compress(w[1] + bytes(5000)), zlib.compress(w[2]), zlib.compress(w[3])], compression='gzip')
    bad('short-shuffle', [w[0], w[1][:10], w[2], w[3]], shuffle=True)
    """

  private func numbers(_ name: String) throws -> [Double] {
    let bytes = try #require(FileManager.default.contents(atPath: folder.file(name + ".raw")))
    return stride(from: 0, to: bytes.count, by: 8).map { offset in
      Double(
        bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[bytes.startIndex + offset + $1]) << UInt64(8 * $1) }
      )
    }
  }

  @Test(arguments: ["turns", "slices", "tiles", "steps", "list", "one", "nested", "numbered", "growing"])
  func theNumbersOfH5py(name: String) throws {
    let source = try VolumeFile.open(folder.file(name + ".h5"))
    let shape = source.grid.shape
    let right = try numbers(name)
    #expect(try source.read(Region(whole: shape)).doubles() == right, "\(name)")
    // Boxes that cut pieces of every kind.
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20 {
      func range(_ side: Int) -> Range<Int> {
        let low = Int.random(in: 0..<side, using: &random)
        return low..<Int.random(in: (low + 1)...side, using: &random)
      }
      let (z, y, x) = (range(shape.z), range(shape.y), range(shape.x))
      let box = try source.read(
        Region(
          lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
          shape: Shape(z: z.count, y: y.count, x: x.count))
      ).doubles()
      let expected = z.flatMap { z in y.flatMap { y in x.map { right[shape.index(z: z, y: y, x: $0)] } } }
      #expect(box == expected, "\(name) \(z) \(y) \(x)")
    }
  }

  @Test(arguments: ["short-gzip", "long-gzip", "short-shuffle"])
  func chunksOfSourcesAreMeasured(name: String) {
    let error = failure(of: folder.file(name + ".h5"))
    #expect(error?.code == .data, "\(name): \(String(describing: error))")
    #expect(error?.message.contains("the chunk at [1, 0, 0]") == true, "\(error?.message ?? "")")
  }
}
