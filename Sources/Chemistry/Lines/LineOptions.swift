/// What is measured of an emission or loss line.
public enum LineMeasure: String, Sendable, Hashable, Codable, CaseIterable {
  /// Integral over the window, above the background.
  case area
  /// Mean energy of that area.
  case centroid
  /// Centroid less a reference energy.
  case shift
  /// Area of the window over that of a second one: L3/L2.
  case ratio
}

/// Windows of a line in eV.
public struct LineOptions: Sendable, Hashable {
  public var measure = LineMeasure.area
  public var window: ClosedRange<Double>
  public var secondWindow: ClosedRange<Double>?
  /// One or two windows that a line is fitted to.
  public var background: [ClosedRange<Double>]
  public var reference: Double?
  /// An area below as many times its error has no centroid and no ratio.
  public var minimumSigmas = 5.0
  public var noise = NoiseModel.counts

  public init(window: ClosedRange<Double>, background: [ClosedRange<Double>]) {
    self.window = window
    self.background = background
  }
}
