import Drawing
import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite struct StackTests {
  private func volume() -> Volume<Float> {
    let shape = Shape(z: 3, y: 4, x: 6)
    let grid = Grid(shape: shape, spacing: SIMD3(0.5, 0.5, 2))
    return Volume(grid: grid, voxels: (0..<shape.count).map { $0 == 5 ? .nan : Float($0) * 0.25 - 3 })
  }

  @Test(arguments: [SliceStack.Format.tiff, .png], [8, 16])
  func valuesComeBackThroughTheMapping(_ format: SliceStack.Format, _ bits: Int) throws {
    let folder = try TemporaryFolder()
    var stack = SliceStack()
    stack.format = format
    stack.bits = bits
    let source = volume()
    let record = try stack.write(source, to: folder.file("out"))
    #expect(record.pixelSizeUm == [0.5, 0.5, 2] && record.mapping.missingGrey == 0)
    let step = (record.mapping.upper - record.mapping.lower) / Double(record.mapping.lastGrey - 1)
    for z in 0..<3 {
      let path = folder.file("out/slice_000\(z)." + (format == .tiff ? "tif" : "png"))
      var greys: [Int] = []
      if format == .png {
        guard bits == 8 else { continue }
        let raster = try PNGFile.decode([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        greys = (0..<24).map { Int(raster.pixels[4 * $0]) }
      } else {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        greys = Self.pixels(bytes, count: 24, bits: bits)
      }
      for i in 0..<24 {
        let value = record.mapping.value(of: greys[i])
        let truth = Double(source.voxels[24 * z + i])
        #expect(truth.isNaN ? value.isNaN : abs(value - truth) <= 0.5 * step + 1e-9)
      }
    }
    let again = #expect(throws: VoxelithError.self) { try stack.write(source, to: folder.file("out")) }
    #expect(again?.code == .cannotCreate)
  }

  /// Pixels of an uncompressed TIFF of one strip, read without the package's own reader.
  static func pixels(_ bytes: [UInt8], count: Int, bits: Int) -> [Int] {
    func number(_ at: Int, _ size: Int) -> Int {
      (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }
    let directory = number(4, 4)
    for entry in 0..<number(directory, 2) where number(directory + 2 + 12 * entry, 2) == 273 {
      let start = number(directory + 10 + 12 * entry, 4)
      return (0..<count).map { number(start + $0 * bits / 8, bits / 8) }
    }
    return []
  }

  /// Sizes, kinds and values of the slices as tifffile reads them, a program that shares no code with this one.
  @Test(
    .enabled(if: ExternalTools.python != nil, "no Python with tifffile: make deps-test, or VOXELITH_PYTHON"))
  func anotherReaderSeesTheSize() throws {
    let folder = try TemporaryFolder()
    var stack = SliceStack()
    stack.bits = 16
    try stack.write(volume(), to: folder.file("out"))
    let check = """
      import tifffile, json, sys
      with tifffile.TiffFile('slice_0001.tif') as t:
          page, ij = t.pages[0], t.imagej_metadata
          r = page.tags['XResolution'].value
          assert page.shape == (4, 6) and page.dtype == 'uint16', page
          assert abs(r[1] / r[0] - 0.5) < 1e-6, r
          assert ij['unit'] in ('um', '\\u00b5m', 'micron'), ij
          assert abs(ij.get('spacing', 2) - 2) < 1e-9, ij
          m = json.load(open('stack.json'))['mapping']
          greys = t.asarray().ravel()
          step = (m['upper'] - m['lower']) / (m['last_grey'] - 1)
          values = m['lower'] + (greys.astype(float) - 1) * step
          truth = [i * 0.25 - 3 for i in range(24, 48)]
          assert max(abs(a - b) for a, b in zip(values, truth)) <= 0.51 * step, values
      """
    let result = try ExternalTools.run(ExternalTools.python, ["-c", check], in: folder.file("out"))
    #expect(result.status == 0, "\(result.log)")
  }

  @Test func labelsKeepTheirNumbers() throws {
    let folder = try TemporaryFolder()
    let grid = Grid(unscaled: Shape(z: 2, y: 2, x: 3))
    let labels = Volume<UInt8>(grid: grid, voxels: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255])
    var stack = SliceStack()
    stack.axis = .y
    let record = try stack.write(labels, to: folder.path)
    #expect(record.mapping.isIdentity && record.pixelSizeUm == nil && record.slices == 2)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("slice_0001.tif"))))
    #expect(Self.pixels(bytes, count: 6, bits: 8) == [3, 4, 5, 9, 10, 255])
  }

  @Test func sameFilesForAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder()
    for threads in [1, 2, 5] {
      try SliceStack().write(
        volume(), to: folder.file("\(threads)"), resources: Resources(threads: threads, memory: 1 << 20))
    }
    for name in ["slice_0000.tif", "slice_0002.tif", "stack.json"] {
      let files = try [1, 2, 5].map {
        try Data(contentsOf: URL(fileURLWithPath: folder.file("\($0)/\(name)")))
      }
      #expect(files[0] == files[1] && files[0] == files[2])
    }
  }

  @Test func badRequestsAreNamed() throws {
    let folder = try TemporaryFolder()
    var stack = SliceStack()
    stack.bits = 12
    #expect(throws: VoxelithError.self) { try stack.write(volume(), to: folder.path) }
    stack.bits = 8
    stack.range = .fixed(1, 1)
    #expect(
      #expect(throws: VoxelithError.self) { try stack.write(volume(), to: folder.path) }?.code == .usage)
    let empty = Volume<Float>(grid: volume().grid, repeating: .nan)
    #expect(
      #expect(throws: VoxelithError.self) { try SliceStack().write(empty, to: folder.path) }?.code == .data)
    #expect(folder.entries.isEmpty)
  }
}
