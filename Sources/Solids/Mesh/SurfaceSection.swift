import Readers
import Volumetry

/// One part of a surface file, written from its start to its end in large pieces.
struct SurfaceSection {
  private let file: OutputFile
  private var offset: Int
  private var bytes: [UInt8] = []
  private static let piece = 1 << 20

  /// - Parameter offset: place in the file where the part begins.
  init(_ file: OutputFile, at offset: Int) {
    self.file = file
    self.offset = offset
    bytes.reserveCapacity(Self.piece + 64)
  }

  mutating func put(_ part: [UInt8]) throws(VoxelithError) {
    bytes.append(contentsOf: part)
    try drain()
  }

  mutating func put(_ byte: UInt8) { bytes.append(byte) }

  mutating func put(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    bytes.append(red)
    bytes.append(green)
    bytes.append(blue)
  }

  mutating func put(_ vector: SIMD3<Float>) throws(VoxelithError) {
    try put(SIMD3(vector.x.bitPattern, vector.y.bitPattern, vector.z.bitPattern))
  }

  mutating func put(_ numbers: SIMD3<UInt32>) throws(VoxelithError) {
    let words = (numbers.x.littleEndian, numbers.y.littleEndian, numbers.z.littleEndian)
    unsafe withUnsafeBytes(of: words) { raw in unsafe bytes.append(contentsOf: raw) }
    try drain()
  }

  private mutating func drain() throws(VoxelithError) {
    if bytes.count >= Self.piece { try finish() }
  }

  /// Writes what is left.
  mutating func finish() throws(VoxelithError) {
    unsafe try bytes.span.withUnsafeBytes { (raw) throws(VoxelithError) in
      unsafe try file.write(raw, at: offset)
    }
    offset += bytes.count
    bytes.removeAll(keepingCapacity: true)
  }

  /// A number in the bytes of a header.
  static func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
