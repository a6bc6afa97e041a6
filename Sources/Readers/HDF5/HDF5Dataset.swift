import CHDF5
public import Volumetry

/// An array of an HDF5 file.
public final class HDF5Dataset: Sendable {
  public let file: HDF5File
  public let path: String
  /// Lengths of the axes, the last varies fastest; none for a scalar.
  public let shape: [Int]
  /// Whether each axis may become longer.
  let canGrow: [Bool]
  /// Type in which it is read, or nil where it does not hold numbers.
  public let type: VoxelType?
  /// Lengths of the pieces that it is stored in, or nil where it is stored in one.
  public let chunk: [Int]?
  public let filters: [HDF5Filter]
  /// Bytes that the file really holds of it.
  public let storedBytes: Int
  /// Whether it is put together from the datasets of other files.
  public let isVirtual: Bool
  /// What of it no file holds, where it lies in others.
  let sourceGaps: HDF5Gaps?
  /// Chunks that were never written, where the caller takes them as missing.
  let marked = Guarded<HDF5Gaps?>(nil)
  /// Sources of a virtual dataset that are open.
  let pool = HDF5SourcePool()
  /// How its chunks are unpacked; nil where it has none or does not hold numbers.
  let storage: HDF5Storage?
  let handle: HDF5Handle

  /// Takes over an open dataset; the caller holds the library's lock.
  ///
  /// - Throws: `data` where its description is damaged.
  init(file: HDF5File, path: String, handle: consuming HDF5Handle) throws(VoxelithError) {
    let header = try HDF5Header(of: handle.id, file: file.path, path: path)
    self.file = file
    self.path = path
    self.shape = header.shape
    canGrow = header.canGrow
    self.type = header.type
    self.chunk = header.chunk
    self.filters = header.filters
    self.storedBytes = header.storedBytes
    self.isVirtual = header.isVirtual
    self.storage = header.storage
    sourceGaps = try HDF5Sources.look(
      at: HDF5ArrayHead(file: file, path: path, shape: header.shape, type: header.type), handle.id)?.gaps
    self.handle = handle
  }

  /// What of it is missing, and read as NaN.
  var gaps: HDF5Gaps? { sourceGaps ?? marked.withLock { $0 } }

  /// Number of elements, or nil where the product overflows.
  public var count: Int? {
    var total = 1
    for side in shape {
      let (product, overflow) = total.multipliedReportingOverflow(by: side)
      if overflow { return nil }
      total = product
    }
    return total
  }

  /// Value of an attribute, or nil where there is none.
  public func attribute(_ name: String) -> HDF5Value? {
    HDF5Library.exclusively { HDF5Attributes.value(of: handle.id, named: name, file: file.path) }
  }

  public func attributeNames() -> [String] {
    HDF5Library.exclusively { HDF5Attributes.names(of: handle.id) }
  }

  /// The value of a small dataset, text or numbers; nil where it is neither, empty, or above a
  /// million elements.
  public func value() -> HDF5Value? {
    guard let count, count > 0, count <= HDF5Attributes.limit, (try? checkFilters()) != nil else {
      return nil
    }
    if type != nil { return (try? readAll()).map { .numbers($0.doubles()) } }
    return HDF5Library.exclusively { () -> HDF5Value? in
      let type = H5Dget_type(handle.id)
      defer { H5Tclose(type) }
      if isVirtual || chunk != nil && HDF5TextChunks(self, type: type)?.areSound() != true { return nil }
      return unsafe HDF5ValueReader.read(of: handle.id, type: type, count: count) { (memory, buffer) in
        unsafe H5Dread(handle.id, memory, 0, 0, HDF5Library.defaults, buffer)
      }
    }
  }

  func identity() throws(VoxelithError) -> HDF5Identity {
    try HDF5Library.exclusively { () throws(VoxelithError) in
      try HDF5Identity(of: handle.id, file: file.path, place: path)
    }
  }

  /// Shape, type and storage on one line, as lists of candidates show it.
  var summary: String {
    let sides = shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "x")
    return "\(path) (\(sides) \(type?.rawValue ?? "text"))"
  }
}

/// What the header of a dataset says.
struct HDF5Header {
  var shape: [Int] = []
  var canGrow: [Bool] = []
  var type: VoxelType?
  var chunk: [Int]?
  var filters: [HDF5Filter] = []
  var storedBytes = 0
  var isVirtual = false
  var storage: HDF5Storage?

  init(of dataset: hid_t, file: String, path: String) throws(VoxelithError) {
    let space = try HDF5Handle(
      H5Dget_space(dataset), .data, "the shape cannot be read", file: file, place: path)
    let rank = try HDF5Library.check(
      H5Sget_simple_extent_ndims(space.id), .data, "the shape cannot be read", file: file, place: path)
    var sides = [hsize_t](repeating: 0, count: Int(max(1, rank)))
    var limits = sides
    try HDF5Library.check(
      unsafe H5Sget_simple_extent_dims(space.id, &sides, &limits), .data, "the shape cannot be read",
      file: file, place: path)
    for side in sides.prefix(Int(rank)) {
      guard let length = Int(exactly: side) else {
        throw VoxelithError(.data, "an axis of length \(side) is not possible", file: file, place: path)
      }
      shape.append(length)
    }
    guard zip(sides, limits).prefix(Int(rank)).allSatisfy({ $0 <= $1 }) else {
      throw VoxelithError(
        .data, "the array of \(shape) is longer than it may become: the file is damaged", file: file,
        place: path)
    }
    canGrow = zip(sides, limits).prefix(Int(rank)).map { $0 < $1 }
    if H5Sget_simple_extent_type(space.id) == H5S_NULL { (shape, canGrow) = ([0], [false]) }
    let element = try HDF5Handle(
      H5Dget_type(dataset), .data, "the type cannot be read", file: file, place: path)
    type = HDF5ElementType.voxelType(of: element.id)
    let creation = try HDF5Handle(
      H5Dget_create_plist(dataset), .data, "the storage cannot be read", file: file, place: path)
    switch H5Pget_layout(creation.id) {
    case H5D_CHUNKED:
      var lengths = [hsize_t](repeating: 0, count: Int(max(1, rank)))
      try HDF5Library.check(
        unsafe H5Pget_chunk(creation.id, rank, &lengths), .data, "the chunks cannot be read", file: file,
        place: path)
      chunk = lengths.prefix(Int(rank)).map { Int(clamping: $0) }
      // The library never writes a chunk that is longer than its array can become, and reads beyond its
      // memory where a damaged file has one.
      guard zip(lengths, limits).prefix(Int(rank)).allSatisfy({ $0 > 0 && $0 <= max($1, 1) }) else {
        throw VoxelithError(
          .data, "chunks of \(chunk ?? []) do not fit the array of \(shape): the file is damaged", file: file,
          place: path)
      }
      filters = HDF5Filter.all(of: creation.id)
    case H5D_VIRTUAL:
      isVirtual = true
    default: break
    }
    storedBytes = Int(clamping: H5Dget_storage_size(dataset))
    if chunk != nil {
      try checkStorage(of: dataset, elementSize: H5Tget_size(element.id), file: file, path: path)
    }
    if let chunk, let type {
      storage = HDF5Storage(
        of: dataset, creation: creation.id, element: element.id, type: type, shape: shape, chunk: chunk,
        filters: filters)
    }
  }

  /// Looks at what the chunks of an array are said to hold together: the library takes the length of each for the size
  /// of its memory, and of chunks without filters it does not tell their lengths one by one.
  private func checkStorage(
    of dataset: hid_t, elementSize: Int, file: String, path: String
  ) throws(VoxelithError) {
    // Nothing stored is also the answer where the list of chunks cannot be read.
    if storedBytes == 0 {
      let cause = HDF5Library.takeMessage()
      guard cause.isEmpty else {
        throw VoxelithError(
          .data, "the list of chunks cannot be read: the file is truncated or damaged", file: file,
          place: path,
          cause: cause)
      }
      return
    }
    let owner = try HDF5Handle(
      H5Iget_file_id(dataset), .data, "the array has no file", file: file, place: path)
    var size: hsize_t = 0
    try HDF5Library.check(
      unsafe H5Fget_filesize(owner.id, &size), .data, "the length of the file cannot be read", file: file,
      place: path)
    let bytes = (chunk ?? []).reduce(elementSize) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard storedBytes <= size,
      type == nil || !filters.isEmpty || (bytes > 0 && storedBytes.isMultiple(of: bytes))
    else {
      throw VoxelithError(
        .data, "the chunks of \(chunk ?? []) claim \(storedBytes) bytes: the file is damaged", file: file,
        place: path)
    }
  }
}
