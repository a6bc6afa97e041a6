import Foundation
import Readers
import TestSupport
import Testing
import Volumetry

/// One line of the manifest of the corpus: what an independent decoder made of page 0.
private struct CorpusEntry: CustomTestStringConvertible {
  let path: String
  /// First 16 digits of the SHA-256 of the pixels; empty where the decoder failed.
  let hash: String
  let type: String
  let shape: [Int]

  var testDescription: String { path }

  static let all: [CorpusEntry] = {
    guard SharedData.isPresent,
      let text = try? String(contentsOfFile: SharedData.path("tiff-corpus/manifest.tsv"), encoding: .utf8)
    else { return [] }
    let lines = text.split(separator: "\n")
    let names = lines[0].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    return lines.dropFirst().map { line in
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      func cell(_ name: String) -> String {
        names.firstIndex(of: name).flatMap { $0 < cells.count ? cells[$0] : nil } ?? ""
      }
      let sides = cell("ndim_shape").filter { !"() ".contains($0) }
      return CorpusEntry(
        path: cell("path"), hash: cell("sha256_pixels_tifffile"), type: cell("dtype"),
        shape: sides.split(separator: ",").compactMap { Int($0) })
    }
  }()
}

/// Every file of the corpus gives the data of the manifest or one clear error.
@Suite("TIFF conformance", .enabled(if: SharedData.isPresent), .timeLimit(.minutes(15)))
struct TIFFConformanceTests {
  /// Files that the independent decoder answers for and we refuse, each with the reason.
  private static let refused = [
    // The decoder gave an empty array; the directory is nonsense.
    "fuzz_images/oor_panic/colormap-shl-overflow.tiff": "first page",
    // TIFF 6.0 has no predictor without compression, and libtiff passes over it.
    "images/hpredict-1c-12b.tiff": "predictor",
  ]

  /// Pixels of page 0 against the manifest, for every layout of samples, through the all-samples path.
  @Test func everyFileEndsInDataOrOneError() throws {
    #expect(CorpusEntry.all.count == 202)
    var (equal, refused, beyond, failed) = (0, 0, 0, 0)
    for entry in CorpusEntry.all {
      do throws(VoxelithError) {
        let file = try TIFFFile(SharedData.path(entry.path))
        let samples = try file.decode(file.pages[0])
        if entry.hash.isEmpty {
          beyond += 1
          continue
        }
        #expect(samples.shape == entry.shape, "\(entry.path)")
        let hash = SHA256.hexDigest(samples.values.rawBytes).prefix(16)
        #expect(hash == entry.hash, "\(entry.path)")
        if hash == entry.hash { equal += 1 }
      } catch {
        expectClear(error, .data, naming: entry.path)
        if entry.hash.isEmpty {
          failed += 1
          continue
        }
        refused += 1
        let reason = Self.refused[String(entry.path.dropFirst("tiff-corpus/tests/".count))]
        #expect(reason.map { error.message.contains($0) } == true, "\(error)")
      }
    }
    print(
      "TIFF corpus: \(equal) equal, \(beyond) decoded beyond the manifest, \(refused + failed) clear errors")
    #expect(equal == 189)
    #expect(refused == Self.refused.count)
    #expect(equal + beyond + refused + failed == 202)
  }

  /// Every file as a volume: voxels or one clear error, whole and in a box, and nothing on stderr.
  @Test func everyFileOpensAsVolumeOrSaysWhyNot() throws {
    let folder = try TemporaryFolder()
    let log = folder.file("stderr")
    try writeBytes([], to: log)
    let kept = dup(2)
    let descriptor = unsafe open(log, O_WRONLY | O_APPEND)
    dup2(descriptor, 2)
    var readable = 0
    for entry in CorpusEntry.all {
      let path = SharedData.path(entry.path)
      for channel in [nil, 0] {
        do throws(VoxelithError) {
          let source = try VolumeFile.open(path, options: VolumeOpenOptions(channel: channel))
          let whole = try source.readAll()
          #expect(whole.count == source.grid.shape.count)
          let shape = source.grid.shape
          let corner = Region(
            lower: Shape(z: shape.z - 1, y: shape.y / 2, x: shape.x / 2),
            shape: Shape(z: 1, y: shape.y - shape.y / 2, x: shape.x - shape.x / 2))
          let box = try source.read(corner).doubles()
          let all = whole.doubles()
          let first = all[shape.index(z: shape.z - 1, y: shape.y / 2, x: shape.x / 2)]
          #expect(box[0] == first || box[0].isNaN && first.isNaN, "\(entry.path)")
          #expect(box.last == all.last || all.last?.isNaN == true, "\(entry.path)")
          readable += 1
        } catch {
          expectClear(error, .data, naming: entry.path)
        }
      }
    }
    dup2(kept, 2)
    close(kept)
    close(descriptor)
    #expect(readable > 150)
    let noise = try String(contentsOfFile: log, encoding: .utf8)
    let ours = noise.split(separator: "\n").filter {
      $0.contains("tiff-corpus/tests") || $0.hasPrefix("TIFF")
    }
    #expect(ours.isEmpty)
  }
}

extension VoxelBuffer {
  /// The bytes of the values, low byte first.
  var rawBytes: [UInt8] {
    func bytes<Value: BitwiseCopyable>(_ values: [Value]) -> [UInt8] {
      unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
    }
    return switch self {
    case .uint8(let values): values
    case .uint16(let values): bytes(values)
    case .uint32(let values): bytes(values)
    case .uint64(let values): bytes(values)
    case .int8(let values): bytes(values)
    case .int16(let values): bytes(values)
    case .int32(let values): bytes(values)
    case .int64(let values): bytes(values)
    case .float16(let values): bytes(values)
    case .float32(let values): bytes(values)
    case .float64(let values): bytes(values)
    }
  }
}
