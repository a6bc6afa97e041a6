import Volumetry

/// An array in memory as NumPy's NPY file, version 1.0, float32 z, y, x.
enum NPYArray {
  static func encode(_ volume: Volume<Float>) -> [UInt8] {
    let shape = volume.shape
    var header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape.z), \(shape.y), \(shape.x)), }"
    while (header.utf8.count + 11) % 64 != 0 { header += " " }
    header += "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [
      UInt8(truncatingIfNeeded: header.utf8.count), UInt8(truncatingIfNeeded: header.utf8.count >> 8),
    ]
    bytes += Array(header.utf8)
    bytes.reserveCapacity(bytes.count + 4 * volume.voxels.count)
    for value in volume.voxels {
      let bits = value.bitPattern
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
    }
    return bytes
  }
}
