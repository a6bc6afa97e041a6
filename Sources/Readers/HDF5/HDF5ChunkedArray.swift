import CHDF5
import CHDF5Driver
import Volumetry

/// The chunks of an array. Their packed bytes are fetched inside the library's lock; they are unpacked outside it, where the
/// steps are ours.
struct HDF5ChunkedArray: ChunkedArray {
  private let dataset: HDF5Dataset
  private let storage: HDF5Storage
  private let type: VoxelType

  init(_ dataset: HDF5Dataset, _ storage: HDF5Storage, type: VoxelType) {
    self.dataset = dataset
    self.storage = storage
    self.type = type
  }

  var layout: ChunkLayout { storage.layout }
  var fill: [UInt8] { storage.fill }
  var owner: ChunkOwner { storage.owner }
  var file: String { dataset.file.path }
  var path: String? { dataset.path }

  var workingBytes: Int {
    let plain = storage.isPlain ? 0 : storage.fileBytes
    return plain + (storage.pipeline?.workingBytes(storage.fileBytes) ?? 3 * storage.fileBytes)
  }

  func load(_ place: [Int], into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) -> Bool {
    guard let packed = try fetch(place) else { return false }
    guard let pipeline = storage.pipeline else {
      unsafe try unpackByLibrary(packed, place, into: target)
      return true
    }
    if storage.isPlain {
      unsafe try unpack(packed, pipeline, place, into: target)
      if storage.isBigEndian { unsafe ByteOrder.swap(target, elementSize: layout.elementSize) }
    } else {
      unsafe try convert(packed, pipeline, place, into: target)
    }
    return true
  }

  private struct Packed {
    var bytes: [UInt8]
    var skipped: UInt32
  }

  /// The packed bytes of a chunk; nil where it was never written.
  private func fetch(_ place: [Int]) throws(VoxelithError) -> Packed? {
    let offset = zip(place, layout.chunk).map { hsize_t($0 * $1) }
    let needed = storage.fileBytes
    let isPacked = !dataset.filters.isEmpty
    return try HDF5Library.exclusively { () throws(VoxelithError) -> Packed? in
      var length: hsize_t = 0
      guard unsafe H5Dget_chunk_storage_size(dataset.handle.id, offset, &length) >= 0 else {
        let cause = HDF5Library.takeMessage()
        // An index that cannot be read is no chunk that was left out.
        guard cause.contains("not allocated") else {
          throw damaged(place, "it cannot be found", cause: cause)
        }
        return nil
      }
      if length == 0 { return nil }
      guard isPacked ? length <= hsize_t(ChunkPipeline.packedLimit(needed)) : length == hsize_t(needed) else {
        throw damaged(place, "it claims \(length) bytes in the file where \(needed) are needed")
      }
      var packed = Packed(bytes: [], skipped: 0)
      var status: herr_t = 0
      // Of chunks without filters the library answers the length that they should have, and reads what the file claims.
      vx_h5_limit_raw(Int(length))
      defer { vx_h5_limit_raw(.max) }
      packed.bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, filled in
        status = unsafe H5Dread_chunk(
          dataset.handle.id, HDF5Library.defaults, offset, &packed.skipped, buffer.baseAddress)
        filled = status >= 0 ? Int(length) : 0
      }
      guard vx_h5_last_raw() == Int(length) else {
        _ = HDF5Library.takeMessage()
        throw damaged(place, "it claims \(vx_h5_last_raw()) bytes in the file where \(length) are needed")
      }
      guard status >= 0 else { throw damaged(place, "it cannot be read", cause: HDF5Library.takeMessage()) }
      return packed
    }
  }

  private func unpack(
    _ packed: Packed, _ pipeline: ChunkPipeline, _ place: [Int], into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    let outcome = unsafe packed.bytes.withUnsafeBytes { source in
      Result { () throws(ChunkPipeline.Fault) in
        unsafe try pipeline.unpack(source, skipping: packed.skipped, into: target)
      }
    }
    if case .failure(let fault) = outcome { throw damaged(place, fault.reason) }
  }

  /// Numbers that memory holds in another way, such as those of three bytes.
  private func convert(
    _ packed: Packed, _ pipeline: ChunkPipeline, _ place: [Int], into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    let elements = layout.bytes / layout.elementSize
    var room = [UInt8](repeating: 0, count: elements * max(storage.fileElementSize, layout.elementSize))
    var failure: VoxelithError?
    unsafe room.withUnsafeMutableBytes { buffer in
      do throws(VoxelithError) {
        unsafe try unpack(packed, pipeline, place, into: .init(rebasing: buffer[..<storage.fileBytes]))
        try HDF5Library.exclusively { () throws(VoxelithError) in
          let from = H5Dget_type(dataset.handle.id)
          let to = HDF5ElementType.make(type)
          defer {
            H5Tclose(from)
            H5Tclose(to)
          }
          try HDF5Library.check(
            unsafe H5Tconvert(from, to, elements, buffer.baseAddress, nil, HDF5Library.defaults), .data,
            "the numbers cannot be converted", file: file, place: path)
        }
        unsafe target.copyMemory(from: .init(rebasing: buffer[..<target.count]))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Filters that are not ours, under the guard of the chunk's length.
  private func unpackByLibrary(
    _ packed: Packed, _ place: [Int], into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    let sides = layout.chunk.map { hsize_t($0) }
    try HDF5Library.exclusively { () throws(VoxelithError) in
      let creation = try HDF5Handle(
        H5Dget_create_plist(dataset.handle.id), .data, "the storage cannot be read", file: file, place: path)
      let from = try HDF5Handle(
        H5Dget_type(dataset.handle.id), .data, "the type cannot be read", file: file, place: path)
      let to = try HDF5Handle(HDF5ElementType.make(type), .internal, "no memory type", file: file)
      let status = unsafe vx_h5_unpack_guarded(
        creation.id, from.id, Int32(sides.count), sides, storage.fileBytes, packed.skipped, packed.bytes,
        packed.bytes.count, to.id, target.baseAddress)
      guard status >= 0 else {
        throw damaged(
          place, "its filters do not unpack it to \(storage.fileBytes) bytes",
          cause: HDF5Library.takeMessage())
      }
    }
  }

  private func damaged(_ place: [Int], _ reason: String, cause: String? = nil) -> VoxelithError {
    VoxelithError(
      .data, "the chunk at \(place) is damaged or the file truncated: \(reason)", file: file, place: path,
      cause: cause)
  }
}
