import CHDF5
package import Volumetry

/// How chunks are packed when they are written.
package enum HDF5Packing: Sendable, Hashable {
  case none
  /// Byte shuffle and Deflate of a level from 1 to 9, which every HDF5 library can undo.
  case deflate(level: Int)
  /// A filter of the HDF Group's register with its settings; needs its plugin.
  case filter(identifier: Int, settings: [UInt32], isOptional: Bool)
}

/// An array that is written box by box.
package final class HDF5OutputArray {
  package let path: String
  private let file: HDF5Output
  private let type: VoxelType
  private let shape: [Int]
  private var handle: HDF5Handle?

  package init(
    _ path: String, in file: HDF5Output, type: VoxelType, shape: [Int], chunk: [Int]?,
    packing: HDF5Packing = .none
  ) throws(VoxelithError) {
    self.path = path
    self.file = file
    self.type = type
    self.shape = shape
    handle = try file.withHandle { (id) throws(VoxelithError) in
      let properties = try HDF5Handle(
        H5Pcreate(vx_h5_class_dataset_create()), .internal, "no properties", file: file.path)
      if let chunk {
        let sides = chunk.map { hsize_t($0) }
        try HDF5Library.check(
          unsafe H5Pset_chunk(properties.id, Int32(sides.count), sides), .usage,
          "chunks of \(chunk) are not possible", file: file.path, place: path)
        try Self.pack(packing, properties.id, file: file.path)
      }
      H5Pset_fill_time(properties.id, H5D_FILL_TIME_IFSET)
      H5Pset_obj_track_times(properties.id, false)
      let access = try HDF5Handle(
        H5Pcreate(vx_h5_class_dataset_access()), .internal, "no access list", file: file.path)
      H5Pset_chunk_cache(access.id, 4099, 16 << 20, 1)
      let element = try HDF5Handle(HDF5ElementType.make(type), .internal, "no type", file: file.path)
      let sides = shape.map { hsize_t($0) }
      let space = try HDF5Handle(
        unsafe H5Screate_simple(Int32(sides.count), sides, nil), .usage,
        "an array of \(shape) is not possible",
        file: file.path, place: path)
      return try HDF5Handle(
        unsafe H5Dcreate2(id, path, element.id, space.id, HDF5Library.defaults, properties.id, access.id),
        .io,
        "the array cannot be written", file: file.path, place: path)
    }
  }

  private static func pack(
    _ packing: HDF5Packing, _ properties: hid_t, file: String
  ) throws(VoxelithError) {
    switch packing {
    case .none: return
    case .deflate(let level):
      guard (1...9).contains(level) else {
        throw VoxelithError(.usage, "the Deflate level \(level) is not from 1 to 9", file: file)
      }
      H5Pset_shuffle(properties)
      H5Pset_deflate(properties, UInt32(level))
    case .filter(let identifier, let settings, let isOptional):
      try HDF5Library.check(
        unsafe H5Pset_filter(
          properties, H5Z_filter_t(identifier), isOptional ? 1 : 0, settings.count, settings), .missing,
        "the HDF5 filter \(identifier) is not installed", file: file)
    }
  }

  /// Writes a box, the last axis fastest.
  ///
  /// - Throws: `internal` where the elements do not fill the box or have another type, `io` where the
  ///   disk does not take them.
  package func write(
    _ buffer: VoxelBuffer, start: [Int], count: [Int]
  ) throws(VoxelithError) {
    guard buffer.type == type, buffer.count == count.reduce(1, *) else {
      throw VoxelithError(
        .internal, "\(buffer.count) values of \(buffer.type) for a box of \(count) of \(type)",
        file: file.path, place: path)
    }
    switch buffer {
    case .uint8(let values): try put(values, start, count)
    case .uint16(let values): try put(values, start, count)
    case .uint32(let values): try put(values, start, count)
    case .uint64(let values): try put(values, start, count)
    case .int8(let values): try put(values, start, count)
    case .int16(let values): try put(values, start, count)
    case .int32(let values): try put(values, start, count)
    case .int64(let values): try put(values, start, count)
    case .float16(let values): try put(values, start, count)
    case .float32(let values): try put(values, start, count)
    case .float64(let values): try put(values, start, count)
    }
  }

  /// Lets go of the array; a file is complete only when all of its arrays are let go of.
  package func close() { handle = nil }

  private func put<Element: VoxelElement>(
    _ values: [Element], _ start: [Int], _ count: [Int]
  ) throws(VoxelithError) {
    if values.isEmpty { return }
    let target: hid_t =
      switch handle {
      case .some(let open): open.id
      case .none: -1
      }
    try file.withHandle { (_) throws(VoxelithError) in
      let element = try HDF5Handle(HDF5ElementType.make(type), .internal, "no type", file: file.path)
      let space = try HDF5Handle(
        H5Dget_space(target), .internal, "no space", file: file.path, place: path)
      let offsets = start.map { hsize_t($0) }
      let sides = count.map { hsize_t($0) }
      try HDF5Library.check(
        unsafe H5Sselect_hyperslab(space.id, H5S_SELECT_SET, offsets, nil, sides, nil), .internal,
        "the box cannot be selected", file: file.path, place: path)
      let memory = try unsafe HDF5Handle(
        H5Screate_simple(Int32(sides.count), sides, nil), .internal, "no memory space", file: file.path)
      let status = unsafe values.withUnsafeBytes { bytes in
        unsafe H5Dwrite(target, element.id, memory.id, space.id, HDF5Library.defaults, bytes.baseAddress)
      }
      try HDF5Library.check(
        status, .io, "the data cannot be written: is the disk full?", file: file.path, place: path)
    }
  }
}
