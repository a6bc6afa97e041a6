/// Which colour a value has: what pictures in three dimensions ask of a colour map.
public protocol ValueColors: Sendable {
  /// Values that get the first and the last colour.
  var range: ClosedRange<Double> { get }
  /// Colour of a value; clear for NaN.
  func color(of value: Double) -> Color
}
