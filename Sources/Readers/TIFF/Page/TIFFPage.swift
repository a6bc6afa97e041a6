public import Volumetry

/// One page of a TIFF: what its directory says.
public struct TIFFPage: Sendable, Equatable {
  /// How the bits of a sample are to be read.
  public enum SampleFormat: Int, Sendable {
    case unsigned = 1
    case signed = 2
    case float = 3
    /// Told to be undefined; read as unsigned.
    case undefined = 4
    case complexSigned = 5
    case complexFloat = 6
  }

  /// Number within the file, from 0.
  public var index: Int
  public var width: Int
  public var height: Int
  /// Values per pixel.
  public var samples: Int
  public var bitsPerSample: Int
  public var format: SampleFormat
  /// TIFF's number of the colour space: 0 white is zero, 1 black is zero, 2 RGB, 3 palette, ...
  public var photometric: Int
  /// Whether each sample has planes of its own.
  public var isPlanar: Bool
  /// TIFF's number of the compression: 1 none, 5 LZW, 8 Deflate, ...
  public var compression: Int
  public var isTiled: Bool
  /// Sides of a strip or tile.
  public var blockWidth: Int
  public var blockHeight: Int
  /// TIFF's NewSubfileType: bit 0 reduced image, bit 2 mask.
  public var subfileType: Int

  /// TIFF's number of the corner where the first pixel lies: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 to 8 the
  /// same with rows for columns.
  public var orientation = 1

  /// Place of the directory in the file.
  var directory: Int
  /// Whether the codec answers with chroma at lower resolution, which is no array of samples.
  var isSubsampled: Bool
  /// First byte of each plane where the pixels lie in the file as they lie in memory, byte order aside.
  var directOffsets: [Int] = []
  /// Bytes of a decoded block and of one of its rows.
  var blockSize: Int
  var blockRowSize: Int
  /// Why the pixels cannot be there, found without decoding them.
  var flaw: String?
}

extension TIFFPage {
  /// Type of the values as they are read: the narrowest that holds the bits of a sample.
  ///
  /// - Throws: `data` for complex numbers, for floats of odd width and for more than 64 bits.
  public func voxelType() throws(VoxelithError) -> VoxelType {
    switch (format, bitsPerSample) {
    case (.unsigned, 1...8), (.undefined, 1...8): .uint8
    case (.unsigned, 9...16), (.undefined, 9...16): .uint16
    case (.unsigned, 17...32), (.undefined, 17...32): .uint32
    case (.unsigned, 33...64), (.undefined, 33...64): .uint64
    case (.signed, 1...8): .int8
    case (.signed, 9...16): .int16
    case (.signed, 17...32): .int32
    case (.signed, 33...64): .int64
    case (.float, 16): .float16
    case (.float, 24), (.float, 32): .float32
    case (.float, 64): .float64
    default:
      throw VoxelithError(.data, "samples of \(bitsPerSample) bits as \(formatName) are not supported")
    }
  }

  /// Whether a sample has the bits of a type in memory.
  var isNative: Bool {
    switch format {
    case .float: [16, 32, 64].contains(bitsPerSample)
    case .unsigned, .signed, .undefined: [8, 16, 32, 64].contains(bitsPerSample)
    case .complexSigned, .complexFloat: false
    }
  }

  private var formatName: String {
    switch format {
    case .unsigned: "unsigned integers"
    case .signed: "signed integers"
    case .float: "floating-point numbers"
    case .undefined: "undefined values"
    case .complexSigned, .complexFloat: "complex numbers"
    }
  }

  /// Samples that a block holds for each pixel.
  var samplesPerBlock: Int { isPlanar ? 1 : samples }
  var blocksAcross: Int { (width + blockWidth - 1) / blockWidth }
  var blocksDown: Int { (height + blockHeight - 1) / blockHeight }

  /// Rows that a block holds: fewer in the last strip, all in a tile.
  func rows(ofBlockRow row: Int) -> Int {
    isTiled ? blockHeight : min(blockHeight, height - row * blockHeight)
  }

  /// What two pages of one stack must share.
  var layout: [Int] {
    [width, height, samples, bitsPerSample, format.rawValue, isPlanar ? 1 : 0, orientation]
  }

  /// As messages tell it: `640x480 uint16, 3 samples`.
  var summary: String {
    let type = (try? voxelType().rawValue) ?? "\(bitsPerSample)-bit \(formatName)"
    return "\(width)x\(height) \(type)" + (samples > 1 ? ", \(samples) samples" : "")
      + (orientation > 1 ? ", orientation \(orientation)" : "")
  }

  /// How rows and columns of the file lie along x and y.
  var turn: AxisTurn {
    let (isTurned, fallsX, fallsY) = (
      orientation > 4, [2, 3, 6, 7].contains(orientation), [3, 4, 7, 8].contains(orientation)
    )
    return AxisTurn(source: isTurned ? [1, 0, 2] : [0, 1, 2], falls: [fallsX, fallsY, false])
  }

  /// Common name of the compression.
  public var compressionName: String {
    switch compression {
    case 1: "none"
    case 2: "CCITT RLE"
    case 3: "CCITT group 3"
    case 4: "CCITT group 4"
    case 5: "LZW"
    case 6: "JPEG (old style)"
    case 7: "JPEG"
    case 8, 32946: "Deflate"
    case 32766: "NeXT"
    case 32773: "PackBits"
    case 32809: "ThunderScan"
    case 32909: "PixarLog"
    case 34661: "JBIG"
    case 34676, 34677: "SGILog"
    case 34887: "LERC"
    case 34925: "LZMA"
    case 50000: "Zstandard"
    case 50001: "WebP"
    default: "number \(compression)"
    }
  }
}
