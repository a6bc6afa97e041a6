import Readers
import Volumetry

extension LayeredSurface {
  /// PLY (G. Turk, Stanford 1994), binary: vertices with normals and colours, then triangles.
  func writePLY(_ file: OutputFile, _ resources: Resources) throws(VoxelithError) -> SurfaceSummary {
    let summary = try summary(resources)
    try MeshFile.check(summary.vertices, "vertices", of: file.path)
    try MeshFile.check(summary.triangles, "triangles", of: file.path)
    var header = "ply\nformat binary_little_endian 1.0\ncomment lengths in micrometres\n"
    header += "element vertex \(summary.vertices)\nproperty float x\nproperty float y\nproperty float z\n"
    header += "property float nx\nproperty float ny\nproperty float nz\n"
    if hasColors { header += "property uchar red\nproperty uchar green\nproperty uchar blue\n" }
    header += "element face \(summary.triangles)\nproperty list uchar uint vertex_indices\nend_header\n"
    let bytes = Array(header.utf8)
    var points = SurfaceSection(file, at: 0)
    try points.put(bytes)
    var faces = SurfaceSection(file, at: bytes.count + summary.vertices * (hasColors ? 27 : 24))
    var first = 0
    try forEachCompletedLayer(resources) { (layer) throws(VoxelithError) in
      for index in layer.own {
        try points.put(layer.vertices[index])
        try points.put(layer.normals[index])
        if hasColors {
          let (r, g, b, _) = layer.colors[index].bytes
          points.put(r, g, b)
        }
      }
      let shift = SIMD3(repeating: UInt32(first - layer.earlier))
      for triangle in layer.triangles {
        faces.put(3)
        try faces.put(triangle &+ shift)
      }
      first += layer.own.count
    }
    try points.finish()
    try faces.finish()
    return summary
  }
}
