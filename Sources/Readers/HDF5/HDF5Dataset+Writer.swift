import CHDF5
import CHDF5Driver
import Volumetry

extension HDF5Dataset {
  /// Whether the writer of the file has not closed it: it is still writing, or was killed.
  public var isLeftOpen: Bool { HDF5Library.exclusively { vx_h5_is_left_open(handle.id) != 0 } }

  /// How far an array has come whose file is still being written or was left open by a writer that was killed, or of which
  /// chunks were never written; nil for an array that is whole.
  public var writingNotice: String? {
    guard isLeftOpen else { return unwrittenNotice }
    let state = "\(file.path): the file is still being written, or its writer was stopped before it closed it"
    guard let written = writtenLength, let whole = shape.first else { return state }
    return written == whole
      ? "\(state); all \(whole) slices of \(path) along its first axis are there"
      : "\(state); \(written) of \(whole) slices of \(path) along its first axis are written, the others hold nothing and read as its fill value"
  }

  /// How many chunks of a closed file were never written, as after a scan that was stopped.
  private var unwrittenNotice: String? {
    guard let (missing, total) = unwrittenCount else { return missingNotice }
    let reading = gaps?.unwritten == nil ? "read as its fill value" : "are missing"
    return "\(file.path): \(missing) of \(total) chunks of \(path) were never written and \(reading)"
  }

  /// How much of an array lies in no file, where the caller took that as missing.
  private var missingNotice: String? {
    guard gaps != nil, missingCount > 0, let count else { return nil }
    return "\(file.path): \(missingCount) of \(count) numbers of \(path) lie in no file and are missing (NaN)"
  }

  /// Elements along the first axis up to the last chunk that was written; nil where the array is not cut in chunks.
  private var writtenLength: Int? {
    guard let storage, let side = shape.first, !shape.contains(0) else { return nil }
    let counts = storage.layout.counts
    return HDF5Library.exclusively { () -> Int? in
      for layer in (0..<counts[0]).reversed() {
        // Writers go on along the first axis: of the layer that is being written some chunks are there.
        for number in 0..<min(4096, counts.dropFirst().reduce(1, *)) {
          var rest = number
          var offset = counts.map { _ in hsize_t(0) }
          for axis in counts.indices.dropFirst().reversed() {
            offset[axis] = hsize_t(rest % counts[axis] * storage.layout.chunk[axis])
            rest /= counts[axis]
          }
          offset[0] = hsize_t(layer * storage.layout.chunk[0])
          var length: hsize_t = 0
          if unsafe H5Dget_chunk_storage_size(handle.id, offset, &length) >= 0, length > 0 {
            return min(side, (layer + 1) * storage.layout.chunk[0])
          }
          _ = HDF5Library.takeMessage()
        }
      }
      return 0
    }
  }
}
