import Volumetry

/// Damages files the way that transfer errors, wrong programs and attackers do; the same seed and number give the
/// same mutant.
struct Mutator {
  let seeds: [[UInt8]]
  let tokens: [[UInt8]]
  let seed: UInt64

  /// The mutant of a number.
  func mutant(_ number: Int) -> [UInt8] {
    var random = SeededGenerator(seed: seed, stream: UInt64(number))
    var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
    // Mostly few changes, since many are refused at the first check.
    let changes = 1 << Int.random(in: 0...4, using: &random)
    for _ in 0..<Int.random(in: 1...changes, using: &random) { change(&bytes, &random) }
    return bytes
  }

  private func change(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else {
      bytes = [UInt8.random(in: 0...255, using: &random)]
      return
    }
    // Headers decide more than pixels do: half of the places lie in the first part of the file.
    let reach =
      Bool.random(using: &random)
      ? bytes.count : min(bytes.count, 1 << Int.random(in: 4...12, using: &random))
    let place = Int.random(in: 0..<reach, using: &random)
    switch Int.random(in: 0..<(tokens.isEmpty ? 10 : 14), using: &random) {
    case 0, 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 3: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    case 4, 5: put(number: &bytes, at: place, &random)
    case 6: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...bytes.count, using: &random)))
    case 7:
      let count = min(bytes.count - place, 1 << Int.random(in: 0...6, using: &random))
      bytes.removeSubrange(place..<(place + count))
    case 8:
      let count = min(bytes.count - place, 1 << Int.random(in: 0...8, using: &random))
      let piece = bytes[place..<(place + count)]
      bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &random))
    case 9:
      let other = seeds[Int.random(in: 0..<seeds.count, using: &random)]
      let from = Int.random(in: 0..<max(1, other.count), using: &random)
      let piece = other[from..<min(other.count, from + (1 << Int.random(in: 0...8, using: &random)))]
      bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
    default:
      let token = tokens[Int.random(in: 0..<tokens.count, using: &random)]
      let end = min(bytes.count, place + Int.random(in: 0...8, using: &random))
      bytes.replaceSubrange(place..<end, with: token)
    }
    if bytes.count > 1 << 20 { bytes.removeLast(bytes.count - 1 << 20) }
  }

  /// Numbers at the edges of their types, in either byte order.
  private func put(number bytes: inout [UInt8], at place: Int, _ random: inout SeededGenerator) {
    let width = [2, 4, 8].randomElement(using: &random) ?? 4
    let edges: [UInt64] = [
      0, 1, 2, 16, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
      0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max, .max - 1, UInt64(bytes.count),
    ]
    let value =
      Bool.random(using: &random)
      ? edges.randomElement(using: &random) ?? 0 : UInt64.random(in: 0...(.max), using: &random) >> 32
    let isBig = Bool.random(using: &random)
    for index in 0..<width where place + index < bytes.count {
      let shift = UInt64(8 * (isBig ? width - 1 - index : index))
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> shift)
    }
  }
}
