public import Volumetry

/// An isosurface under light, drawn while it is made: pixel for pixel the picture of a ``MeshRendering`` of it.
public struct IsosurfaceRendering: Sendable {
  public let surface: Isosurface
  public var camera = Camera()
  /// Colour where the surface has none of its own.
  public var color = Color(hex: 0xC9B48F)

  public init(_ surface: Isosurface, camera: Camera = Camera(), color: Color? = nil) {
    self.surface = surface
    self.camera = camera
    if let color { self.color = color }
  }

  /// The picture on a clear ground, with edges smoothed by four samples a pixel.
  ///
  /// - Throws: what reading throws.
  public func render(
    width: Int, height: Int, resources: Resources = Resources()
  ) throws(VoxelithError) -> Raster {
    let grid = surface.grid
    var painter = SurfacePainter(
      Projection(camera, center: grid.middle, extent: grid.extent), width: width, height: height, color: color
    )
    try surface.forEachCompletedLayer(resources) { (layer) throws(VoxelithError) in painter.draw(layer) }
    return painter.raster()
  }
}
