import Foundation

/// A colour in sRGB with opacity, every part from 0 to 1.
public struct Color: Sendable, Hashable {
  public var red: Double
  public var green: Double
  public var blue: Double
  public var alpha: Double

  public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  public init(grey: Double, alpha: Double = 1) {
    self.init(red: grey, green: grey, blue: grey, alpha: alpha)
  }

  /// A colour as in `0x1f77b4`.
  public init(hex: UInt32) {
    self.init(
      red: Double(hex >> 16 & 255) / 255, green: Double(hex >> 8 & 255) / 255,
      blue: Double(hex & 255) / 255)
  }

  public static let black = Color(grey: 0)
  public static let white = Color(grey: 1)
  public static let clear = Color(grey: 1, alpha: 0)

  public func opacity(_ alpha: Double) -> Color {
    var result = self
    result.alpha = alpha
    return result
  }

  /// The colour `fraction` of the way to another.
  public func mixed(with other: Color, _ fraction: Double) -> Color {
    func mix(_ a: Double, _ b: Double) -> Double { a + fraction * (b - a) }
    return Color(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue),
      alpha: mix(alpha, other.alpha))
  }

  /// Red, green, blue, alpha rounded to bytes.
  public var bytes: (UInt8, UInt8, UInt8, UInt8) {
    func byte(_ part: Double) -> UInt8 { UInt8(min(max(part, 0), 1) * 255 + 0.5) }
    return (byte(red), byte(green), byte(blue), byte(alpha))
  }

  /// Luminance relative to white (WCAG 2.1).
  public var luminance: Double {
    0.2126 * Color.linear(red) + 0.7152 * Color.linear(green) + 0.0722 * Color.linear(blue)
  }

  /// Lightness L* of CIELAB, from 0 for black to 100 for white.
  public var lightness: Double {
    let y = luminance
    return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27
  }

  /// A part of sRGB as a part of the light (IEC 61966-2-1).
  public static func linear(_ part: Double) -> Double {
    part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
  }
}
