/// The triangles of every case of marching cubes, made from a rule instead of a list.
///
/// On each face of a cube the corners inside are cut off one by one where opposite corners are inside (the ambiguous
/// case). The rule sees nothing but the four corners of the face, so the two cubes that share it agree and no hole can
/// open. The segments of the six faces join to loops, and each loop becomes a fan of triangles.
/// W. E. Lorensen and H. E. Cline, Computer Graphics 21, 163 (1987); the ambiguity: M. J. Durst, Computer Graphics 22
/// (1988).
enum MarchingCubesTable {
  /// Corner `c` lies at x = bit 0, y = bit 1, z = bit 2. Edges 0-3 run along x, 4-7 along y, 8-11 along z.
  static let edges: [(Int, Int)] = [
    (0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (1, 3), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6), (3, 7),
  ]

  /// Corners of each face, counterclockwise seen from outside the cube.
  private static let faces: [[Int]] = [
    [0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6],
  ]

  /// For each set of inside corners the edges of its triangles, three by three.
  static let triangles: [[Int]] = (0..<256).map(make)

  private static func edge(_ a: Int, _ b: Int) -> Int {
    edges.firstIndex { $0 == (min(a, b), max(a, b)) } ?? 0
  }

  private static func make(_ inside: Int) -> [Int] {
    // Where a segment starts -> where it ends.
    var next: [Int: Int] = [:]
    for face in faces {
      let isInside = face.map { inside >> $0 & 1 == 1 }
      for corner in 0..<4 where isInside[corner] && !isInside[(corner + 3) % 4] {
        // A run of inside corners begins here; the segment goes around it.
        var last = corner
        while isInside[(last + 1) % 4] && (last + 1) % 4 != corner { last = (last + 1) % 4 }
        let entering = edge(face[(corner + 3) % 4], face[corner])
        let leaving = edge(face[last], face[(last + 1) % 4])
        next[leaving] = entering
      }
    }
    var result: [Int] = []
    while let start = next.keys.min() {
      var loop = [start]
      while let end = next.removeValue(forKey: loop[loop.count - 1]), end != start { loop.append(end) }
      for index in 1..<max(1, loop.count - 1) { result += [loop[0], loop[index], loop[index + 1]] }
    }
    return result
  }

  /// The triangles of all cases one after the other; those of case `c` from `starts[c]` to `starts[c + 1]`.
  static let flat: [UInt8] = triangles.flatMap { $0.map { UInt8($0) } }
  static let starts: [Int] = triangles.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }

  /// The edges whose cubes, taken row by row and layer by layer, begin with this one: farthest along both axes across
  /// them. Three by three for every case, in the order in which its triangles come to them, then ``noEdge``.
  static let newEdges: [UInt8] = triangles.flatMap { list in
    var new: [UInt8] = []
    for edge in list where [3, 7, 11].contains(edge) && !new.contains(UInt8(edge)) { new.append(UInt8(edge)) }
    return new + [UInt8](repeating: noEdge, count: 3 - new.count)
  }
  static let noEdge = UInt8.max
}
