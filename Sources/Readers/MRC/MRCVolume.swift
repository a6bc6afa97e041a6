import Volumetry

/// Volumes of MRC files.
enum MRCVolume {
  /// - Throws: `data` where the file is damaged, cut off or of a kind that is not read.
  static func open(_ file: InputFile, options: VolumeOpenOptions) throws(VoxelithError) -> any DescribedVolume
  {
    let header = try MRCHeader(try file.bytes(at: 0, count: MRCHeader.length), file: file.path)
    let plane = header.shape.y * header.shape.x * header.type.size
    let stored = try PlainVolume(
      file, kind: "mrc", type: header.type, shape: header.shape,
      planes: try PlainVolume.planes(header.shape.z, of: plane, from: header.dataOffset, in: file),
      isBigEndian: header.isBigEndian, spacing: header.spacing, source: "cell of the header (angstrom)",
      corner: header.place,
      notes: header.notes, options: options)
    return try TurnedVolume.turned(
      stored, header.turn, spacing: header.spacing, origins: stored.description.origins, options: options)
  }
}
