public import Volumetry

/// Colour and opacity of values in a volume that is looked through.
public struct TransferFunction: Sendable {
  public let scale: any ValueColors
  /// Value and opacity, with rising values; linear between, constant beyond.
  ///
  /// An opacity is the part of the light that is stopped on a way of ``length`` micrometres, so that it does not depend
  /// on the size of the voxels.
  public let opacity: [(value: Double, opacity: Double)]
  /// Micrometres that the opacities stand for; nil is a fiftieth of the longest side.
  public let length: Double?

  /// - Throws: `usage` where the values do not rise or an opacity is not from 0 to 1.
  public init(
    scale: any ValueColors, opacity: [(value: Double, opacity: Double)], length: Double? = nil
  ) throws(VoxelithError) {
    guard !opacity.isEmpty, zip(opacity, opacity.dropFirst()).allSatisfy({ $0.value <= $1.value }),
      opacity.allSatisfy({ $0.value.isFinite && $0.opacity >= 0 && $0.opacity <= 1 })
    else {
      throw VoxelithError(
        .usage, "the opacities are not from 0 to 1 at rising values",
        advice: "give pairs such as 0:0, 0.5:0.02, 1:0.6")
    }
    if let length, !(length.isFinite && length > 0) {
      throw VoxelithError(.usage, "the length \(length) µm of the opacities is not positive")
    }
    self.scale = scale
    self.opacity = opacity
    self.length = length
  }

  /// Opacity that rises over the range of the colours.
  public static func ramp(
    _ scale: any ValueColors, from low: Double = 0, to high: Double = 0.35
  ) throws(VoxelithError) -> TransferFunction {
    try TransferFunction(
      scale: scale, opacity: [(scale.range.lowerBound, low), (scale.range.upperBound, high)])
  }

  /// Nothing below a value and solid above, over a soft edge: pores or solid of a segmented volume.
  public static func solid(
    _ scale: any ValueColors, above value: Double, softness: Double
  ) throws(VoxelithError) -> TransferFunction {
    try TransferFunction(
      scale: scale, opacity: [(value - softness / 2, 0), (value + softness / 2, 1)])
  }

  func opacity(at value: Double) -> Double {
    guard let first = opacity.first, value > first.value else { return opacity.first?.opacity ?? 0 }
    for (a, b) in zip(opacity, opacity.dropFirst()) where value < b.value {
      return a.opacity + (b.opacity - a.opacity) * (value - a.value) / (b.value - a.value)
    }
    return opacity.last?.opacity ?? 0
  }
}
