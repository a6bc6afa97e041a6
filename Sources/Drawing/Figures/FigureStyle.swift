public import Volumetry

/// Sizes of letters and lines of a figure.
public struct FigureStyle: Sendable, Hashable {
  /// Axis labels, colour bar labels, legends.
  public var labelSize = 7.0
  public var tickSize = 6.5
  public var titleSize = 7.5
  /// Panel letters a, b, c.
  public var letterSize = 9.0
  /// Lines of axes and ticks.
  public var axisWidth = 0.6
  /// Lines of data.
  public var lineWidth = 1.0
  /// Diameter of a data point.
  public var markerSize = 3.2
  /// Space between neighbouring things.
  public var gap = 3.0
  public var tickLength = 2.6
  /// Family of all letters.
  public var family = Font.standard
  /// Points that no letter goes below, subscripts and superscripts included.
  public var leastText = 5.0
  /// Points that no line goes below.
  public var leastLine = 0.25

  public init() {}

  public static let standard = FigureStyle()

  /// Everything larger or smaller.
  public func scaled(_ factor: Double) -> FigureStyle {
    var result = self
    for path in [
      \FigureStyle.labelSize, \.tickSize, \.titleSize, \.letterSize, \.axisWidth, \.lineWidth, \.markerSize,
      \.gap, \.tickLength,
    ] as [WritableKeyPath<FigureStyle, Double>] {
      result[keyPath: path] *= factor
    }
    return result
  }

  public var labelFont: Font { Font(size: labelSize, family: family, least: leastText) }
  public var tickFont: Font { Font(size: tickSize, family: family, least: leastText) }
  public var titleFont: Font { Font(size: titleSize, bold: true, family: family, least: leastText) }
  public var letterFont: Font { Font(size: letterSize, bold: true, family: family, least: leastText) }

  /// A line thinner than those of the axes, for what stands behind.
  var thinLine: Double { max(0.7 * axisWidth, leastLine) }

  /// Colours of curves that people with any colour vision tell apart (M. Okabe and K. Ito, 2008).
  public static let palette: [Color] = [
    Color(hex: 0x0072B2), Color(hex: 0xD55E00), Color(hex: 0x009E73), Color(hex: 0xCC79A7),
    Color(hex: 0xE69F00), Color(hex: 0x56B4E9), Color(hex: 0x000000), Color(hex: 0xF0E442),
  ]

  public static func color(_ index: Int) -> Color { palette[index % palette.count] }
}
