import Foundation
public import Volumetry

/// How directions without a sense (v and -v are one) become colours.
public enum OrientationColors: String, Sendable, Hashable, Codable, CaseIterable {
  /// Red, green and blue for the parts along x, y and z, as in diffusion imaging (S. Pajevic and C. Pierpaoli,
  /// Magnetic Resonance in Medicine 42, 526 (1999)).
  case axes
  /// The cyclic map romaO for the azimuth in the plane of the slice, darker towards the viewer.
  case azimuth

  /// Colour of a direction (x, y, z); clear where it is missing or zero.
  public func color(of vector: SIMD3<Double>) -> Color {
    let length = (vector * vector).sum().squareRoot()
    guard length > 0, length.isFinite else { return .clear }
    let v = vector / length
    switch self {
    case .axes: return Color(red: abs(v.x), green: abs(v.y), blue: abs(v.z))
    case .azimuth:
      var angle = atan2(v.y, v.x) / .pi
      if angle < 0 { angle += 1 }
      let flat = (v.x * v.x + v.y * v.y).squareRoot()
      return Color(grey: 0.25).mixed(with: ColorMap.romaO.color(at: angle), flat)
    }
  }

  /// The legend: a ball seen along z from the slice's side (x to the right, y down), every point in the colour of its
  /// direction.
  func sphere(pixels: Int) -> Raster {
    var raster = Raster(width: pixels, height: pixels)
    for y in 0..<pixels {
      for x in 0..<pixels {
        let u = (Double(x) + 0.5) / Double(pixels) * 2 - 1
        let v = (Double(y) + 0.5) / Double(pixels) * 2 - 1
        let r = (u * u + v * v).squareRoot()
        guard r <= 1 else { continue }
        let color = self.color(of: SIMD3(u, v, (1 - r * r).squareRoot()))
        // One pixel of soft border.
        raster[x, y] = color.opacity(min(1, (1 - r) * Double(pixels) / 2))
      }
    }
    return raster
  }
}
