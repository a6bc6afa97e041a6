import CHDF5

/// A step that a dataset's chunks went through when they were written, such as a compression.
public struct HDF5Filter: Sendable, Hashable, Codable {
  /// Number in the register of the HDF Group.
  public let identifier: Int
  public let name: String
  /// Whether this machine can undo it.
  public let isAvailable: Bool

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
    case 32001: "install the HDF5 filter Blosc, on Debian: apt install hdf5-filter-plugin-blosc-serial"
    case 307, 32004, 32008:
      "install the HDF5 filters LZ4, BZip2 and Bitshuffle, on Debian: apt install hdf5-filter-plugin"
    case 32000: "install the HDF5 filter LZF, on Debian: apt install hdf5-plugin-lzf"
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
      let identifier = unsafe vx_h5_filter(creation, index, &name, name.count)
      let known = H5Zfilter_avail(H5Z_filter_t(identifier)) > 0
      if !known { _ = HDF5Library.takeMessage() }
      // Some plugins write an address behind their name.
      let bytes = name.prefix { $0 != 0 && $0 != 0x3B }.map { UInt8(bitPattern: $0) }
      return HDF5Filter(
        identifier: Int(identifier),
        name: bytes.isEmpty ? "filter \(identifier)" : FileText.decode(bytes), isAvailable: known)
    }
  }
}
