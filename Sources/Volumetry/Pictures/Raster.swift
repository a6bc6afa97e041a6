/// A picture of pixels: red, green, blue, opacity, a byte each, rows from the top, not premultiplied.
public struct Raster: Sendable, Hashable {
  public let width: Int
  public let height: Int
  public var pixels: [UInt8]

  /// - Precondition: four bytes per pixel.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == 4 * width * height)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  public init(width: Int, height: Int, color: Color = .clear) {
    let (r, g, b, a) = color.bytes
    var pixels = [UInt8](repeating: a, count: 4 * width * height)
    for i in 0..<(width * height) {
      pixels[4 * i] = r
      pixels[4 * i + 1] = g
      pixels[4 * i + 2] = b
    }
    self.init(width: width, height: height, pixels: pixels)
  }

  public subscript(x: Int, y: Int) -> Color {
    get {
      let i = 4 * (y * width + x)
      return Color(
        red: Double(pixels[i]) / 255, green: Double(pixels[i + 1]) / 255,
        blue: Double(pixels[i + 2]) / 255, alpha: Double(pixels[i + 3]) / 255)
    }
    set {
      let i = 4 * (y * width + x)
      (pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]) = newValue.bytes
    }
  }
}

extension Raster {
  /// The picture on a solid ground.
  public func over(_ background: Color) -> Raster {
    var result = self
    let (r, g, b, _) = background.bytes
    for i in 0..<(width * height) {
      let alpha = Int(pixels[4 * i + 3])
      for (part, ground) in [r, g, b].enumerated() {
        let value = Int(pixels[4 * i + part]) * alpha + Int(ground) * (255 - alpha)
        result.pixels[4 * i + part] = UInt8((value + 127) / 255)
      }
      result.pixels[4 * i + 3] = 255
    }
    return result
  }
}
