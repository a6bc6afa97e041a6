import Volumetry

/// Blocks of a lattice, within which neighbours are alike and between which they are taken as independent.
enum BlockCut {
  /// Indices of the voxels of every block of which at least half is present.
  static func members(_ shape: Shape, side: Int, present: [Bool]) -> [[Int]] {
    var result: [[Int]] = []
    for block in blocks(shape, side: side) {
      var indices: [Int] = []
      indices.reserveCapacity(block.count)
      var there = 0
      for z in block.z {
        for y in block.y {
          for x in block.x {
            let i = shape.index(z: z, y: y, x: x)
            indices.append(i)
            there += present[i] ? 1 : 0
          }
        }
      }
      if 2 * there >= indices.count { result.append(indices) }
    }
    return result
  }

  /// Boxes of about `side` voxels, three to an axis at least where it has nine.
  private static func blocks(_ shape: Shape, side: Int) -> [Region] {
    func cut(_ count: Int) -> [Range<Int>] {
      let number = max(1, count / side, min(3, count / 3))
      let width = count / number
      return (0..<number).map { ($0 * width)..<($0 * width + width) }
    }
    var result: [Region] = []
    for z in cut(shape.z) {
      for y in cut(shape.y) {
        for x in cut(shape.x) {
          result.append(
            Region(
              lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
              shape: Shape(z: z.count, y: y.count, x: x.count)))
        }
      }
    }
    return result
  }
}
