import Volumetry

/// The part of a surface between two slices of voxels.
struct SurfaceLayer {
  /// Points (x, y, z) in micrometres: those that the layer before added, then its own.
  var vertices: [SIMD3<Float>]
  /// Number of vertices that the layer before added.
  var earlier = 0
  /// Three of `vertices` each, counterclockwise seen from outside.
  var triangles: [SIMD3<UInt32>]
  /// Directions out of the surface at the vertices; empty until ``CompletedLayers`` knows them.
  var normals: [SIMD3<Float>] = []
  /// Colours of the vertices; empty where the surface has none.
  var colors: [Color] = []

  /// The vertices that are its own.
  var own: Range<Int> { earlier..<vertices.count }
}

/// A surface that comes in layers: one that is made on the way, or a whole one as a single layer.
protocol LayeredSurface {
  var hasColors: Bool { get }
  var colorReader: SurfaceColorReader? { get }

  /// Goes through the layers in order, from low z to high; normals and colours of an isosurface are not known yet.
  func forEachLayer(
    _ resources: Resources, _ body: (SurfaceLayer) throws(VoxelithError) -> Void
  ) throws(VoxelithError)
}

extension LayeredSurface {
  /// Goes through the layers with their normals and colours.
  func forEachCompletedLayer(
    _ resources: Resources, _ body: (SurfaceLayer) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    var layers = CompletedLayers(reader: colorReader)
    try forEachLayer(resources) { (layer) throws(VoxelithError) in
      if let completed = try layers.add(layer) { try body(completed) }
    }
    if let last = try layers.finish() { try body(last) }
  }
}
