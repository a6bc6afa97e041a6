public import Volumetry

/// A surface under light, drawn with a depth buffer.
public struct MeshRendering: Sendable {
  public let mesh: Mesh
  public var camera = Camera()
  /// Colour where the surface has none of its own.
  public var color = Color(hex: 0xC9B48F)

  public init(_ mesh: Mesh, camera: Camera = Camera(), color: Color? = nil) {
    self.mesh = mesh
    self.camera = camera
    if let color { self.color = color }
  }

  /// The picture on a clear ground, with edges smoothed by four samples a pixel.
  ///
  /// - Parameter grid: the box that the camera looks at.
  public func render(width: Int, height: Int, in grid: Grid) -> Raster {
    var painter = SurfacePainter(
      Projection(camera, center: grid.middle, extent: grid.extent), width: width, height: height, color: color
    )
    painter.draw(
      SurfaceLayer(
        vertices: mesh.vertices, triangles: mesh.triangles, normals: mesh.normals, colors: mesh.colors))
    return painter.raster()
  }
}
