public import Volumetry

/// How values become colours: a map, the values of its two ends, and for diverging maps the value of its middle.
public struct ColorScale: ValueColors, Hashable {
  public let map: ColorMap
  /// Values that get the first and the last colour drawn.
  public let range: ClosedRange<Double>
  /// Value of the middle colour. Equal steps on both sides have equal steps of colour, so where the range is
  /// not symmetric one end of the map stays unused.
  public let center: Double?

  /// - Throws: `usage` where the range is empty or not finite, or the centre lies outside.
  public init(
    map: ColorMap, lower: Double, upper: Double, center: Double? = nil
  ) throws(VoxelithError) {
    guard lower.isFinite, upper.isFinite, lower < upper else {
      throw VoxelithError(
        .usage, "the range of values from \(lower) to \(upper) is empty",
        advice: "give two numbers, the lower one first")
    }
    if let center, !(center.isFinite && lower <= center && center <= upper) {
      throw VoxelithError(
        .usage, "the centre \(center) lies outside the range of values from \(lower) to \(upper)")
    }
    self.map = map
    self.range = lower...upper
    self.center = center
  }

  /// Position in the map, 0 to 1 within the range; NaN for NaN.
  public func position(of value: Double) -> Double {
    guard let center else {
      return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
    let half = max(center - range.lowerBound, range.upperBound - center)
    return 0.5 + 0.5 * (min(max(value, range.lowerBound), range.upperBound) - center) / half
  }

  /// Colour of a value; clear for NaN.
  public func color(of value: Double) -> Color {
    value.isNaN ? .clear : map.color(at: position(of: value))
  }

  /// Colours of many values as pixels; NaN is clear.
  public func raster(_ values: [Float], width: Int, height: Int) -> Raster {
    precondition(values.count == width * height)
    let steps = 1024
    let table = (0..<steps).map { index in
      color(of: range.lowerBound + (range.upperBound - range.lowerBound) * Double(index) / Double(steps - 1))
        .bytes
    }
    let scale = Float(Double(steps - 1) / (range.upperBound - range.lowerBound))
    let lower = Float(range.lowerBound)
    var pixels = [UInt8](repeating: 0, count: 4 * values.count)
    for (i, value) in values.enumerated() where !value.isNaN {
      let (r, g, b, _) = table[Int(min(max((value - lower) * scale, 0), Float(steps - 1)) + 0.5)]
      pixels[4 * i] = r
      pixels[4 * i + 1] = g
      pixels[4 * i + 2] = b
      pixels[4 * i + 3] = 255
    }
    return Raster(width: width, height: height, pixels: pixels)
  }
}
