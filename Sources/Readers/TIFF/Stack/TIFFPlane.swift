import Volumetry

/// Where one slice of a volume comes from.
struct TIFFPlane: Sendable {
  let file: TIFFFile
  let page: TIFFPage
  let selection: TIFFFile.Selection
  /// First byte, for ImageJ's stacks that describe all planes by one directory.
  var offset: Int?

  func decode(
    rows: Range<Int>, columns: Range<Int>, type: VoxelType, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    if let offset {
      unsafe try file.readDirectly(
        page, from: offset, rows: rows, columns: columns, type: type, into: target)
    } else {
      unsafe try file.decode(page, selection, rows: rows, columns: columns, type: type, into: target)
    }
  }
}

extension TIFFFile.Selection {
  /// One sample of each pixel of a page.
  init(sample: Int, of page: TIFFPage) {
    self.init(plane: page.isPlanar ? sample : 0, first: page.isPlanar ? 0 : sample, count: 1)
  }
}
