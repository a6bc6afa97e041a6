/// A face and size of text.
public struct Font: Sendable, Hashable {
  /// Family of all figures: DejaVu Sans has the Greek letters, signs and subscripts that labels need.
  public static let family = "DejaVu Sans"

  /// Points.
  public var size: Double
  public var isBold: Bool
  public var isItalic: Bool

  public init(size: Double, bold: Bool = false, italic: Bool = false) {
    self.size = size
    self.isBold = bold
    self.isItalic = italic
  }

  public func scaled(_ factor: Double) -> Font {
    var result = self
    result.size *= factor
    return result
  }

  /// Height of the letters above the baseline, as a part of the size.
  static let ascent = 0.76
  /// Depth of letters such as p below the baseline, as a part of the size.
  static let descent = 0.24
  /// Height of digits and capitals, as a part of the size.
  static let capHeight = 0.73
}
