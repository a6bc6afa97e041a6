import CHDF5
import Volumetry

extension HDF5Dataset {
  /// Chunks above which nobody looks at each.
  private static let most = 1 << 20

  /// How many chunks the file holds; nil where it has none or they cannot be counted.
  private func writtenCount() -> Int? {
    guard storage != nil, !shape.contains(0) else { return nil }
    return HDF5Library.exclusively { () -> Int? in
      let space = H5Dget_space(handle.id)
      defer { H5Sclose(space) }
      var count: hsize_t = 0
      guard space >= 0, unsafe H5Dget_num_chunks(handle.id, space, &count) >= 0 else {
        _ = HDF5Library.takeMessage()
        return nil
      }
      return Int(clamping: count)
    }
  }

  /// How many chunks were never written, and of how many.
  var unwrittenCount: (missing: Int, total: Int)? {
    guard let storage, let written = writtenCount() else { return nil }
    let total = storage.layout.counts.reduce(1, *)
    return written < total ? (total - written, total) : nil
  }

  /// Whether an array in one piece has no place in the file, since nothing was ever written of it.
  private var isBare: Bool {
    // Parameters and axes that nobody set are left to those who read them.
    guard storage == nil, shape.count > 1, !shape.contains(0) else { return false }
    return HDF5Library.exclusively {
      let creation = H5Dget_create_plist(handle.id)
      defer { H5Pclose(creation) }
      guard creation >= 0, H5Pget_layout(creation) == H5D_CONTIGUOUS,
        H5Pget_external_count(creation) == 0
      else {
        _ = HDF5Library.takeMessage()
        return false
      }
      var status = H5D_SPACE_STATUS_ERROR
      guard unsafe H5Dget_space_status(handle.id, &status) >= 0 else {
        _ = HDF5Library.takeMessage()
        return false
      }
      return status == H5D_SPACE_STATUS_NOT_ALLOCATED
    }
  }

  /// The chunks that were never written as parts that no file holds, or all of an array of which nothing was; nil where all
  /// were.
  func unwrittenGaps() throws(VoxelithError) -> HDF5Gaps? {
    if isBare {
      var gaps = HDF5Gaps(
        problem: VoxelithError(
          .data, "nothing was ever written of the array: the scan or the program was stopped",
          file: file.path, place: path))
      gaps.missing = [(shape.map { _ in 0 }, shape)]
      return gaps
    }
    guard let storage, let (missing, total) = unwrittenCount else { return nil }
    var gaps = HDF5Gaps(
      problem: VoxelithError(
        .data,
        "\(missing) of \(total) chunks of the array were never written: the scan or the program was stopped",
        file: file.path, place: path))
    guard total <= Self.most else {
      gaps.isBounded = false
      return gaps
    }
    gaps.unwritten = try UnwrittenChunks(storage.layout) { (place) throws(VoxelithError) in
      let offset = zip(place, storage.layout.chunk).map { hsize_t($0 * $1) }
      return HDF5Library.exclusively {
        var length: hsize_t = 0
        if unsafe H5Dget_chunk_storage_size(handle.id, offset, &length) >= 0 { return length > 0 }
        // An index that cannot be read is no chunk that was left out: reading will say so.
        return !HDF5Library.takeMessage().contains("not allocated")
      }
    }
    return gaps
  }

  /// Whether whoever made the array chose what is read where nothing was written.
  var hasOwnFill: Bool {
    HDF5Library.exclusively {
      let creation = H5Dget_create_plist(handle.id)
      defer { H5Pclose(creation) }
      var state = H5D_FILL_VALUE_UNDEFINED
      guard creation >= 0, unsafe H5Pfill_value_defined(creation, &state) >= 0 else {
        _ = HDF5Library.takeMessage()
        return false
      }
      return state == H5D_FILL_VALUE_USER_DEFINED
    }
  }
}
