public import Volumetry

extension TIFFFile {
  /// Which samples of each pixel to take from a page.
  struct Selection {
    /// Plane of blocks, where samples have planes of their own.
    var plane: Int
    /// First sample within a block's pixel, and how many from there on.
    var first: Int
    var count: Int
  }

  /// All samples of a page as they are stored: colours are not interpreted, except that JPEG's and
  /// SGILog's own colour spaces come out as RGB and as XYZ.
  ///
  /// - Throws: `data` where the page is truncated, damaged, or of a kind that has no array of samples.
  public func decode(_ page: TIFFPage, threads: Int = Parallel.availableThreads) throws(VoxelithError)
    -> TIFFSamples
  {
    try check(page)
    let type = try located(page) { () throws(VoxelithError) in try page.voxelType() }
    let planes = page.isPlanar ? page.samples : 1
    let rowValues = page.width * page.samplesPerBlock
    let planeSize = page.height * rowValues * type.size
    let values = try VoxelBuffer.filled(type, count: planes * page.height * rowValues) {
      (bytes) throws(VoxelithError) in
      _ = try Parallel.map(planes, threads: threads) { (plane) throws(VoxelithError) in
        let selection = Selection(plane: plane, first: 0, count: page.samplesPerBlock)
        unsafe try bytes.withPiece((plane * planeSize)..<((plane + 1) * planeSize)) {
          (target) throws(VoxelithError) in
          unsafe try decode(
            page, selection, rows: 0..<page.height, columns: 0..<page.width, type: type, into: target)
        }
      }
    }
    let shape =
      page.samples == 1
      ? [page.height, page.width]
      : page.isPlanar ? [page.samples, page.height, page.width] : [page.height, page.width, page.samples]
    return TIFFSamples(shape: shape, values: values)
  }

  /// Throws what is known to be wrong with a page before any of it is decoded.
  func check(_ page: TIFFPage) throws(VoxelithError) {
    if let flaw = page.flaw {
      throw VoxelithError(.data, flaw, file: path, place: place(page))
    }
    if page.isSubsampled {
      throw VoxelithError(
        .data, "the page holds a colour photograph with subsampled YCbCr, not a grey image",
        file: path, place: place(page), advice: "convert it to greyscale first")
    }
  }

  /// Decodes a rectangle of a page into `target`, row after row.
  func decode(
    _ page: TIFFPage, _ selection: Selection, rows: Range<Int>, columns: Range<Int>, type: VoxelType,
    into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    try located(page) { () throws(VoxelithError) in
      if selection.plane < page.directOffsets.count {
        unsafe try readDirectly(
          page, from: page.directOffsets[selection.plane], rows: rows, columns: columns, type: type,
          into: target)
      } else {
        // A strip or tile is unpacked whole, however little of it is wanted.
        let size =
          page.isTiled ? page.blockSize : min(page.blockHeight, page.height) * page.blockRowSize
        try ReadingMemory.check(size, page.isTiled ? "one tile" : "one strip", file: path, place: nil)
        try withHandle(at: page, unpacking: size) { (handle) throws(VoxelithError) in
          unsafe try Self.decodeBlocks(
            handle, page, selection, rows: rows, columns: columns, type: type, into: target)
        }
      }
    }
  }

  /// Reads a rectangle of uncompressed pixels that begin at `offset`, without libtiff.
  func readDirectly(
    _ page: TIFFPage, from offset: Int, rows: Range<Int>, columns: Range<Int>, type: VoxelType,
    into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    try withInput { (file) throws(VoxelithError) in
      let reader = RowReader(
        file: file, offset: offset + (rows.lowerBound * page.width + columns.lowerBound) * type.size,
        stride: page.width * type.size, rows: rows.count, run: columns.count * type.size)
      unsafe try reader.read(into: target)
    }
    if isBigEndian && type.size > 1 { unsafe ByteOrder.swap(target, elementSize: type.size) }
  }

  private static func decodeBlocks(
    _ handle: TIFFHandle, _ page: TIFFPage, _ selection: Selection, rows: Range<Int>,
    columns: Range<Int>, type: VoxelType, into target: UnsafeMutableRawBufferPointer
  ) throws(VoxelithError) {
    let unpacker = TIFFSampleUnpacker(page, type: type, isBigEndian: handle.isBigEndian)
    let samples = page.samplesPerBlock
    let takesAll = selection.count == samples
    let rowSize = columns.count * selection.count * type.size
    for blockRow in (rows.lowerBound / page.blockHeight)...((rows.upperBound - 1) / page.blockHeight) {
      let blockRows = page.rows(ofBlockRow: blockRow)
      let top = blockRow * page.blockHeight
      let shared = rows.clamped(to: top..<(top + blockRows))
      let size = page.isTiled ? page.blockSize : blockRows * page.blockRowSize
      for blockColumn in (columns.lowerBound / page.blockWidth)...((columns.upperBound - 1) / page.blockWidth)
      {
        let block = (selection.plane * page.blocksDown + blockRow) * page.blocksAcross + blockColumn
        let start = (shared.lowerBound - rows.lowerBound) * rowSize
        // A strip that is wanted whole and needs no unpacking goes straight to its place.
        if !page.isTiled && page.isNative && takesAll && columns.count == page.width
          && shared.count == blockRows && size == blockRows * rowSize
        {
          unsafe try handle.decode(block: block, into: .init(rebasing: target[start..<(start + size)]))
          continue
        }
        let left = blockColumn * page.blockWidth
        let span = columns.clamped(to: left..<(left + page.blockWidth))
        unsafe try handle.withDecoded(block: block, size: size) { bytes in
          for y in shared {
            let source = (y - top) * page.blockRowSize
            let place =
              (y - rows.lowerBound) * rowSize
              + (span.lowerBound - columns.lowerBound) * selection.count * type.size
            unsafe unpacker.unpack(
              .init(rebasing: bytes[source..<(source + page.blockRowSize)]),
              from: (span.lowerBound - left) * samples + selection.first, step: takesAll ? 1 : samples,
              count: takesAll ? span.count * samples : span.count,
              into: .init(rebasing: target[place..<(place + span.count * selection.count * type.size)]))
          }
        }
      }
    }
  }

  private func located<Result>(
    _ page: TIFFPage, _ body: () throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    do throws(VoxelithError) { return try body() } catch {
      throw error.located(file: path, place: place(page))
    }
  }
}
