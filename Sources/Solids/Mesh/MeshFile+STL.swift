import Readers
import Volumetry

extension LayeredSurface {
  /// STL (3D Systems 1989), binary: triangles with their normals, without colours.
  func writeSTL(_ file: OutputFile, _ resources: Resources) throws(VoxelithError) -> SurfaceSummary {
    var summary = SurfaceSummary()
    var section = SurfaceSection(file, at: 84)
    try forEachLayer(resources) { (layer) throws(VoxelithError) in
      summary.add(layer)
      try MeshFile.check(summary.triangles, "triangles", of: file.path)
      for t in layer.triangles {
        let (a, b, c) = (layer.vertices[Int(t.x)], layer.vertices[Int(t.y)], layer.vertices[Int(t.z)])
        let n = SurfaceNormals.cross(a, b, c)
        let length = (n * n).sum().squareRoot()
        try section.put(length > 0 ? n / length : .zero)
        try section.put(a)
        try section.put(b)
        try section.put(c)
        section.put(0)
        section.put(0)
      }
    }
    try section.finish()
    let title = Array("binary STL, lengths in micrometres".utf8)
    var header = SurfaceSection(file, at: 0)
    try header.put(title + [UInt8](repeating: 32, count: 80 - title.count))
    try header.put(SurfaceSection.bytes(UInt32(summary.triangles)))
    try header.finish()
    return summary
  }
}
