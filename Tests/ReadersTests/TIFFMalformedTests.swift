import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// Damaged files end in one clear error, soon and without much memory.
@Suite("TIFF malformed", .timeLimit(.minutes(15)))
struct TIFFMalformedTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ bytes: [UInt8]) throws -> String {
    let path = folder.file("bad.tif")
    try writeBytes(bytes, to: path)
    return path
  }

  @Test func chainsThatComeBackEnd() throws {
    var tiff = HandmadeTIFF(pages: 5)
    tiff.loopsAt = 3
    expectClear(failure(of: try file(tiff.bytes)), .data, naming: "bad.tif")
  }

  @Test func everyTruncationIsSeen() throws {
    for isBigEndian in [false, true] {
      var tiff = HandmadeTIFF(pages: 3)
      tiff.isBigEndian = isBigEndian
      let whole = tiff.bytes
      // The last four bytes say that no page follows.
      for count in 1..<(whole.count - 4) {
        expectClear(failure(of: try file(Array(whole[..<count]))), .data, naming: "bad.tif")
      }
    }
  }

  @Test func truncationNamesThePage() throws {
    let grid = Grid(shape: Shape(z: 4, y: 8, x: 8), spacing: .one)
    let path = folder.file("v.tif")
    let writer = try TIFFVolumeWriter(path: path, grid: grid, type: .uint8)
    try writer.write(.uint8([UInt8](repeating: 7, count: 256)), to: Region(whole: grid.shape))
    try writer.finish()
    let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    // Within the pixels, so that the directories of pages 2 to 4 are gone.
    let error = failure(of: try file(Array(whole[..<(whole.count - 500)])))
    expectClear(error, .data, naming: "bad.tif")
    #expect(error?.place?.hasPrefix("page ") == true)
  }

  @Test(arguments: [
    (256, 4, 0), (257, 4, 0), (256, 4, 1 << 30), (257, 4, 1 << 30), (258, 3, 0), (258, 3, 77),
    (277, 3, 60000),
    (273, 4, 1 << 30), (259, 3, 9999), (278, 4, 0xFFFF_FFFF), (339, 3, 6), (339, 3, 9), (262, 3, 999),
  ])
  func nonsenseInOneEntry(tag: Int, type: Int, value: Int) throws {
    var tiff = HandmadeTIFF(pages: 1)
    tiff.extra = [(tag, type, value)]
    let path = try file(tiff.bytes)
    if let error = failure(of: path) { expectClear(error, .data, naming: "bad.tif") }
  }

  @Test(arguments: [5, 7, 8, 32773, 34925, 50000, 4, 34887, 50001, 34661])
  func hugeClaimsAreRefusedBeforeMemoryIsTaken(compression: Int) throws {
    var tiff = HandmadeTIFF(pages: 1)
    let side = 1 << 20
    tiff.extra = [
      (256, 4, side), (257, 4, side), (278, 4, side), (259, 3, compression),
      (258, 3, compression == 4 || compression == 34661 ? 1 : 16),
    ]
    expectClear(failure(of: try file(tiff.bytes)), .data, naming: "bad.tif")
  }

  /// libtiff passes over a predictor where the compression knows none, and would answer differences.
  @Test(arguments: [(32773, 2), (34887, 2), (32773, 3)])
  func predictorsThatNobodyUndoes(compression: Int, predictor: Int) throws {
    var handmade = HandmadeTIFF(pages: 2)
    handmade.extra = [(259, 3, compression), (317, 3, predictor)]
    let path = try file(handmade.bytes)
    let error = #expect(throws: VoxelithError.self) {
      let file = try TIFFFile(path)
      _ = try file.decode(file.pages[1])
    }
    #expect(error?.message.contains("predictor with the compression") == true, "\(error as Any)")
  }

  @Test func pagesUnlikeTheFirstAreNamed() throws {
    var tiff = HandmadeTIFF(pages: 2).bytes
    // Width of the second page, the first entry of the last directory.
    let place = tiff.count - 4 - 9 * 12 + 8
    #expect(tiff[place] == 3)
    tiff[place] = 2
    let error = failure(of: try file(tiff))
    expectClear(error, .data, naming: "bad.tif")
    #expect(error?.place == "page 2 of 2")
    #expect(error?.message.contains("2x2 uint16") == true)
  }

  @Test(.enabled(if: SharedData.isPresent))
  func flippedBytesNeverStopTheProcess() throws {
    let names = [
      "images/seq/seq-1c-8b-lzw-b2d1f4f4.tiff", "images/int8.tif", "images/int16_zstd.tif", "subsubifds.tif",
      "images/fp16_deflate_predictor2.tif", "images/fax3.tif",
    ]
    var samples = try names.compactMap { name -> [UInt8]? in
      let path = SharedData.path("tiff-corpus/tests/" + name)
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    }
    let folderOfCorpus = SharedData.path("tiff-corpus/tests/images")
    for name in try FileManager.default.contentsOfDirectory(atPath: folderOfCorpus).sorted() {
      let path = folderOfCorpus + "/" + name
      guard let data = FileManager.default.contents(atPath: path), (100...6000).contains(data.count) else {
        continue
      }
      samples.append([UInt8](data))
    }
    #expect(samples.count > 10)
    var generator = SeededGenerator(seed: 7, stream: 0)
    for sample in samples {
      for _ in 0..<40 {
        var damaged = sample
        for _ in 0..<(1 + Int(generator.next() % 6)) {
          damaged[Int(generator.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: generator.next())
        }
        let path = try file(damaged)
        for channel in [nil, 0] {
          if let error = failure(of: path, VolumeOpenOptions(channel: channel)) {
            #expect((1...2).contains(error.description.split(separator: "\n").count), "\(error)")
          }
        }
      }
    }
  }
}
