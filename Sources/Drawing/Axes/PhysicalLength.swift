import Foundation

/// A length with the prefix that people would choose.
public enum PhysicalLength {
  /// `250 nm`, `20 µm`, `5 mm` of a length in micrometres.
  public static func text(micrometres: Double, digits: Int = 4) -> String {
    let units = [("nm", 1e-3), ("µm", 1.0), ("mm", 1e3), ("m", 1e6)]
    let unit = units.last { abs(micrometres) >= $0.1 * (1 - 1e-9) } ?? units[0]
    return Ticks.number(micrometres / unit.1, digits: digits) + "\u{00A0}" + unit.0
  }
}
