import Volumetry

/// What the text header of a MetaImage or NRRD file says about the voxels behind it.
///
/// Both formats place a volume by the CENTRE of its first voxel.
struct ImageHeader {
  enum Packing: Sendable {
    case none
    /// Deflate with the header of zlib or gzip.
    case deflate
    case bzip2
    /// Numbers as people read them, or two digits of base 16 for every byte.
    case text, hex

    /// As descriptions of volumes name it.
    var name: String {
      switch self {
      case .none: "none"
      case .deflate: "deflate"
      case .bzip2: "bzip2"
      case .text, .hex: "text"
      }
    }
  }

  /// What an axis is that is none of space.
  enum Role: Sendable {
    case channel, frame
    /// The header does not tell which of the two.
    case either
  }

  var kind: String
  var shape: Shape
  var type: VoxelType
  /// Values of one place, and which axis of the file they are, from 0 for the fastest.
  var channels = 1
  var channelAxis = 0
  var role = Role.channel
  /// Size of a voxel in um along x, y, z; nil where the header does not say it.
  var spacing: SIMD3<Double>?
  /// Centre of the first voxel of the file in um; nil where the header does not say it.
  var first: SIMD3<Double>?
  /// How the axes of the file lie in space.
  var turn = AxisTurn.none
  /// Where the size of a voxel and the place of the first one came from.
  var spacingSource: String?
  /// A unit of length that is there and not understood; lengths are then those of the file.
  var unknownUnit: String?
  var originSource: String?
  /// What the header says of the size of a voxel that cannot be taken for it.
  var unread: String?
  /// What the numbers stand for.
  var scale = ValueScale()
  var isBigEndian = false
  var packing = Packing.none
  /// File that holds the voxels: the header's own, or another.
  var dataPath: String
  /// First byte of the voxels; -1 where they are the last bytes of the file.
  var dataOffset: Int
  /// Lines of text before the voxels, counted from their first byte on.
  var lineSkip = 0
  /// Bytes before the voxels, counted from the end of those lines on.
  var byteSkip = 0
  /// First byte after the header where the voxels lie in its own file.
  var end = 0
  var notes: [String] = []

  /// Files of one piece each, in their order along the slowest axis; empty where all voxels lie in one.
  var pieces: [String] = []

  /// Bytes from one voxel to the next along x, y, z and the axis of the channels.
  var strides: (space: SIMD3<Int>, channel: Int) {
    var sides = [shape.x, shape.y, shape.z]
    sides.insert(channels, at: min(channelAxis, 3))
    var steps: [Int] = []
    var step = type.size
    for side in sides {
      steps.append(step)
      step *= side
    }
    let channel = steps.remove(at: min(channelAxis, 3))
    return (SIMD3(steps[0], steps[1], steps[2]), channel)
  }

  /// Bytes of all voxels, unpacked.
  var byteCount: Int { shape.count * channels * type.size }

  /// Numbers in a text, parted by spaces.
  static func numbers(_ text: String, key: String, file: String) throws(VoxelithError) -> [Double] {
    var result: [Double] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      guard let value = Double(word) else {
        throw VoxelithError(.data, "\"\(word)\" is not a number", file: file, place: key)
      }
      result.append(value)
    }
    return result
  }

  /// Sides of a volume of one to three axes.
  static func shape(_ sides: [Double], file: String) throws(VoxelithError) -> Shape {
    guard (1...3).contains(sides.count), sides.allSatisfy({ $0 >= 1 && $0 <= 1e9 && $0 == $0.rounded() })
    else {
      throw VoxelithError(
        .data, "the sides \(sides.map { "\($0)" }.joined(separator: " ")) are not those of a volume",
        file: file)
    }
    let n = sides.map { Int($0) } + [1, 1]
    let shape = Shape(z: sides.count > 2 ? n[2] : 1, y: sides.count > 1 ? n[1] : 1, x: n[0])
    guard let count = shape.checkedCount, count < Int.max / 64 else {
      throw VoxelithError(.data, "the shape \(shape) is beyond measure", file: file)
    }
    return shape
  }
}
