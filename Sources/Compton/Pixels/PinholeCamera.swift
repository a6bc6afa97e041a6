import Foundation
public import Volumetry

/// A pinhole camera: which scattering angle each pixel of its detector sees.
///
/// The camera's axis makes the angle `angle` with the beam, in the plane of the detector's rows; columns (x) count
/// towards larger angles unless the image is flipped.
public struct PinholeCamera: Sendable, Hashable {
  /// Angle between beam and camera axis in degrees.
  public let angle: Double
  /// From pinhole to detector, mm.
  public let distance: Double
  /// Pitch of the pixels, mm.
  public let pixel: Double
  /// Whether columns count towards smaller angles.
  public let isFlipped: Bool

  /// - Throws: `usage` where a length is not positive or the angle not within 0 to 180 degrees.
  public init(angle: Double, distance: Double, pixel: Double, isFlipped: Bool = false) throws(VoxelithError) {
    guard angle > 0, angle <= 180, distance > 0, pixel > 0, distance.isFinite, pixel.isFinite else {
      throw VoxelithError(
        .usage, "a pinhole camera needs an angle within 0 to 180 degrees and positive lengths")
    }
    self.angle = angle
    self.distance = distance
    self.pixel = pixel
    self.isFlipped = isFlipped
  }

  /// Angle of every pixel in degrees: cos th = (L cos th0 - u sin th0) / sqrt(L^2 + u^2 + v^2), with u and v the
  /// distances of the pixel from the camera's axis along a row and along a column.
  public func angles(height: Int, width: Int) -> ScatteringAngle {
    let middle = angle * .pi / 180
    var values: [Double] = []
    values.reserveCapacity(height * width)
    for row in 0..<height {
      let v = (Double(row) - 0.5 * Double(height - 1)) * pixel
      for column in 0..<width {
        let u = (Double(column) - 0.5 * Double(width - 1)) * (isFlipped ? -pixel : pixel)
        let cosine =
          (distance * cos(middle) - u * sin(middle)) / (distance * distance + u * u + v * v).squareRoot()
        values.append(acos(min(max(cosine, -1), 1)) * 180 / .pi)
      }
    }
    return .perPixel(height: height, width: width, values: values)
  }
}
