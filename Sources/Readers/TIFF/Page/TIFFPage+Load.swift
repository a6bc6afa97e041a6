import CTIFF
import Volumetry

extension TIFFPage {
  /// Reads the directory at which a handle stands.
  ///
  /// - Throws: `data` where a size is missing or the sample format is unknown.
  init(_ handle: TIFFHandle, index: Int) throws(VoxelithError) {
    let width = handle.long(TIFFTAG_IMAGEWIDTH)
    let height = handle.long(TIFFTAG_IMAGELENGTH)
    let samples = handle.short(TIFFTAG_SAMPLESPERPIXEL)
    let bits = handle.short(TIFFTAG_BITSPERSAMPLE)
    let compression = handle.short(TIFFTAG_COMPRESSION)
    let photometric = handle.short(TIFFTAG_PHOTOMETRIC)
    guard width > 0, height > 0, samples > 0, bits > 0 else {
      throw VoxelithError(
        .data, "the page has \(width)x\(height) pixels of \(samples) samples of \(bits) bits",
        file: handle.file.path)
    }
    let isLog = compression == COMPRESSION_SGILOG || compression == COMPRESSION_SGILOG24
    guard let format = SampleFormat(rawValue: handle.short(TIFFTAG_SAMPLEFORMAT)) else {
      throw VoxelithError(.data, "the sample format is unknown", file: handle.file.path)
    }
    self.index = index
    self.width = width
    self.height = height
    self.samples = samples
    // libtiff answers with floats (luminance, or X, Y, Z) for these.
    self.bitsPerSample = isLog ? 32 : bits
    self.format = isLog ? .float : format
    self.photometric = photometric
    self.compression = compression
    isPlanar = samples > 1 && handle.short(TIFFTAG_PLANARCONFIG) == Int(PLANARCONFIG_SEPARATE)
    isTiled = handle.isTiled
    if isTiled {
      blockWidth = handle.long(TIFFTAG_TILEWIDTH)
      blockHeight = handle.long(TIFFTAG_TILELENGTH)
    } else {
      let rows = handle.long(TIFFTAG_ROWSPERSTRIP)
      blockWidth = width
      blockHeight = rows == 0 ? height : min(rows, height)
    }
    subfileType = handle.long(TIFFTAG_SUBFILETYPE)
    let corner = handle.short(TIFFTAG_ORIENTATION)
    orientation = (1...8).contains(corner) ? corner : 1
    directory = handle.directory
    isSubsampled =
      photometric == PHOTOMETRIC_YCBCR && compression != COMPRESSION_JPEG
      && (compression == COMPRESSION_OJPEG || handle.hasSubsampledColours)
    guard blockWidth > 0, blockHeight > 0 else {
      throw VoxelithError(.data, "the page has empty tiles", file: handle.file.path)
    }
    blockSize = handle.blockSize(rows: blockHeight)
    blockRowSize = handle.blockRowSize
    survey(handle)
  }

  /// Compares what the blocks claim to hold with what the file can hold, and finds out whether the
  /// pixels lie there uncompressed and in one piece.
  private mutating func survey(_ handle: TIFFHandle) {
    let planes = isPlanar ? samples : 1
    let blocksPerPlane = blocksAcross * blocksDown
    let least = (blockWidth * samplesPerBlock * bitsPerSample + 7) / 8
    guard handle.blockCount >= blocksPerPlane * planes, blockSize > 0, blockRowSize >= least || isSubsampled
    else {
      flaw = "the page has \(handle.blockCount) strips or tiles where \(blocksPerPlane * planes) are needed"
      return
    }
    let fileSize = UInt64(handle.file.size)
    let isPlain = compression == COMPRESSION_NONE
    var isDirect =
      isPlain && isNative && !isTiled && samplesPerBlock == 1
      && handle.short(TIFFTAG_FILLORDER) == Int(FILLORDER_MSB2LSB)
    var stored = 0.0
    var claimed = 0.0
    var absent = 0.0
    for plane in 0..<planes {
      var expected: UInt64?
      for position in 0..<blocksPerPlane {
        let block = plane * blocksPerPlane + position
        let offset = handle.blockOffset(block)
        let count = handle.blockByteCount(block)
        let rows = rows(ofBlockRow: position / blocksAcross)
        let size = UInt64(isTiled ? blockSize : rows * blockRowSize)
        if offset == 0 && count == 0 {
          absent += Double(size)
          isDirect = false
          continue
        }
        let room = offset < fileSize ? fileSize - offset : 0
        if isPlain && room < size || room == 0 {
          let what = isTiled ? "tile" : "strip"
          flaw = "\(what) \(block) lies beyond the end of the file: the file is truncated or damaged"
          return
        }
        claimed += Double(size)
        stored += Double(isPlain ? size : min(count, room))
        if let expected, expected != offset { isDirect = false }
        if isDirect, position == 0 { directOffsets.append(Int(offset)) }
        expected = offset + size
      }
    }
    if !isDirect { directOffsets = [] }
    if claimed > 65536 + stored * Self.largestRatio(compression, width: width)
      || absent > Double(1 << 28) + 1000 * stored
    {
      flaw =
        "the page claims \(Int(min(claimed + absent, 1e18))) bytes, far more than its \(Int(stored)) stored bytes can hold"
    }
  }

  /// Decoded bytes that one stored byte can stand for at most.
  private static func largestRatio(_ compression: Int, width: Int) -> Double {
    switch Int32(compression) {
    case COMPRESSION_NONE: 1
    case COMPRESSION_PACKBITS: 64
    case COMPRESSION_LZW: 4096
    case COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE, COMPRESSION_PIXARLOG: 1040
    // One bit can stand for a whole row.
    case COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4, COMPRESSION_NEXT:
      Double(width) + 64
    case COMPRESSION_SGILOG, COMPRESSION_SGILOG24, COMPRESSION_THUNDERSCAN: 1024
    case COMPRESSION_JPEG, COMPRESSION_OJPEG: 4096
    // A constant picture of any size takes some hundred bytes in these.
    default: 65536
    }
  }
}
