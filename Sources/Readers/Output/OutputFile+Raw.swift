public import Volumetry

extension OutputFile {
  /// Writes values without any header, in little-endian order.
  public static func writeRaw(
    _ values: VoxelBuffer, to path: String, overwrite: Bool
  ) throws(VoxelithError) {
    let output = try OutputFile(path, overwrite: overwrite)
    unsafe try values.withBytes { (raw) throws(VoxelithError) in unsafe try output.append(raw) }
    try output.commit()
  }
}
