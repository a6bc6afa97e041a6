import Volumetry

/// The header of an MRC file (MRC2014: Cheng et al., J. Struct. Biol. 192, 146 (2015), doi 10.1016/j.jsb.2015.04.002).
struct MRCHeader {
  static let length = 1024

  var shape: Shape
  var type: VoxelType
  var isBigEndian: Bool
  /// First byte of the voxels.
  var dataOffset: Int
  /// How columns, rows and sections lie along x, y and z.
  var turn = AxisTurn.none
  /// Size of a voxel in micrometres along x, y, z; nil where the cell has no size.
  var spacing: SIMD3<Double>?
  /// What the header says of the place of the volume, which is not read.
  var place: String?
  var notes: [String] = []

  /// Whether the first bytes are those of such a file.
  static func isMRC(_ head: [UInt8]) -> Bool {
    head.count >= 212 && Array(head[208..<212]) == Array("MAP ".utf8)
  }

  /// - Throws: `data` where the header is damaged or of a kind that is not read.
  init(_ head: [UInt8], file: String) throws(VoxelithError) {
    guard head.count == Self.length else {
      throw VoxelithError(.data, "the MRC file ends within its header", file: file)
    }
    isBigEndian = head[212] == 0x11
    let isBig = isBigEndian
    func word(_ number: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(head[4 * (number - 1) + $1]) << UInt32(8 * (isBig ? 3 - $1 : $1)) }
    }
    func integer(_ number: Int) -> Int { Int(Int32(bitPattern: word(number))) }
    func real(_ number: Int) -> Double { Double(Float(bitPattern: word(number))) }
    let sides = [integer(1), integer(2), integer(3)]
    guard sides.allSatisfy({ $0 > 0 && $0 <= 1 << 24 }) else {
      throw VoxelithError(.data, "an MRC volume of \(sides) (x, y, z) voxels is not possible", file: file)
    }
    shape = Shape(z: sides[2], y: sides[1], x: sides[0])
    switch integer(4) {
    // Files of IMOD mark bytes without sign; MRC2014 says that they have one.
    case 0:
      let isUnsigned = word(39) == 1_146_047_817 && word(40) & 1 == 0
      type = isUnsigned ? .uint8 : .int8
      if isUnsigned { notes.append("bytes without sign, by the mark of IMOD") }
    case 1: type = .int16
    case 2: type = .float32
    case 6: type = .uint16
    case 12: type = .float16
    case let mode:
      throw VoxelithError(
        .data, "MRC mode \(mode) is not read", file: file, advice: "modes 0, 1, 2, 6 and 12 are read")
    }
    let axes = [integer(17), integer(18), integer(19)]
    if axes != [0, 0, 0] {
      guard axes.sorted() == [1, 2, 3] else {
        throw VoxelithError(
          .data, "columns, rows and sections along the axes \(axes) are not possible: each is 1, 2 or 3 once",
          file: file)
      }
      turn.source = (1...3).map { axes.firstIndex(of: $0) ?? 0 }
    }
    let extra = integer(24)
    guard extra >= 0, extra <= 1 << 30 else {
      throw VoxelithError(.data, "an extended header of \(extra) bytes is not possible", file: file)
    }
    dataOffset = Self.length + extra
    let (start, origin) = ([integer(5), integer(6), integer(7)], [real(50), real(51), real(52)])
    // Programs differ in their sign and in what they count from.
    if start.contains(where: { $0 != 0 }) || origin.contains(where: { $0 != 0 }) {
      place =
        "0 is taken: NSTART \(start) and ORIGIN \(origin.map(GeometryOrigin.text)) of the header are not read"
    }
    let cell = SIMD3(real(11), real(12), real(13))
    let counts = SIMD3(Double(integer(8)), Double(integer(9)), Double(integer(10)))
    // The cell is given in angstrom.
    let size = cell / counts * 1e-4
    if (0..<3).allSatisfy({ size[$0].isFinite && size[$0] > 0 }) { spacing = size }
  }
}
