import Volumetry

/// Standard normal numbers for eight fields at once.
struct NormalLanes {
  private var generator: SeededGenerator

  /// - Parameter purpose: tells apart what one slice draws numbers for.
  init(seed: UInt64, row: Int, purpose: Int) {
    generator = SeededGenerator(seed: seed, stream: UInt64(row) &* 1024 &+ UInt64(purpose))
  }

  mutating func draw(_ count: Int) -> [Lanes] {
    var result = [Lanes](repeating: .zero, count: count)
    for index in result.indices {
      for lane in 0..<8 { result[index][lane] = Float(generator.normal()) }
    }
    return result
  }
}
