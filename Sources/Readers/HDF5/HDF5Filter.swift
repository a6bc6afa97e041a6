import CHDF5

/// A step that a dataset's chunks went through when they were written, such as a compression.
public struct HDF5Filter: Sendable, Hashable, Codable {
  /// Number in the register of the HDF Group.
  public let identifier: Int
  public let name: String
  /// Whether this machine can undo it.
  public let isAvailable: Bool
  /// What the writer told the filter, such as the size of an element.
  var settings: [UInt32] = []

  enum CodingKeys: String, CodingKey {
    case identifier, name
    case isAvailable = "available"
  }

  public init(identifier: Int, name: String, isAvailable: Bool) {
    self.identifier = identifier
    self.name = name
    self.isAvailable = isAvailable
  }

  /// What to install where the filter is missing.
  public var advice: String {
    switch identifier {
    case 307: "install the HDF5 filter BZip2, on Debian: apt install hdf5-filter-plugin"
    case 32013: "install the HDF5 filter ZFP, on Debian: apt install hdf5-filter-plugin-zfp-serial"
    default: "install a plugin for HDF5 filter \(identifier), or name its folder in HDF5_PLUGIN_PATH"
    }
  }

  /// The filters of a dataset's creation properties; the caller holds the library's lock.
  static func all(of creation: hid_t) -> [HDF5Filter] {
    let count = H5Pget_nfilters(creation)
    guard count > 0 else { return [] }
    return (0..<UInt32(count)).map { index in
      var name = [CChar](repeating: 0, count: 64)
      var settings = [UInt32](repeating: 0, count: 64)
      var used = settings.count
      let identifier = unsafe Int(vx_h5_filter(creation, index, &name, name.count, &settings, &used))
      settings.removeLast(settings.count - min(used, settings.count))
      let isOurs = codec(identifier, settings) != nil
      let known = isOurs || H5Zfilter_avail(H5Z_filter_t(identifier)) > 0
      if !known { _ = HDF5Library.takeMessage() }
      // Some plugins write an address behind their name.
      let bytes = name.prefix { $0 != 0 && $0 != 0x3B }.map { UInt8(bitPattern: $0) }
      var filter = HDF5Filter(
        identifier: identifier, name: bytes.isEmpty ? "filter \(identifier)" : FileText.decode(bytes),
        isAvailable: known)
      filter.settings = settings
      return filter
    }
  }

  /// How we undo the filter ourselves; nil where the library or a plugin has to.
  var codec: ChunkCodec? { Self.codec(identifier, settings) }

  private static func codec(_ identifier: Int, _ settings: [UInt32]) -> ChunkCodec? {
    func setting(_ index: Int) -> Int { index < settings.count ? Int(settings[index]) : 0 }
    switch identifier {
    case 1: return .deflate(.zlib)
    case 2: return .shuffle(elementSize: max(1, setting(0)))
    case 3: return .fletcher32
    case 32000: return .lzf
    case 32001: return .blosc
    case 32004: return .lz4
    case 32015: return .zstd
    case 32008:
      let packings: [Int: Bitshuffle.Packing] = [0: .none, 2: .lz4, 3: .zstd]
      guard setting(2) > 0, let packing = packings[setting(4)] else { return nil }
      return .bitshuffle(Bitshuffle(elementSize: setting(2), blockElements: setting(3), packing: packing))
    default: return nil
    }
  }
}
