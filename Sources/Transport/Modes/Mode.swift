import Volumetry

/// A product of one function along each axis, by the places of the functions.
struct Mode: Sendable, Hashable {
  let z: Int
  let y: Int
  let x: Int

  subscript(axis: Axis) -> Int {
    switch axis {
    case .z: z
    case .y: y
    case .x: x
    }
  }

  /// All products whose degrees, each over the largest of its axis, add up to 1 at most, the constant first.
  static func all(counts: (z: Int, y: Int, x: Int)) -> [Mode] {
    func share(_ degree: Int, _ count: Int) -> Double { count > 1 ? Double(degree) / Double(count - 1) : 0 }
    var result: [Mode] = []
    for z in 0..<counts.z {
      for y in 0..<counts.y {
        for x in 0..<counts.x
        where share(z, counts.z) + share(y, counts.y) + share(x, counts.x) <= 1 + 1e-9 {
          result.append(Mode(z: z, y: y, x: x))
        }
      }
    }
    return result
  }
}
