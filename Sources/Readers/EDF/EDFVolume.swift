import Volumetry

/// Volumes of EDF files: one image of three axes, several images in one file, or one file for each slice.
enum EDFVolume {
  static func isEDF(_ path: String) -> Bool {
    guard let file = try? InputFile(path), let head = try? file.bytes(at: 0, count: 512) else { return false }
    return EDFHeader.isEDF(head)
  }

  /// - Throws: `data` where an image is damaged or unlike the first one.
  static func open(_ file: InputFile, options: VolumeOpenOptions) throws(VoxelithError) -> PlainVolume {
    var planes: [Int] = []
    let first = try EDFHeader(file, at: 0)
    var header = first
    while true {
      guard header.type == first.type, header.isBigEndian == first.isBigEndian, header.shape == first.shape
      else {
        throw VoxelithError(
          .data, "image \(planes.count) of the EDF file is unlike the first one", file: file.path)
      }
      let plane = header.shape.y * header.shape.x * header.type.size
      planes += try PlainVolume.planes(header.shape.z, of: plane, from: header.dataOffset, in: file)
      guard planes.count <= 1 << 24 else {
        throw VoxelithError(.data, "the EDF file has too many images", file: file.path)
      }
      // Some writers fill the file up behind the last image.
      guard header.end < file.size, try EDFHeader.isEDF(file.bytes(at: header.end, count: 512)) else { break }
      header = try EDFHeader(file, at: header.end)
    }
    var notes: [String] = []
    let unread = unread(first)
    if let pixel = first.pixel {
      notes.append(
        "the header gives \(pixel.y) x \(pixel.x) µm (y, x) in the plane, but nothing gives the distance of slices"
      )
    }
    return try PlainVolume(
      file, kind: "edf", type: first.type, shape: Shape(z: planes.count, y: first.shape.y, x: first.shape.x),
      planes: planes, isBigEndian: first.isBigEndian, spacing: nil, unread: unread, notes: notes,
      options: options)
  }

  /// One image in each file.
  ///
  /// - Throws: `data` where a slice is damaged, has several images or is unlike the first one.
  static func open(
    slices paths: [String], of path: String, options: VolumeOpenOptions
  ) throws(VoxelithError) -> any DescribedVolume {
    if paths.count == 1 { return try open(try InputFile(paths[0]), options: options) }
    let first = try EDFHeader(try InputFile(paths[0]), at: 0)
    return try StackedVolume(paths, of: path, kind: "edf-slices", unread: unread(first), options: options) {
      (path) throws(VoxelithError) in
      try open(try InputFile(path), options: options)
    }
  }

  /// What a header says of the size of a pixel, which is that of a detector as often as that of the sample.
  private static func unread(_ header: EDFHeader) -> String? {
    header.pixel.map {
      "PSize of the header, \(GeometryOrigin.text($0.y)) x \(GeometryOrigin.text($0.x)) µm (y, x), may be that of the detector, and "
        + "nothing gives the distance of slices"
    }
  }
}
