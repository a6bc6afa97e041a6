import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("HDF5 files")
struct HDF5FileTests {
  static func array(
    _ output: HDF5Output, _ path: String, _ shape: [Int], _ buffer: VoxelBuffer, chunk: [Int]? = nil,
    packing: HDF5Packing = .none
  ) throws {
    let array = try HDF5OutputArray(
      path, in: output, type: buffer.type, shape: shape, chunk: chunk, packing: packing)
    try array.write(buffer, start: shape.map { _ in 0 }, count: shape)
  }

  /// One buffer of each type with values that need all of it.
  static let buffers: [VoxelBuffer] = [
    .uint8([0, 1, 254, 255]), .uint16([0, 1, 2, 65535]), .uint32([0, 1, 2, .max]),
    .uint64([0, 1, 2, .max]), .int8([-128, -1, 0, 127]), .int16([.min, -1, 0, .max]),
    .int32([.min, -1, 0, .max]), .int64([.min, -1, 0, .max]), .float16([-0.5, 0, 0.25, 65504]),
    .float32([-.pi, 0, .leastNonzeroMagnitude, .infinity]), .float64([-.pi, 0, 1e-300, .infinity]),
  ]

  @Test(arguments: buffers) func everyTypeBothWays(buffer: VoxelBuffer) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.h5")
    let output = try HDF5Output(path: path, overwrite: false)
    try Self.array(output, "/plain", [2, 2], buffer)
    try Self.array(output, "/packed", [2, 2], buffer, chunk: [1, 2], packing: .deflate(level: 3))
    try output.finish()
    let file = try HDF5File.open(path)
    for name in ["plain", "/packed"] {
      let dataset = try file.dataset(at: name)
      #expect(dataset.type == buffer.type)
      #expect(dataset.shape == [2, 2])
      #expect("\(try dataset.readAll())" == "\(buffer)")
      let column = try dataset.read(start: [0, 1], count: [2, 1]).doubles()
      #expect(column == [buffer.doubles()[1], buffer.doubles()[3]])
      var floats: [Float] = [7]
      let isRead = try dataset.readFloats(start: [0, 0], count: [2, 2], into: &floats)
      #expect(isRead == (buffer.type.size <= 4))
      if isRead { #expect(floats == buffer.floats()) }
    }
    #expect(try file.dataset(at: "packed").chunk == [1, 2])
    #expect(try file.dataset(at: "packed").filters.map(\.name) == ["shuffle", "deflate"])
  }

  @Test func attributesAndValues() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    try output.group("/one/two", class: "NXdata")
    try output.attribute("list", .strings(["z", "yy", "µm"]), of: "/one/two")
    try output.attribute("numbers", .numbers([1, 2.5]), of: "/one", stored: .float32)
    try output.value("/one/text", .strings(["héllo"]))
    try output.value("/one/number", .numbers([-7]), units: "keV")
    try output.finish()
    let file = try HDF5File.open(folder.file("a.h5"))
    guard case .group(let group) = try file.object(at: "/one/two") else {
      Issue.record("not a group")
      return
    }
    #expect(group.nexusClass == "NXdata")
    #expect(group.attribute("list") == .strings(["z", "yy", "µm"]))
    #expect(group.attribute("absent") == nil)
    #expect(group.attributeNames() == ["NX_class", "list"])
    #expect(try file.dataset(at: "one/text").value() == .strings(["héllo"]))
    #expect(try file.dataset(at: "one/number").value() == .numbers([-7]))
    #expect(try file.dataset(at: "one/number").attribute("units")?.string == "keV")
    let text = #expect(throws: VoxelithError.self) { try file.dataset(at: "one/text").readAll() }
    #expect(text?.message == "the dataset does not hold numbers")
    let group2 = #expect(throws: VoxelithError.self) { try file.dataset(at: "one") }
    #expect(group2?.code == .data)
  }

  @Test func badFiles() throws {
    let folder = try TemporaryFolder()
    func code(_ path: String) -> VoxelithError.Code? {
      do throws(VoxelithError) {
        _ = try HDF5File.open(path)
        return nil
      } catch {
        #expect(error.description.split(separator: "\n").count <= 2)
        return error.code
      }
    }
    #expect(code(folder.file("absent.h5")) == .missing)
    #expect(code(folder.path) == .missing)
    try Data().write(to: URL(fileURLWithPath: folder.file("empty.h5")))
    #expect(code(folder.file("empty.h5")) == .data)
    try Data("not HDF5 at all, but long enough".utf8).write(to: URL(fileURLWithPath: folder.file("text.h5")))
    #expect(code(folder.file("text.h5")) == .data)
    _ = try NeXusWriterTests.write(folder.file("whole.nxs"), deflate: 1)
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("whole.nxs")))
    for length in [8, 100, 2000, whole.count / 2, whole.count - 1] {
      try whole.prefix(length).write(to: URL(fileURLWithPath: folder.file("cut.nxs")))
      #expect(code(folder.file("cut.nxs")) == .data, "\(length) bytes")
      let error = #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("cut.nxs")) }
      #expect(error?.code == .data)
    }
  }

  @Test func wrongPathsNameWhatIsThere() throws {
    let folder = try TemporaryFolder()
    _ = try NeXusWriterTests.write(folder.file("a.nxs"))
    let error = #expect(throws: VoxelithError.self) {
      try SpectralFile.open(
        folder.file("a.nxs"), options: SpectralOpenOptions(dataset: "/entry/dat/counts"))
    }
    #expect(error?.code == .missing)
    #expect(error?.message == "there is no /entry/dat")
    #expect(error?.advice == "/entry holds data, instrument, process")
  }

  @Test func linksThatLeadNowhere() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("master.h5"), overwrite: false)
    try output.group("/g")
    try output.softLink("/g/self", to: "/g/self")
    try output.softLink("/g/up", to: "/g")
    try output.softLink("/g/ping", to: "/g/pong")
    try output.softLink("/g/pong", to: "/g/ping")
    try output.softLink("/g/nothing", to: "/no/such")
    try output.externalLink("/g/away", to: "/entry/data/data", in: "part/absent.h5")
    try output.finish()
    let file = try HDF5File.open(folder.file("master.h5"))
    for name in ["self", "ping", "nothing", "away", "away/inside"] {
      let error = #expect(throws: VoxelithError.self) { try file.object(at: "/g/\(name)") }
      #expect(error?.code == .missing, "\(name)")
    }
    let away = #expect(throws: VoxelithError.self) { try file.object(at: "/g/away") }
    #expect(
      away?.message == "the link leads to the file \(folder.file("part/absent.h5")), which is missing")
    let description = try HDF5File.describe(folder.file("master.h5"))
    #expect(
      description.entries.map { "\($0.path) \($0.kind.rawValue)" } == [
        "/g group", "/g/away broken", "/g/nothing broken", "/g/ping broken", "/g/pong broken",
        "/g/self broken", "/g/up group",
      ])
    #expect(description.entries[1].target == "part/absent.h5:/entry/data/data")
    let none = #expect(throws: VoxelithError.self) { try SpectralFile.open(folder.file("master.h5")) }
    #expect(none?.message == away?.message)
  }

  @Test func externalLinksAreRelativeToTheirFile() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("part"), withIntermediateDirectories: true)
    let grid = Grid(shape: Shape(z: 1, y: 2, x: 2), spacing: SIMD3(1, 2, 3))
    let writer = try HDF5VolumeWriter(path: folder.file("part/a.h5"), grid: grid, type: .uint8)
    try writer.write(.uint8([1, 2, 3, 4]), to: Region(whole: grid.shape))
    try writer.finish()
    let output = try HDF5Output(path: folder.file("master.h5"), overwrite: false)
    try output.externalLink("/scan", to: "/entry/data", in: "part/a.h5")
    try output.finish()
    let volume = try HDF5VolumeFile.open(path: folder.file("master.h5"))
    #expect(volume.grid == grid)
    #expect(try volume.readFloats(Region(whole: grid.shape)) == [1, 2, 3, 4])
  }

  @Test func claimsBeyondTheFileAreRefused() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    _ = try HDF5OutputArray(
      "/big", in: output, type: .float64, shape: [1 << 20, 1 << 20], chunk: [16, 16])
    try output.finish()
    let big = try HDF5File.open(folder.file("a.h5")).dataset(at: "/big")
    let error = #expect(throws: VoxelithError.self) { try big.readAll() }
    #expect(error?.message == "the dataset claims 8796093022208 bytes but the file holds 0 of it")
    #expect(try big.read(start: [7, 7], count: [1, 2]).doubles() == [0, 0])
    let outside = #expect(throws: VoxelithError.self) {
      try big.read(start: [1 << 20, 0], count: [1, 1])
    }
    #expect(outside?.code == .usage)
    #expect(throws: VoxelithError.self) { try big.read(start: [0], count: [1]) }
  }

  @Test func missingFilterNamesItsPackage() throws {
    let folder = try TemporaryFolder()
    let output = try HDF5Output(path: folder.file("a.h5"), overwrite: false)
    // Number 291 belongs to nobody; an optional filter may be missing when writing.
    try Self.array(
      output, "/a", [4], .uint8([1, 2, 3, 4]), chunk: [4],
      packing: .filter(identifier: 291, settings: [], isOptional: true))
    try output.finish()
    let array = try HDF5File.open(folder.file("a.h5")).dataset(at: "/a")
    #expect(array.filters.map(\.isAvailable) == [false])
    let error = #expect(throws: VoxelithError.self) { try array.readAll() }
    #expect(error?.code == .missing)
    #expect(error?.advice?.contains("HDF5_PLUGIN_PATH") == true)
    let bzip2 = HDF5Filter(identifier: 307, name: "bzip2", isAvailable: false)
    #expect(bzip2.advice.contains("hdf5-filter-plugin"))
  }

  @Test func severalThreadsRead() async throws {
    let folder = try TemporaryFolder()
    let counts = try NeXusWriterTests.write(folder.file("a.nxs"), deflate: 1)
    let source = try SpectralFile.open(folder.file("a.nxs"))
    let shape = source.grid.shape
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for worker in 0..<8 {
        group.addTask {
          for round in 0..<50 {
            let z = (worker + round) % shape.z
            let other = try SpectralFile.open(folder.file("a.nxs"))
            let mine = try source.readCounts(Region(slices: z..<(z + 1), of: shape))
            let theirs = try other.readCounts(Region(slices: z..<(z + 1), of: shape))
            let half = counts.count / 2
            guard mine == theirs, mine == Array(counts[(z * half)..<((z + 1) * half)]) else { return false }
            _ = try? HDF5File.open(folder.file("absent"))
            _ = try? other.readCounts(Region(slices: 0..<9, of: shape))
          }
          return true
        }
      }
      for try await agreed in group { #expect(agreed) }
    }
  }
}
