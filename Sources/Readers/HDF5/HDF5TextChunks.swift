import CHDF5
import CHDF5Driver
import Volumetry

/// Checks that the chunks of a small array of texts are as long as the library takes for granted.
///
/// The library copies out of a chunk without asking how long its filters made it.
struct HDF5TextChunks {
  private let dataset: HDF5Dataset
  private let layout: ChunkLayout
  private let pipeline: ChunkPipeline

  /// Texts that are read at once, since the library takes some 6 KB for each of their chunks.
  static let most = 1024

  /// Nil where the array is not cut in chunks; the caller holds the library's lock.
  init?(_ dataset: HDF5Dataset, type: hid_t) {
    guard let chunk = dataset.chunk else { return nil }
    // A text of variable length lies in the file as a length, an address and a number.
    let size = H5Tis_variable_str(type) > 0 ? 8 + Self.addressSize(dataset.handle.id) : H5Tget_size(type)
    guard let layout = ChunkLayout(shape: dataset.shape, chunk: chunk, elementSize: size) else { return nil }
    self.dataset = dataset
    self.layout = layout
    pipeline = ChunkPipeline(steps: dataset.filters.compactMap(\.codec))
  }

  private static func addressSize(_ object: hid_t) -> Int {
    let owner = H5Iget_file_id(object)
    defer { H5Idec_ref(owner) }
    let creation = H5Fget_create_plist(owner)
    defer { H5Pclose(creation) }
    var (address, length) = (0, 0)
    return unsafe H5Pget_sizes(creation, &address, &length) >= 0 ? address : 8
  }

  /// Whether every chunk unpacks to its length; also false where there are too many, too large, or filters that only the library
  /// knows. The caller holds the library's lock.
  func areSound() -> Bool {
    let total = layout.counts.reduce(1, *)
    guard total <= Self.most, layout.bytes <= 16 << 20, pipeline.steps.count == dataset.filters.count else {
      return false
    }
    var target = [UInt8](repeating: 0, count: layout.bytes)
    return (0..<total).allSatisfy { number in
      var rest = number
      var offset = layout.counts.map { _ in hsize_t(0) }
      for axis in offset.indices.reversed() {
        offset[axis] = hsize_t(rest % layout.counts[axis] * layout.chunk[axis])
        rest /= layout.counts[axis]
      }
      return isSound(offset, &target)
    }
  }

  private func isSound(_ offset: [hsize_t], _ target: inout [UInt8]) -> Bool {
    var length: hsize_t = 0
    guard unsafe H5Dget_chunk_storage_size(dataset.handle.id, offset, &length) >= 0 else {
      return HDF5Library.takeMessage().contains("not allocated")
    }
    if length == 0 { return true }
    guard length <= hsize_t(ChunkPipeline.packedLimit(layout.bytes)) else { return false }
    var packed = [UInt8](repeating: 0, count: Int(length))
    var skipped: UInt32 = 0
    guard unsafe H5Dread_chunk(dataset.handle.id, HDF5Library.defaults, offset, &skipped, &packed) >= 0 else {
      _ = HDF5Library.takeMessage()
      return false
    }
    return unsafe packed.withUnsafeBytes { source in
      unsafe target.withUnsafeMutableBytes { room in
        (try? unsafe pipeline.unpack(source, skipping: skipped, into: room)) != nil
      }
    }
  }
}
