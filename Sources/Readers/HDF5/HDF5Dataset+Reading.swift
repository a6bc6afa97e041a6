import CHDF5
public import Volumetry

extension HDF5Dataset {
  /// Reads a box in the type that the file stores.
  ///
  /// - Parameters:
  ///   - start: first element along each axis.
  ///   - count: elements along each axis.
  /// - Throws: `usage` where the box lies outside the array, `data` where the array holds no numbers
  ///   or is damaged, `missing` where a filter is not installed.
  public func read(start: [Int], count: [Int]) throws(VoxelithError) -> VoxelBuffer {
    guard let type else {
      throw VoxelithError(.data, "the dataset does not hold numbers", file: file.path, place: path)
    }
    guard start.count == shape.count, count.count == shape.count,
      zip(zip(start, count), shape).allSatisfy({ box, side in
        box.0 >= 0 && box.1 >= 0 && box.0 <= side && box.1 <= side - box.0
      })
    else {
      throw VoxelithError(
        .usage, "the box from \(start) with sides \(count) lies outside the array of \(shape)",
        file: file.path, place: path)
    }
    let total = try plausibleCount(count, type: type)
    try checkFilters()
    return switch type {
    case .uint8: .uint8(try elements(start, count, total, type))
    case .uint16: .uint16(try elements(start, count, total, type))
    case .uint32: .uint32(try elements(start, count, total, type))
    case .uint64: .uint64(try elements(start, count, total, type))
    case .int8: .int8(try elements(start, count, total, type))
    case .int16: .int16(try elements(start, count, total, type))
    case .int32: .int32(try elements(start, count, total, type))
    case .int64: .int64(try elements(start, count, total, type))
    case .float16: .float16(try elements(start, count, total, type))
    case .float32: .float32(try elements(start, count, total, type))
    case .float64: .float64(try elements(start, count, total, type))
    }
  }

  /// The whole array: the special case, for arrays that are known to be small.
  public func readAll() throws(VoxelithError) -> VoxelBuffer {
    try read(start: shape.map { _ in 0 }, count: shape)
  }

  /// The numbers of an array of at most a million elements, such as an axis.
  ///
  /// - Throws: `data` where it is larger or does not hold numbers.
  public func readNumbers() throws(VoxelithError) -> [Double] {
    guard let count, count <= HDF5Attributes.limit else {
      throw VoxelithError(
        .data, "the array of \(shape) is too large for an axis or a parameter", file: file.path, place: path)
    }
    try checkWhole(allowsMissing: false)
    return try readAll().doubles()
  }

  /// - Throws: `missing` at the first filter that this machine does not have, with what to install.
  public func checkFilters() throws(VoxelithError) {
    guard let filter = filters.first(where: { !$0.isAvailable }) else { return }
    throw VoxelithError(
      .missing,
      "the data are packed by the HDF5 filter \(filter.name) (\(filter.identifier)), which is not installed",
      file: file.path, place: path, advice: filter.advice)
  }

  /// Number of elements of a box, checked against what the file can really hold before memory is taken.
  private func plausibleCount(_ count: [Int], type: VoxelType) throws(VoxelithError) -> Int {
    var bytes = type.size
    for side in count {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
      guard !overflow else {
        throw VoxelithError(.data, "a box of \(count) elements is not possible", file: file.path, place: path)
      }
      bytes = product
    }
    let growth = filters.isEmpty ? 64 : 8192
    if bytes > 1 << 28 && !isVirtual && bytes / growth > storedBytes {
      throw VoxelithError(
        .data, "the dataset claims \(bytes) bytes but the file holds \(storedBytes) of it",
        file: file.path, place: path, advice: "the file was not completed or is damaged")
    }
    return bytes / type.size
  }

  private func elements<Element: VoxelElement>(
    _ start: [Int], _ count: [Int], _ total: Int, _ type: VoxelType
  ) throws(VoxelithError) -> [Element] {
    if total == 0 { return [] }
    if let reader = HDF5PackedReader(self, type: type, isNative: try isNative(type)),
      let values = try reader.read(start: start, count: count, as: Element.self)
    {
      return values
    }
    return try HDF5Library.exclusively { () throws(VoxelithError) in
      let memoryType = try HDF5Handle(
        HDF5ElementType.make(type), .internal, "no memory type", file: file.path)
      let fileSpace = try HDF5Handle(
        H5Dget_space(handle.id), .data, "the shape cannot be read", file: file.path, place: path)
      let fileType = try HDF5Handle(
        H5Dget_type(handle.id), .data, "the type cannot be read", file: file.path, place: path)
      var check = HDF5ChunkCheck(self, elementSize: H5Tget_size(fileType.id))
      try check?.check(start: start, count: count)
      // The same rank as in the file: the library walks boxes of unlike rank element by element.
      let memorySides = shape.isEmpty ? [1] : count.map { hsize_t($0) }
      let memorySpace = try unsafe HDF5Handle(
        H5Screate_simple(Int32(memorySides.count), memorySides, nil), .internal, "no memory space",
        file: file.path)
      let boxes = check?.batches(start: start, count: count) ?? [(start, count)]
      var status: herr_t = 0
      let values = unsafe [Element](unsafeUninitializedCapacity: total) { buffer, filled in
        for box in boxes where status >= 0 {
          if !shape.isEmpty {
            let sides = box.count.map { hsize_t($0) }
            let offsets = box.start.map { hsize_t($0) }
            let places = zip(box.start, start).map { hsize_t($0 - $1) }
            guard
              unsafe H5Sselect_hyperslab(fileSpace.id, H5S_SELECT_SET, offsets, nil, sides, nil) >= 0,
              unsafe H5Sselect_hyperslab(memorySpace.id, H5S_SELECT_SET, places, nil, sides, nil) >= 0
            else {
              status = -1
              break
            }
          }
          status = unsafe H5Dread(
            handle.id, memoryType.id, memorySpace.id, fileSpace.id, HDF5Library.defaults, buffer.baseAddress)
        }
        filled = status >= 0 ? total : 0
      }
      try HDF5Library.check(
        status, .data, "the data cannot be read: the file is truncated or damaged", file: file.path,
        place: path)
      return values
    }
  }

  /// Whether the file stores the numbers as memory holds them.
  private func isNative(_ type: VoxelType) throws(VoxelithError) -> Bool {
    if chunk == nil || filters.isEmpty { return false }
    return try HDF5Library.exclusively { () throws(VoxelithError) in
      let memoryType = try HDF5Handle(
        HDF5ElementType.make(type), .internal, "no memory type", file: file.path)
      let fileType = try HDF5Handle(
        H5Dget_type(handle.id), .data, "the type cannot be read", file: file.path, place: path)
      return H5Tequal(memoryType.id, fileType.id) > 0
    }
  }
}
