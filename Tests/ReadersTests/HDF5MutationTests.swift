import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

@Suite("Damaged HDF5 files")
struct HDF5MutationTests {
  /// Without waiting for the disk, as `Data.write` does.
  static func write(_ bytes: [UInt8], to path: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: bytes)
    try file.close()
  }

  /// Opens, lists and reads copies of a small file with bytes changed at random. None may hang or end
  /// the process.
  @Test func mutationsNeverTrap() throws {
    let folder = try TemporaryFolder()
    _ = try NeXusWriterTests.write(folder.file("whole.nxs"), deflate: 1)
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("whole.nxs"))))
    var generator = SeededGenerator(seed: 11)
    let rounds = 2000
    var outcomes: [String: Int] = [:]
    for round in 0..<rounds {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if Int.random(in: 0..<8, using: &generator) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      let path = folder.file("\(round % 2).nxs")
      try Self.write(bytes, to: path)
      do throws(VoxelithError) {
        _ = try HDF5File.describe(path)
        let source = try SpectralFile.open(path)
        if let count = source.grid.shape.checkedCount, count * source.energy.count < 1_000_000 {
          _ = try source.readCounts(Region(whole: source.grid.shape))
        }
        outcomes["read", default: 0] += 1
      } catch {
        outcomes[error.code.name, default: 0] += 1
      }
    }
    #expect(outcomes["internal"] == nil)
    #expect((outcomes["read"] ?? 0) > rounds / 10)
    #expect((outcomes["data"] ?? 0) > rounds / 10)
  }
}
