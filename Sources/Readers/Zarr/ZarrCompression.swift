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

extension ZarrCompression {
  /// The codecs of a chunk as `zarr.json` names them.
  func codecs(elementSize: Int) -> [ZarrMetadata3.Named] {
    let bytes = ZarrMetadata3.Named("bytes", elementSize > 1 ? ZarrMetadata3.Settings(endian: "little") : nil)
    return switch self {
    case .none: [bytes]
    case .blosc(let level):
      [
        bytes,
        ZarrMetadata3.Named(
          "blosc",
          ZarrMetadata3.Settings(
            cname: "zstd", clevel: level, shuffle: "shuffle", typesize: elementSize, blocksize: 0)),
      ]
    case .zstd(let level):
      [bytes, ZarrMetadata3.Named("zstd", ZarrMetadata3.Settings(level: level, checksum: false))]
    case .gzip(let level): [bytes, ZarrMetadata3.Named("gzip", ZarrMetadata3.Settings(level: level))]
    }
  }

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
