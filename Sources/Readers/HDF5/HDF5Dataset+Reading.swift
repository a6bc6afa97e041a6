import CHDF5
import CHDF5Driver
import Glibc
public import Volumetry

extension HDF5Dataset {
  /// Reads a box in the type that the file stores.
  ///
  /// - Parameters:
  ///   - start: first element along each axis.
  ///   - count: elements along each axis.
  ///   - threads: on which chunks are unpacked at once.
  /// - Throws: `usage` where the box lies outside the array, `data` where the array holds no numbers
  ///   or is damaged, `missing` where a filter is not installed.
  public func read(
    start: [Int], count: [Int], threads: Int = 1
  ) throws(VoxelithError) -> VoxelBuffer {
    guard let type else {
      throw VoxelithError(.data, "the dataset does not hold numbers", file: file.path, place: path)
    }
    guard isWithin(start, count) else {
      throw VoxelithError(
        .usage, "the box from \(start) with sides \(count) lies outside the array of \(shape)",
        file: file.path, place: path)
    }
    let total = try plausibleCount(count, type: type)
    try checkFilters()
    if total == 0 { return try VoxelBuffer.filled(type, count: 0) { _ in } }
    return try VoxelBuffer.filled(type, count: total) { (bytes) throws(VoxelithError) in
      try fill(bytes, start: start, count: count, type: type, threads: threads)
    }
  }

  /// Reads a box of numbers of at most four bytes in single precision into memory that is used again and again.
  ///
  /// - Returns: false where the array is not of that kind, or has parts that no file holds.
  package func readFloats(
    start: [Int], count: [Int], into values: inout [Float]
  ) throws(VoxelithError) -> Bool {
    guard let type, type.size <= 4, gaps == nil, isWithin(start, count) else { return false }
    let total = try plausibleCount(count, type: type)
    try checkFilters()
    try values.fillByConverting(type, count: total) { (bytes) throws(VoxelithError) in
      try fill(bytes, start: start, count: count, type: type, threads: 1)
    }
    return true
  }

  private func isWithin(_ start: [Int], _ count: [Int]) -> Bool {
    start.count == shape.count && count.count == shape.count
      && zip(zip(start, count), shape).allSatisfy { box, side in
        box.0 >= 0 && box.1 >= 0 && box.0 <= side && box.1 <= side - box.0
      }
  }

  private func fill(
    _ bytes: DisjointBytes, start: [Int], count: [Int], type: VoxelType, threads: Int
  ) throws(VoxelithError) {
    if let storage {
      try ChunkReader(array: HDF5ChunkedArray(self, storage, type: type)).read(
        start: start, count: count, threads: threads, into: bytes)
    } else if isVirtual,
      try fillFromSources(bytes, start: start, count: count, type: type, threads: threads)
    {
      return
    } else if let direct = directReader(type) {
      try direct.read(start: start, count: count, threads: threads, into: bytes)
    } else {
      unsafe try bytes.withPiece(0..<bytes.count) { (target) throws(VoxelithError) in
        unsafe try readByLibrary(start, count, type, into: target)
      }
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

  /// The array where it lies in one piece of the file, in a form that needs no conversion.
  private func directReader(_ type: VoxelType) -> BoxReader? {
    HDF5Library.exclusively { () -> BoxReader? in
      let offset = H5Dget_offset(handle.id)
      let descriptor = vx_h5_descriptor(handle.id)
      let element = H5Dget_type(handle.id)
      defer { H5Tclose(element) }
      let order = HDF5Storage.order(of: element, as: type)
      _ = HDF5Library.takeMessage()
      guard vx_h5_is_undefined(offset) == 0, descriptor >= 0, order.isPlain, !shape.isEmpty,
        let start = Int(exactly: offset), let input = try? InputFile(sharing: descriptor, path: file.path)
      else { return nil }
      return BoxReader(
        file: input, shape: shape, elementSize: type.size, offset: start, swapsBytes: order.isBigEndian)
    }
  }

  /// Compact, external and virtual storage, and numbers that need converting.
  private func readByLibrary(
    _ start: [Int], _ count: [Int], _ type: VoxelType, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    try HDF5Library.exclusively { () throws(VoxelithError) in
      let memoryType = try HDF5Handle(
        HDF5ElementType.make(type), .internal, "no memory type", file: file.path)
      let fileSpace = try HDF5Handle(
        H5Dget_space(handle.id), .data, "the shape cannot be read", file: file.path, place: path)
      // The same rank as in the file: the library walks boxes of unlike rank element by element.
      let sides = shape.isEmpty ? [1] : count.map { hsize_t($0) }
      let memorySpace = try unsafe HDF5Handle(
        H5Screate_simple(Int32(sides.count), sides, nil), .internal, "no memory space", file: file.path)
      var status: herr_t = 0
      if !shape.isEmpty {
        let offsets = start.map { hsize_t($0) }
        status = unsafe H5Sselect_hyperslab(fileSpace.id, H5S_SELECT_SET, offsets, nil, sides, nil)
      }
      if status >= 0 {
        status = unsafe H5Dread(
          handle.id, memoryType.id, memorySpace.id, fileSpace.id, HDF5Library.defaults, target.baseAddress)
      }
      try HDF5Library.check(
        status, .data, "the data cannot be read: the file is truncated or damaged", file: file.path,
        place: path)
    }
  }
}
