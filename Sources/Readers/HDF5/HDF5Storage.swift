import CHDF5
import Volumetry

/// How the numbers of an array lie in its chunks.
struct HDF5Storage: Sendable {
  let layout: ChunkLayout
  /// Bytes of an element in the file, which is not that of `layout` where numbers are widened.
  let fileElementSize: Int
  /// Whether an element has the same bits in memory, but for their order.
  let isPlain: Bool
  let isBigEndian: Bool
  /// Our own steps to unpack a chunk; nil where the library has to.
  let pipeline: ChunkPipeline?
  let fill: [UInt8]
  let owner = ChunkOwner()

  /// Nil where the array is not cut in chunks of numbers; the caller holds the library's lock.
  init?(
    of dataset: hid_t, creation: hid_t, element: hid_t, type: VoxelType, shape: [Int], chunk: [Int],
    filters: [HDF5Filter]
  ) {
    let size = H5Tget_size(element)
    guard size > 0, let layout = ChunkLayout(shape: shape, chunk: chunk, elementSize: type.size) else {
      return nil
    }
    self.layout = layout
    fileElementSize = size
    (isPlain, isBigEndian) = Self.order(of: element, as: type)
    let codecs = filters.map(\.codec)
    pipeline = codecs.contains(nil) ? nil : ChunkPipeline(steps: codecs.compactMap { $0 })
    fill = Self.fillValue(creation, type)
  }

  /// Bytes of a chunk as its filters leave it.
  var fileBytes: Int { layout.bytes / layout.elementSize * fileElementSize }

  /// Whether a type of the file is the machine's own, or that with its bytes turned.
  static func order(of element: hid_t, as type: VoxelType) -> (isPlain: Bool, isBigEndian: Bool) {
    let base = H5Tget_class(element) == H5T_ENUM ? H5Tget_super(element) : H5Tcopy(element)
    let native = HDF5ElementType.make(type)
    defer {
      H5Tclose(base)
      H5Tclose(native)
    }
    guard base >= 0, native >= 0 else { return (false, false) }
    if H5Tequal(base, native) > 0 { return (true, false) }
    guard type.size > 1, H5Tset_order(native, H5T_ORDER_BE) >= 0, H5Tequal(base, native) > 0 else {
      _ = HDF5Library.takeMessage()
      return (false, false)
    }
    return (true, true)
  }

  static func fillValue(_ creation: hid_t, _ type: VoxelType) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: type.size)
    var state = H5D_FILL_VALUE_UNDEFINED
    guard unsafe H5Pfill_value_defined(creation, &state) >= 0, state != H5D_FILL_VALUE_UNDEFINED else {
      _ = HDF5Library.takeMessage()
      return bytes
    }
    let native = HDF5ElementType.make(type)
    defer { H5Tclose(native) }
    let status = unsafe bytes.withUnsafeMutableBytes {
      unsafe H5Pget_fill_value(creation, native, $0.baseAddress)
    }
    if status < 0 {
      _ = HDF5Library.takeMessage()
      return [UInt8](repeating: 0, count: type.size)
    }
    return bytes
  }
}
