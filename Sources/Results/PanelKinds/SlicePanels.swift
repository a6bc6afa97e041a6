/// A slice in colour.
public struct SlicePanelSpec: Sendable, ColoredPanel {
  public var volume: PanelVolume
  public var plane = PanelPlane()
  public var colors = PanelColors()
  public var center: Double?
  /// Standard deviations, by which the values are paler.
  public var sigma: String?
  /// Volume that the slice is drawn over, in grey.
  public var over: String?
  public var opacity: Double?
  /// Whether arrows show the gradient, where it exceeds twice its standard error.
  public var gradient: Bool?
  /// Normal (x, y, z) of an oblique slice.
  public var normal: [Double]?
  /// Point (x, y, z) in micrometres of an oblique slice; the middle of the volume without it.
  public var pointUm: [Double]?
  public var title: String?

  public init(file: String) { volume = PanelVolume(file) }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .slice }
  var spec: PanelSpec { .slice(self) }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume), PanelField.part(\.plane), PanelField.part(\.colors),
      [
        .init(.center, \.center), .init(.sigma, \.sigma), .init(.over, \.over), .init(.opacity, \.opacity),
        .init(.gradient, \.gradient), .init(.normal, \.normal), .init(.pointUm, \.pointUm),
        .init(.title, \.title),
      ])
  }

  var rules: [PanelRule] {
    [
      PanelRule(.opacity, needs: "over", isWrong: opacity != nil && over == nil),
      PanelRule(
        .opacity, needs: "a number from 0 to 1", isWrong: opacity.map { !(0...1).contains($0) } ?? false),
      PanelRule(.pointUm, needs: "normal", isWrong: pointUm != nil && normal == nil),
    ] + plane.rules + [
      PanelRule(
        .normal, needs: "no axis, slice or position_um",
        isWrong: normal != nil && (plane.slice != nil || plane.positionUm != nil || plane.axis != nil)),
      PanelRule(.over, needs: "no sigma", isWrong: over != nil && sigma != nil),
    ]
  }
}

/// A value and its standard deviation side by side.
public struct ValueAndSigmaPanelSpec: Sendable, ColoredPanel {
  public var volume: PanelVolume
  /// Standard deviations.
  public var sigma: String?
  public var plane = PanelPlane()
  public var colors = PanelColors()
  public var title: String?

  public init(file: String, sigma: String) {
    volume = PanelVolume(file)
    self.sigma = sigma
  }

  init() { volume = PanelVolume() }

  static var kind: PanelSpec.Kind { .valueAndSigma }
  var spec: PanelSpec { .valueAndSigma(self) }
  var rules: [PanelRule] { plane.rules }

  static var fields: [PanelField<Self>] {
    PanelField.joined(
      PanelField.part(\.volume), PanelField.part(\.plane), PanelField.part(\.colors),
      [
        .init(.sigma, \.sigma), .init(.title, \.title),
      ])
  }
}
