import Foundation

/// From where a volume is seen. The z axis of the volume points down, as it does in slices: seen from above, x runs to the right and
/// y down, and the face in front shows x to the right and z down.
public struct Camera: Sendable, Hashable {
  /// Degrees around z from the x axis towards y.
  public var azimuth: Double
  /// Degrees above the xy plane, on the side of the first layer.
  public var elevation: Double
  /// 1 fits the whole volume into the picture.
  public var zoom: Double
  /// Whether the size in the picture is the same from every direction, as a film of a turning volume needs.
  public var keepsSize = false
  /// Degrees of the view from bottom to top; nil for an orthographic view, where lengths are true.
  public var fieldOfView: Double?

  public init(azimuth: Double = 60, elevation: Double = 25, zoom: Double = 1, fieldOfView: Double? = nil) {
    self.azimuth = azimuth
    self.elevation = elevation
    self.zoom = zoom
    self.fieldOfView = fieldOfView
  }
}

/// A camera before a box: micrometres to the picture and back.
package struct Projection {
  package let center: SIMD3<Double>
  package let right: SIMD3<Double>
  package let up: SIMD3<Double>
  package let forward: SIMD3<Double>
  /// Micrometres from the middle of the picture to its nearer border, at the middle of the box.
  package let halfHeight: Double
  /// Distance of the eye from the middle of the box; nil for an orthographic view.
  package let distance: Double?

  package init(_ camera: Camera, center: SIMD3<Double>, extent: SIMD3<Double>) {
    let azimuth = camera.azimuth * .pi / 180
    let elevation = min(max(camera.elevation, -89.999), 89.999) * .pi / 180
    let toEye = SIMD3(cos(elevation) * cos(azimuth), cos(elevation) * sin(azimuth), -sin(elevation))
    forward = -toEye
    right = SIMD3(sin(azimuth), -cos(azimuth), 0)
    up = Projection.cross(right, forward)
    self.center = center
    let radius = (extent * extent).sum().squareRoot() / 2
    let zoom = camera.zoom.isFinite && camera.zoom > 0 ? camera.zoom : 1
    var angle: Double?
    if let view = camera.fieldOfView, view > 0.1 { angle = min(view, 150) / 2 * .pi / 180 }
    let far = angle.map { radius / sin($0) }
    distance = far
    guard !camera.keepsSize else {
      halfHeight = (angle.map { radius / cos($0) } ?? radius) / zoom
      return
    }
    var largest = 0.0
    for corner in 0..<8 {
      let side = SIMD3(Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2)) - 0.5
      let offset = side * extent
      let depth = -(offset * toEye).sum()
      let scale = far.map { $0 / max($0 + depth, 1e-9) } ?? 1
      largest = max(largest, abs((offset * right).sum()) * scale, abs((offset * up).sum()) * scale)
    }
    halfHeight = largest / zoom
  }

  static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  /// Place in the picture (-1 to 1 from the middle to the nearer border, y up) and distance along the view.
  package func project(_ point: SIMD3<Double>) -> SIMD3<Double> {
    let offset = point - center
    let depth = (offset * forward).sum()
    let scale = distance.map { $0 / max($0 + depth, 1e-9) } ?? 1
    return SIMD3(
      (offset * right).sum() * scale / halfHeight, (offset * up).sum() * scale / halfHeight, depth)
  }

  /// The ray through a place of the picture: a start before the box and a direction of length one.
  func ray(x: Double, y: Double) -> (origin: SIMD3<Double>, direction: SIMD3<Double>) {
    let plane = center + right * (x * halfHeight) + up * (y * halfHeight)
    guard let distance else { return (plane - forward * 4 * halfHeight, forward) }
    let eye = center - forward * distance
    let direction = plane - eye
    return (eye, direction / (direction * direction).sum().squareRoot())
  }
}
