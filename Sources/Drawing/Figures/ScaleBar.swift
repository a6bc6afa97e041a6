package import Volumetry

/// The bar that tells the size of things in a picture.
public struct ScaleBar: Sendable, Hashable {
  /// Micrometres, or voxels where nobody told the size.
  public let length: Double
  public let isPhysical: Bool

  public init(length: Double, isPhysical: Bool) {
    self.length = length
    self.isPhysical = isPhysical
  }

  /// A bar of 1, 2, 5 or 10 times a power of ten, up to a third of a picture.
  public init(for extent: Double, isPhysical: Bool) {
    self.init(
      length: isPhysical
        ? Ticks.preferred(notAbove: extent / 3) : max(1, Ticks.preferred(notAbove: extent / 3)),
      isPhysical: isPhysical)
  }

  public var text: RichText {
    guard !isPhysical else { return RichText(plain: PhysicalLength.text(micrometres: length)) }
    return RichText(plain: "\(Ticks.number(length)) voxel\(length == 1 ? "" : "s") (size unknown)")
  }

  /// Thickness of the bar in points.
  static let thickness = 2.0

  /// Draws the bar with its label beside it; answers the box of both.
  ///
  /// The bar is a filled box without an edge, so its length is the label's to the last pixel.
  @discardableResult
  package func draw(
    into scene: inout Scene, left: Double, middle: Double, pointsPerUnit: Double, style: FigureStyle,
    color: Color = .black
  ) -> Rectangle {
    let width = length * pointsPerUnit
    let bar = Rectangle(
      x: left, y: middle - Self.thickness / 2, width: width, height: Self.thickness)
    scene.fill(Path(bar), color)
    let label = scene.text(
      text, at: Point(bar.right + style.gap, middle), font: style.tickFont, color: color, .start, .middle)
    return Rectangle(
      x: left, y: label.y, width: label.right - left, height: label.height)
  }

  /// Width of bar and label in points.
  func width(pointsPerUnit: Double, style: FigureStyle) -> Double {
    length * pointsPerUnit + style.gap + TextLayout.width(text, font: style.tickFont)
  }
}
