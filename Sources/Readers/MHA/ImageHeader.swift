import Volumetry

/// What the text header of a MetaImage or NRRD file says about the voxels behind it.
///
/// Both formats place a volume by the CENTRE of its first voxel; ``origin`` is the outer corner, as everywhere here.
struct ImageHeader {
  enum Packing: Sendable {
    case none
    /// Deflate with the header of zlib or gzip.
    case deflate
  }

  var kind: String
  var shape: Shape
  var type: VoxelType
  var channels = 1
  /// Size of a voxel in um along x, y, z; nil where the header does not say it.
  var spacing: SIMD3<Double>?
  /// Outer corner of the first voxel in um.
  var origin = SIMD3<Double>.zero
  var isBigEndian = false
  var packing = Packing.none
  /// File that holds the voxels: the header's own, or another.
  var dataPath: String
  /// First byte of the voxels; -1 where they are the last bytes of the file.
  var dataOffset: Int
  var notes: [String] = []

  /// Bytes of all voxels, unpacked.
  var byteCount: Int { shape.count * channels * type.size }

  /// Checks that the axes of a header are x, y, z, and gives their lengths.
  ///
  /// - Parameter directions: of the three axes, one SIMD3 each.
  /// - Throws: `data` for axes that are turned or flipped.
  static func lengths(
    ofAxes directions: [SIMD3<Double>], file: String
  ) throws(VoxelithError) -> SIMD3<Double> {
    var result = SIMD3<Double>.one
    for axis in 0..<min(3, directions.count) {
      let length = (directions[axis] * directions[axis]).sum().squareRoot()
      guard length > 0, length.isFinite else {
        throw VoxelithError(.data, "the direction of an axis has no length", file: file)
      }
      guard abs(directions[axis][axis] - length) <= 1e-6 * length else {
        throw VoxelithError(
          .data, "the axes of the volume are turned or flipped against x, y, z", file: file,
          advice: "resample it on a grid of axes x, y, z in the program that wrote it")
      }
      result[axis] = length
    }
    return result
  }

  /// Micrometres in a unit of length; nil for one that is not known.
  static func micrometres(_ unit: String) -> Double? {
    switch unit.lowercased() {
    case "um", "\u{B5}m", "\u{3BC}m", "micron", "microns", "micrometer", "micrometers", "micrometre": 1
    case "mm", "millimeter", "millimeters", "millimetre": 1000
    case "nm", "nanometer", "nanometers": 1e-3
    case "cm": 10_000
    case "m": 1_000_000
    default: nil
    }
  }

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
