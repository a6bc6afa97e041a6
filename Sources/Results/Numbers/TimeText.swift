import Foundation

/// Times as people write them.
public enum TimeText {
  private static let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]

  /// Seconds of `90`, `90s`, `15m`, `4h` or `2d`; nil for anything else.
  public static func seconds(_ text: String) -> Double? {
    var text = text.trimmingCharacters(in: .whitespaces)
    var factor = 1.0
    if let last = text.last, let unit = units[last] {
      factor = unit
      text.removeLast()
    }
    guard let value = Double(text), value.isFinite, value >= 0 else { return nil }
    return value * factor
  }
}
