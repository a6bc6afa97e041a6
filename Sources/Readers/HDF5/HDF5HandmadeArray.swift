import CHDF5
package import Volumetry

/// An array whose chunks are written as they are, sound or not, for tests of what reading makes of them.
package final class HDF5HandmadeArray {
  private let file: HDF5Output
  private let path: String
  private let handle: HDF5Handle

  /// - Parameter filters: numbers and settings of the filters; this machine needs not have them.
  package init(
    _ path: String, in file: HDF5Output, type: VoxelType, isBigEndian: Bool, shape: [Int], chunk: [Int],
    filters: [(identifier: Int, settings: [UInt32])]
  ) throws(VoxelithError) {
    self.file = file
    self.path = path
    handle = try file.withHandle { (id) throws(VoxelithError) in
      let properties = try HDF5Handle(
        H5Pcreate(vx_h5_class_dataset_create()), .internal, "no properties", file: file.path)
      try HDF5Library.check(
        unsafe H5Pset_chunk(properties.id, Int32(chunk.count), chunk.map { hsize_t($0) }), .usage,
        "chunks of \(chunk) are not possible", file: file.path)
      for filter in filters {
        try HDF5Library.check(
          unsafe H5Pset_filter(
            properties.id, H5Z_filter_t(filter.identifier), 1, filter.settings.count, filter.settings),
          .usage,
          "the filter \(filter.identifier) is not possible", file: file.path)
      }
      let element = try HDF5Handle(HDF5ElementType.make(type), .internal, "no type", file: file.path)
      if isBigEndian, type.size > 1 { H5Tset_order(element.id, H5T_ORDER_BE) }
      let space = try HDF5Handle(
        unsafe H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), .usage, "no space",
        file: file.path)
      return try HDF5Handle(
        unsafe H5Dcreate2(
          id, path, element.id, space.id, HDF5Library.defaults, properties.id, HDF5Library.defaults), .io,
        "the array cannot be written", file: file.path, place: path)
    }
  }

  /// Puts the bytes of a chunk into the file as they are.
  package func write(
    _ bytes: [UInt8], at place: [Int], chunk: [Int], skipped: UInt32 = 0
  ) throws(VoxelithError) {
    let offset = zip(place, chunk).map { hsize_t($0 * $1) }
    try file.withHandle { (_) throws(VoxelithError) in
      _ = try HDF5Library.check(
        unsafe H5Dwrite_chunk(handle.id, HDF5Library.defaults, skipped, offset, bytes.count, bytes), .io,
        "the chunk cannot be written", file: file.path, place: path)
    }
  }
}
