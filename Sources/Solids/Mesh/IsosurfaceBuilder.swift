import Volumetry

/// Makes a surface layer by layer; neighbouring cubes share their vertices.
///
/// Cubes are numbered by their lower corner in the volume with a border of one voxel around it.
struct IsosurfaceBuilder {
  private let level: Float
  private let origin: SIMD3<Double>
  private let spacing: SIMD3<Double>
  private let shape: Shape
  private let width: Int
  private let area: Int
  private let words: Int
  /// Numbers of the vertices on edges within their layer, in five parts: edges along x and y of one slice, of the other
  /// slice, and edges between.
  private var numbers: [UInt32]
  private var isOdd = false
  private var vertices: [SIMD3<Float>] = []
  private var earlier = 0
  private let flat = MarchingCubesTable.flat
  private let starts = MarchingCubesTable.starts
  private let newEdges = MarchingCubesTable.newEdges

  init(grid: Grid, level: Float) {
    self.level = level
    origin = grid.origin
    spacing = grid.spacing
    shape = grid.shape
    width = shape.x + 2
    area = width * (shape.y + 2)
    words = VoxelSlice.words(shape.x)
    numbers = [UInt32](repeating: 0, count: 5 * area)
  }

  /// Where the numbers of the vertices of each edge of a cube lie, and what makes of them numbers in the window.
  private struct EdgePlaces {
    var offset: [Int] = []
    var base: [UInt32] = []
  }

  private func places() -> EdgePlaces {
    var places = EdgePlaces()
    for (edge, (corner, _)) in MarchingCubesTable.edges.enumerated() {
      let isUpper = edge >= 8 || corner >> 2 & 1 == 1
      let part = edge >= 8 ? 4 : (isUpper != isOdd ? 2 : 0) + edge / 4
      places.offset.append(part * area + (corner >> 1 & 1) * width + (corner & 1))
      places.base.append(isUpper ? UInt32(earlier) : 0)
    }
    return places
  }

  /// The surface between two slices of voxels, numbers `z` and `z + 1`.
  mutating func layer(z: Int, below: VoxelSlice, above: VoxelSlice) -> SurfaceLayer {
    vertices = Array(vertices[earlier...])
    earlier = vertices.count
    vertices.reserveCapacity(2 * earlier)
    isOdd.toggle()
    let places = places()
    var triangles: [SIMD3<UInt32>] = []
    triangles.reserveCapacity(2 * earlier)
    var fresh = vertices
    vertices = []
    var map = numbers
    numbers = []
    fill(
      z, below, above, places.offset.span, places.base.span, &map, vertices: &fresh, triangles: &triangles)
    numbers = map
    vertices = fresh
    return SurfaceLayer(vertices: vertices, earlier: earlier, triangles: triangles)
  }

  private func fill(
    _ z: Int, _ below: VoxelSlice, _ above: VoxelSlice, _ offset: Span<Int>, _ base: Span<UInt32>,
    _ map: inout [UInt32], vertices: inout [SIMD3<Float>], triangles: inout [SIMD3<UInt32>]
  ) {
    let (lower, upper) = (below.bits.span, above.bits.span)
    let (flat, starts, newEdges) = (flat.span, starts.span, newEdges.span)
    var numbers = map.mutableSpan
    for y in 0...shape.y {
      for word in 0..<words {
        let at = y * words + word
        let (b0, b1, a0, a1) = (lower[at], lower[at + words], upper[at], upper[at + words])
        let isLast = word + 1 == words
        let (n0, n1) = isLast ? (0, 0) : (lower[at + 1], lower[at + words + 1])
        let (m0, m1) = isLast ? (0, 0) : (upper[at + 1], upper[at + words + 1])
        // Bits of the corners one voxel on along x.
        let (c0, c1) = (b0 &>> 1 | n0 &<< 63, b1 &>> 1 | n1 &<< 63)
        let (d0, d1) = (a0 &>> 1 | m0 &<< 63, a1 &>> 1 | m1 &<< 63)
        var cut = (b0 | b1 | a0 | a1 | c0 | c1 | d0 | d1) & ~(b0 & b1 & a0 & a1 & c0 & c1 & d0 & d1)
        while cut != 0 {
          let bit = UInt64(truncatingIfNeeded: cut.trailingZeroBitCount)
          cut &= cut &- 1
          func corner(_ bits: UInt64, _ number: UInt64) -> UInt64 { (bits &>> bit & 1) &<< number }
          let inside = Int(
            truncatingIfNeeded: corner(b0, 0) | corner(c0, 1) | corner(b1, 2) | corner(c1, 3) | corner(a0, 4)
              | corner(d0, 5) | corner(a1, 6) | corner(d1, 7))
          let x = 64 * word + Int(truncatingIfNeeded: bit)
          let place = y * width + x
          for index in (3 * inside)..<(3 * inside + 3) {
            let edge = newEdges[index]
            if edge == MarchingCubesTable.noEdge { break }
            numbers[place + offset[Int(edge)]] = UInt32(truncatingIfNeeded: vertices.count - earlier)
            vertices.append(vertex(edge, x, y, z, below.values.span, above.values.span))
          }
          var index = starts[inside]
          let end = starts[inside + 1]
          while index < end {
            let (i, j, k) = (Int(flat[index]), Int(flat[index + 1]), Int(flat[index + 2]))
            let a = numbers[place + offset[i]] &+ base[i]
            let b = numbers[place + offset[j]] &+ base[j]
            let c = numbers[place + offset[k]] &+ base[k]
            triangles.append(SIMD3(a, c, b))
            index += 3
          }
        }
      }
    }
  }

  /// The vertex on the last edge along x (3), y (7) or z (11) of a cube.
  @inline(__always)
  private func vertex(
    _ edge: UInt8, _ x: Int, _ y: Int, _ z: Int, _ below: Span<Float>, _ above: Span<Float>
  ) -> SIMD3<Float> {
    let axis = Int(edge / 4)
    let (cx, cy) = (axis == 0 ? x : x + 1, axis == 1 ? y : y + 1)
    let a = axis == 2 ? value(below, cx, cy) : value(above, cx, cy)
    let b = value(above, x + 1, y + 1)
    let part = a.isNaN || b.isNaN || a == b ? 0.5 : Double(min(max((level - a) / (b - a), 0), 1))
    var point = SIMD3(Double(cx - 1), Double(cy - 1), Double(axis == 2 ? z : z + 1))
    point[axis] += part
    return SIMD3<Float>(origin + (point + 0.5) * spacing)
  }

  /// The value at a corner; missing beyond the volume.
  @inline(__always)
  private func value(_ slice: Span<Float>, _ x: Int, _ y: Int) -> Float {
    guard !slice.isEmpty, x > 0, y > 0, x <= shape.x, y <= shape.y else { return .nan }
    return slice[(y - 1) * shape.x + x - 1]
  }
}
