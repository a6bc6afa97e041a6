import CBlosc
import CZstd
import Volumetry

/// How the chunks of a Zarr array are packed.
public enum ZarrCompression: Sendable, Hashable {
  case none
  /// Blosc with Zstandard inside and bytes shuffled by their place in the number: small and fast.
  case blosc(level: Int = 5)
  case zstd(level: Int = 3)
  case gzip(level: Int = 6)
}

/// Packing and unpacking of chunks. Memory is taken for the size that the array's description asks for, never for one
/// that a packed chunk claims.
enum ZarrCodec {
  /// Unpacks a chunk of a known size.
  ///
  /// - Throws: `data` where the codec is not known or the chunk is damaged or of another size.
  static func decode(
    _ raw: [UInt8], by compressor: ZarrMetadata.Compressor?, size: Int, file: String
  ) throws(VoxelithError) -> [UInt8] {
    guard let compressor else {
      guard raw.count == size else { throw damaged(file, "\(raw.count) bytes where \(size) are needed") }
      return raw
    }
    // Zstandard, the best of them, says 128 KiB of equal bytes in four.
    guard size <= 16 << 20 || size / 32_768 <= raw.count else {
      throw damaged(file, "\(raw.count) bytes cannot hold \(size)")
    }
    switch compressor.id {
    case "blosc": return try blosc(raw, size: size, file: file)
    case "zstd": return try zstd(raw, size: size, file: file)
    case "gzip": return try inflated(raw, from: .gzip, size: size, file: file)
    case "zlib": return try inflated(raw, from: .zlib, size: size, file: file)
    default:
      throw VoxelithError(
        .data, "chunks packed by '\(compressor.id.prefix(20))' are not supported", file: file,
        advice: "supported: blosc, zstd, gzip, zlib and none")
    }
  }

  private static func damaged(_ file: String, _ what: String) -> VoxelithError {
    VoxelithError(.data, "the chunk is damaged: \(what)", file: file)
  }

  /// Unpacks into an array of `size` bytes; `body` answers how many bytes it wrote, or nil.
  private static func unpacked(
    _ raw: [UInt8], size: Int, file: String,
    _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Int?
  ) throws(VoxelithError) -> [UInt8] {
    var count: Int?
    let result = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      count = unsafe raw.withUnsafeBytes { source in
        unsafe body(source, UnsafeMutableRawBufferPointer(target))
      }
      filled = count == size ? size : 0
    }
    guard count == size else { throw damaged(file, "it does not unpack to \(size) bytes") }
    return result
  }

  private static func blosc(_ raw: [UInt8], size: Int, file: String) throws(VoxelithError) -> [UInt8] {
    var claimed = 0
    let isSound = unsafe raw.withUnsafeBytes { bytes in
      unsafe blosc_cbuffer_validate(bytes.baseAddress, bytes.count, &claimed) == 0
    }
    guard isSound, claimed == size else { throw damaged(file, "it is no Blosc buffer of \(size) bytes") }
    return try unsafe unpacked(raw, size: size, file: file) { (source, target) in
      let count = unsafe blosc_decompress_ctx(source.baseAddress, target.baseAddress, target.count, 1)
      return count < 0 ? nil : Int(count)
    }
  }

  private static func zstd(_ raw: [UInt8], size: Int, file: String) throws(VoxelithError) -> [UInt8] {
    try unsafe unpacked(raw, size: size, file: file) { (source, target) in
      let claimed = unsafe ZSTD_getFrameContentSize(source.baseAddress, source.count)
      guard claimed != vx_zstd_size_error(), claimed == vx_zstd_size_unknown() || claimed <= UInt64(size)
      else {
        return nil
      }
      let count = unsafe ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
      return ZSTD_isError(count) == 0 ? count : nil
    }
  }

  private static func inflated(
    _ raw: [UInt8], from wrapper: DeflateWrapper, size: Int, file: String
  ) throws(VoxelithError) -> [UInt8] {
    try unsafe unpacked(raw, size: size, file: file) { (source, target) in
      unsafe Inflater().unpack(source, into: target, from: wrapper) ? target.count : nil
    }
  }
}

extension ZarrCompression {
  /// How `.zarray` names it.
  var compressor: ZarrMetadata.Compressor? {
    switch self {
    case .none: nil
    case .blosc(let level):
      ZarrMetadata.Compressor(id: "blosc", cname: "zstd", clevel: level, shuffle: 1, blocksize: 0)
    case .zstd(let level): ZarrMetadata.Compressor(id: "zstd", level: level)
    case .gzip(let level): ZarrMetadata.Compressor(id: "gzip", level: level)
    }
  }

  /// Packs a chunk; the same bytes and level give the same result on any number of threads.
  func encode(_ bytes: [UInt8], elementSize: Int, file: String) throws(VoxelithError) -> [UInt8] {
    let capacity: Int =
      switch self {
      case .none: 0
      case .blosc: bytes.count + Int(BLOSC_MAX_OVERHEAD)
      case .zstd: ZSTD_compressBound(bytes.count)
      case .gzip(let level): Deflater(level: level).bound(bytes.count)
      }
    if self == .none { return bytes }
    let result = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, filled in
      filled = unsafe bytes.withUnsafeBytes { source in
        unsafe max(0, pack(source, UnsafeMutableRawBufferPointer(target), elementSize: elementSize))
      }
    }
    guard !result.isEmpty else { throw VoxelithError(.internal, "a chunk cannot be packed", file: file) }
    return result
  }

  private func pack(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, elementSize: Int
  ) -> Int {
    switch self {
    case .none: return -1
    case .blosc(let level):
      return Int(
        unsafe blosc_compress_ctx(
          Int32(clamping: level), 1, elementSize, source.count, source.baseAddress, target.baseAddress,
          target.count, "zstd", 0, 1))
    case .zstd(let level):
      let count = unsafe ZSTD_compress(
        target.baseAddress, target.count, source.baseAddress, source.count, Int32(clamping: level))
      return ZSTD_isError(count) == 0 ? count : -1
    case .gzip(let level):
      return unsafe Deflater(level: level).pack(source, into: target) ?? -1
    }
  }
}
