import CHDF5
import Volumetry

/// What the look at an array's sources needs of it.
struct HDF5ArrayHead {
  let file: HDF5File
  let path: String
  /// The file that the array lies in, where links lead out of the one that was opened.
  var holder: String?
  let shape: [Int]
  let type: VoxelType?

  var count: Int? {
    var total = 1
    for side in shape {
      let (product, overflow) = total.multipliedReportingOverflow(by: side)
      if overflow { return nil }
      total = product
    }
    return total
  }
}

/// The other files in which an array lies: looked at once for each file that is open.
struct HDF5Sources: Sendable {
  var gaps: HDF5Gaps?

  /// Nil for an array that lies in its own file; the caller holds the library's lock.
  ///
  /// - Throws: `data` where sources lead in a circle.
  static func look(at array: HDF5ArrayHead, _ dataset: hid_t) throws(VoxelithError) -> HDF5Sources? {
    var array = array
    array.holder = HDF5File.holder(of: dataset)
    let creation = try HDF5Handle(
      H5Dget_create_plist(dataset), .data, "the storage cannot be read", file: array.file.path,
      place: array.path)
    let isVirtual = H5Pget_layout(creation.id) == H5D_VIRTUAL
    let isExternal =
      !isVirtual && H5Pget_layout(creation.id) == H5D_CONTIGUOUS && H5Pget_external_count(creation.id) > 0
    guard isVirtual || isExternal else { return nil }
    let identity = try HDF5Identity(of: dataset, file: array.file.path, place: array.path)
    if let known = array.file.sources.withLock({ $0[identity] }) { return known }
    let gaps: HDF5Gaps?
    if isVirtual {
      gaps = try HDF5VirtualSources.look(at: array, creation: creation.id)
    } else {
      let element = try HDF5Handle(
        H5Dget_type(dataset), .data, "the type cannot be read", file: array.file.path, place: array.path)
      gaps = HDF5ExternalFiles.look(at: array, creation: creation.id, elementSize: H5Tget_size(element.id))
    }
    let sources = HDF5Sources(gaps: gaps)
    array.file.sources.withLock { $0[identity] = sources }
    return sources
  }
}
