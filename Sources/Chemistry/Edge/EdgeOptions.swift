/// What is measured at an absorption edge.
public enum EdgeMeasure: String, Sendable, Hashable, Codable, CaseIterable {
  /// Energy at which the normalised absorption first reaches one half.
  case halfHeight = "half-height"
  /// Energy of the greatest slope.
  case derivative
  /// Upper limit of the edge region less the integral of the normalised absorption over it.
  case centroid
  /// Energy of the white line's maximum.
  case whiteLine = "white-line"
  /// Normalised absorption at the white line's maximum.
  case whiteLineHeight = "white-line-height"
  /// Step from the line before to the curve after, at E0.
  case jump
}

/// How an edge is normalised and measured. Ranges are relative to `e0`, in eV.
public struct EdgeOptions: Sendable, Hashable {
  public var measure = EdgeMeasure.halfHeight
  /// Nominal edge in eV, the same for all voxels.
  public var e0: Double
  public var pre: ClosedRange<Double>?
  public var post: ClosedRange<Double>?
  /// 0 constant, 1 line, 2 quadratic.
  public var postDegree: Int?
  /// Half width of the local cubic in eV.
  public var smoothing: Double?
  /// Where the edge and the white line are looked for.
  public var region: ClosedRange<Double>?
  /// A jump below as many times its error is no edge.
  public var minimumSigmas = 5.0
  public var noise = NoiseModel.counts

  public init(e0: Double) { self.e0 = e0 }
}
