import Volumetry

/// How the values of a second volume colour a surface.
struct SurfaceColoring {
  let source: any VolumeSource
  let scale: any ValueColors
  let missing: Color
}

/// Colours vertices by the nearest voxel of a volume, of which a few slices are held at a time.
struct SurfaceColorReader {
  private let coloring: SurfaceColoring
  /// Slices that are read together.
  private let depth: Int
  private var slices = 0..<0
  private var values: [Float] = []

  init(_ coloring: SurfaceColoring, memory: Int) {
    self.coloring = coloring
    let shape = coloring.source.grid.shape
    // Voxels as the file holds them and as floats.
    let fitting = memory / 16 / max(1, 12 * shape.y * shape.x)
    depth = min(shape.z, max(1, min(fitting, max(16, coloring.source.chunkShape.z))))
  }

  /// Appends the colours of vertices in micrometres.
  ///
  /// - Throws: what reading throws.
  mutating func append(
    to colors: inout [Color], _ vertices: ArraySlice<SIMD3<Float>>
  ) throws(VoxelithError) {
    guard !vertices.isEmpty else { return }
    let grid = coloring.source.grid
    let shape = grid.shape
    let places = vertices.map { vertex -> SIMD3<Int32> in
      let at = grid.coordinates(of: SIMD3<Double>(vertex))
      func nearest(_ value: Double, _ count: Int) -> Int32 {
        Int32(min(max(value.rounded(), 0), Double(count - 1)))
      }
      return SIMD3(nearest(at.x, shape.x), nearest(at.y, shape.y), nearest(at.z, shape.z))
    }
    var low = places[0].z
    var high = low
    for place in places {
      low = min(low, place.z)
      high = max(high, place.z)
    }
    let start = colors.count
    colors.append(contentsOf: repeatElement(coloring.missing, count: places.count))
    for piece in (Int(low) / depth)...(Int(high) / depth) {
      let wanted = (piece * depth)..<min(shape.z, (piece + 1) * depth)
      if slices != wanted {
        values = []
        values = try coloring.source.readFloats(Region(slices: wanted, of: shape))
        slices = wanted
      }
      for (index, place) in places.enumerated() where wanted.contains(Int(place.z)) {
        let z = Int(place.z) - wanted.lowerBound
        let value = values[shape.index(z: z, y: Int(place.y), x: Int(place.x))]
        if !value.isNaN { colors[start + index] = coloring.scale.color(of: Double(value)) }
      }
    }
  }
}
