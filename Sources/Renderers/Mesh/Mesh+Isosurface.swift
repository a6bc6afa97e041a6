public import Volumetry

extension Mesh {
  /// A triangle, its share of the vertices (half a one) and of the normals, and the room in which arrays grow.
  private static let bytesPerTriangle = 64

  /// The surface where a volume has a value, by marching cubes on the centres of voxels.
  ///
  /// Inside is where the value is `level` or more. Missing voxels and everything beyond the volume are outside, so the
  /// surface is always closed; towards them it lies on the border of the voxel.
  ///
  /// - Parameter limit: triangles at most.
  /// - Throws: `usage` where the level is not a number or the surface does not fit the memory budget, `data` where it
  ///   has more than `limit` triangles, and what reading throws.
  public init(
    isosurfaceOf source: any VolumeSource, level: Double, limit: Int = 50_000_000,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    let grid = source.grid
    try grid.validate(file: source.name)
    guard level.isFinite else { throw VoxelithError(.usage, "the level of an isosurface is a number") }
    var builder = IsosurfaceBuilder(grid: grid, level: Float(level))
    let shape = grid.shape
    let outside = [Float](repeating: .nan, count: (shape.y + 2) * (shape.x + 2))
    var below = outside
    for z in 0...shape.z {
      try resources.cancellation.check()
      var above = outside
      if z < shape.z {
        let values = try source.readFloats(Region(slices: z..<(z + 1), of: shape))
        for y in 0..<shape.y {
          let row = (y + 1) * (shape.x + 2) + 1
          for x in 0..<shape.x { above[row + x] = values[y * shape.x + x] }
        }
      }
      builder.addLayer(z: z - 1, below: below, above: above)
      guard builder.triangles.count <= limit, builder.vertices.count < Int(UInt32.max) else {
        throw VoxelithError(
          .data, "the isosurface at \(level) has more than \(limit) triangles", file: source.name,
          advice: "smooth or coarsen the volume, or choose another level")
      }
      guard builder.triangles.count <= resources.memory / Self.bytesPerTriangle else {
        throw VoxelithError(
          .usage,
          "the isosurface at \(level) has more triangles than \(resources.memory / 1_000_000) MB hold",
          file: source.name, advice: "raise --memory, smooth or coarsen the volume, or choose another level")
      }
      below = above
      resources.progress.report("isosurface", done: z + 1, of: shape.z + 1, unit: "slices")
    }
    self.init(vertices: builder.vertices, triangles: builder.triangles)
  }

  /// The surface with the colours of another volume at its vertices (the nearest voxel's; grey where missing).
  ///
  /// - Throws: what reading throws.
  public func colored(
    by source: any VolumeSource, scale: ColorScale, missing: Color = Color(grey: 0.75)
  ) throws(VoxelithError) -> Mesh {
    let values = try source.loadFloats()
    let shape = values.shape
    var result = self
    result.colors = vertices.map { vertex in
      let at = values.grid.coordinates(of: SIMD3<Double>(vertex))
      let x = min(max(Int(at.x.rounded()), 0), shape.x - 1)
      let y = min(max(Int(at.y.rounded()), 0), shape.y - 1)
      let z = min(max(Int(at.z.rounded()), 0), shape.z - 1)
      let value = values[z, y, x]
      return value.isNaN ? missing : scale.color(of: Double(value))
    }
    return result
  }
}

/// Grows a surface slice by slice; neighbouring cubes share their vertices.
private struct IsosurfaceBuilder {
  let level: Float
  let origin: SIMD3<Double>
  let spacing: SIMD3<Double>
  /// Padded by one voxel on every side.
  let width: Int
  let height: Int
  var vertices: [SIMD3<Float>] = []
  var triangles: [SIMD3<UInt32>] = []
  private var lowerX: [UInt32]
  private var lowerY: [UInt32]
  private var upperX: [UInt32]
  private var upperY: [UInt32]
  private var between: [UInt32]
  private static let none = UInt32.max
  private let table = MarchingCubesTable.triangles

  init(grid: Grid, level: Float) {
    self.level = level
    origin = grid.origin
    spacing = grid.spacing
    width = grid.shape.x + 2
    height = grid.shape.y + 2
    lowerX = [UInt32](repeating: Self.none, count: width * height)
    lowerY = lowerX
    upperX = lowerX
    upperY = lowerX
    between = lowerX
  }

  /// Adds the cubes between two slices of voxels, numbers `z` and `z + 1`, padded by a border of missing ones.
  mutating func addLayer(z: Int, below: [Float], above: [Float]) {
    (lowerX, lowerY) = (upperX, upperY)
    for i in 0..<(width * height) {
      upperX[i] = Self.none
      upperY[i] = Self.none
      between[i] = Self.none
    }
    for y in 0..<(height - 1) {
      for x in 0..<(width - 1) {
        let at = y * width + x
        let corners = (
          below[at], below[at + 1], below[at + width], below[at + width + 1], above[at], above[at + 1],
          above[at + width], above[at + width + 1]
        )
        var inside = 0
        if corners.0 >= level { inside |= 1 }
        if corners.1 >= level { inside |= 2 }
        if corners.2 >= level { inside |= 4 }
        if corners.3 >= level { inside |= 8 }
        if corners.4 >= level { inside |= 16 }
        if corners.5 >= level { inside |= 32 }
        if corners.6 >= level { inside |= 64 }
        if corners.7 >= level { inside |= 128 }
        if inside == 0 || inside == 255 { continue }
        addCube(inside, x: x, y: y, z: z, below: below, above: above)
      }
    }
  }

  private mutating func addCube(_ inside: Int, x: Int, y: Int, z: Int, below: [Float], above: [Float]) {
    let list = table[inside]
    var index = 0
    while index + 2 < list.count {
      let a = vertex(list[index], x, y, z, below, above)
      let b = vertex(list[index + 1], x, y, z, below, above)
      let c = vertex(list[index + 2], x, y, z, below, above)
      triangles.append(SIMD3(a, c, b))
      index += 3
    }
  }

  /// The vertex on an edge of a cube, made where it is not there yet.
  private mutating func vertex(
    _ edge: Int, _ x: Int, _ y: Int, _ z: Int, _ below: [Float], _ above: [Float]
  ) -> UInt32 {
    let (first, second) = MarchingCubesTable.edges[edge]
    let cx = x + (first & 1)
    let cy = y + (first >> 1 & 1)
    let at = cy * width + cx
    let isUpper = first >> 2 & 1 == 1
    let known: UInt32 =
      switch edge {
      case 0..<4: isUpper ? upperX[at] : lowerX[at]
      case 4..<8: isUpper ? upperY[at] : lowerY[at]
      default: between[at]
      }
    if known != Self.none { return known }
    func value(_ corner: Int) -> Float {
      let place = (y + (corner >> 1 & 1)) * width + x + (corner & 1)
      return corner >> 2 & 1 == 1 ? above[place] : below[place]
    }
    let a = value(first)
    let b = value(second)
    let part = a.isNaN || b.isNaN || a == b ? 0.5 : Double(min(max((level - a) / (b - a), 0), 1))
    var point = SIMD3(Double(cx - 1), Double(cy - 1), Double(z + (isUpper ? 1 : 0)))
    point[edge / 4] += part
    let number = UInt32(vertices.count)
    vertices.append(SIMD3<Float>(origin + (point + 0.5) * spacing))
    switch edge {
    case 0..<4: if isUpper { upperX[at] = number } else { lowerX[at] = number }
    case 4..<8: if isUpper { upperY[at] = number } else { lowerY[at] = number }
    default: between[at] = number
    }
    return number
  }
}
