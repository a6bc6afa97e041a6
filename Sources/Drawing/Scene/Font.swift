/// A face and size of text.
public struct Font: Sendable, Hashable {
  /// The family that has every Greek letter, sign and subscript that labels need. Signs that another family lacks come
  /// from this one.
  public static let standard = "DejaVu Sans"

  /// Name of the family, as fontconfig knows it.
  public var family: String
  /// Points.
  public var size: Double
  public var isBold: Bool
  public var isItalic: Bool
  /// Points that no part of a text, such as a subscript, goes below.
  public var least: Double

  public init(
    size: Double, bold: Bool = false, italic: Bool = false, family: String = Font.standard, least: Double = 0
  ) {
    self.family = family
    self.size = size
    self.isBold = bold
    self.isItalic = italic
    self.least = least
  }

  /// The font larger or smaller, though not below ``least``.
  public func scaled(_ factor: Double) -> Font {
    var result = self
    result.size = max(size * factor, min(size, least))
    return result
  }

  /// Height of the letters above the baseline, as a part of the size.
  static let ascent = 0.76
  /// Depth of letters such as p below the baseline, as a part of the size.
  static let descent = 0.24
  /// Height of digits and capitals, as a part of the size.
  static let capHeight = 0.73
}
