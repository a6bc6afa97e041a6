import Volumetry

/// A picture of a known kind: its size and samples, which are read on request.
struct Picture: Sendable {
  enum Kind: String, Sendable { case png, jpeg, bmp }

  var kind: Kind
  var width: Int
  var height: Int
  /// Values of a pixel: 1 grey, 2 grey and opacity, 3 red, green, blue, 4 these and opacity.
  var samples: Int
  /// `uint8` or `uint16`.
  var type: VoxelType

  init(kind: Kind, width: Int, height: Int, samples: Int, type: VoxelType) {
    self.kind = kind
    self.width = width
    self.height = height
    self.samples = samples
    self.type = type
  }

  /// Bytes of all samples.
  var bytes: Int { width * height * samples * type.size }

  /// Bytes that a file of a picture may have.
  static let fileLimit = 1 << 30

  /// What a file is by its first bytes; nil where it is no picture that is read.
  static func kind(_ head: [UInt8]) -> Kind? {
    if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    if head.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    // The reserved bytes tell a bitmap from a text that begins with BM.
    if head.count >= 16, head.starts(with: [0x42, 0x4D]), head[6..<10].allSatisfy({ $0 == 0 }),
      head[14] >= 40,
      head[15] == 0
    {
      return .bmp
    }
    return nil
  }

  /// Reads the header of a picture.
  ///
  /// - Throws: `data` where it is damaged, or has colours that are not samples.
  init(_ bytes: [UInt8], kind: Kind, file: String) throws(VoxelithError) {
    switch kind {
    case .png: self = try PNGPicture.header(bytes, file: file)
    case .jpeg: self = try JPEGPicture.header(bytes, file: file)
    case .bmp: self = try BMPPicture(bytes, file: file).picture
    }
    guard width > 0, height > 0, width <= 1 << 20, height <= 1 << 20 else {
      throw VoxelithError(.data, "a picture of \(width) x \(height) pixels is not read", file: file)
    }
  }

  /// Decodes the picture that the header was read of.
  ///
  /// - Parameter target: room for ``bytes``, sample by sample, in the byte order of this machine.
  /// - Throws: `data` where the picture is damaged or cut off.
  func decode(_ bytes: [UInt8], into target: UnsafeMutableRawBufferPointer, file: String)
    throws(VoxelithError)
  {
    switch kind {
    case .png: unsafe try PNGPicture.decode(bytes, height: height, into: target, file: file)
    case .jpeg: unsafe try JPEGPicture.decode(bytes, into: target, file: file)
    case .bmp: unsafe try BMPPicture(bytes, file: file).decode(bytes, into: target)
    }
  }

  var summary: String { "\(width) x \(height) pixels of \(samples) \(type.rawValue)" }
}
