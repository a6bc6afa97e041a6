import Drawing
import Foundation
import Volumetry

/// What the program's own files hold, for axes and colour bars that nobody labelled.
enum KnownQuantity {
  private static let byName: [String: (text: String, units: String?)] = [
    "li": ("lithium content x", nil), "li_measured": ("lithium content x, as measured", nil),
    "li_sigma": ("standard error of x", nil), "intensity": ("counts in the window", nil),
    "ratio": ("valence-to-core ratio", nil), "deviance": ("deviance", nil),
    "deviance_expected": ("expected deviance", nil), "mask": ("reason in the mask", nil),
    "labels": ("label", nil), "xct": ("grey value", nil), "anisotropy": ("fractional anisotropy", nil),
    "thickness": ("local thickness", "\u{00B5}m"), "porosity": ("porosity", nil),
    "fractions": ("volume fraction", nil), "fraction_sigma": ("standard error of the fraction", nil),
    "depth": ("depth", "\u{00B5}m"), "pore_angle": ("angle of the pores to z", "\u{00B0}"),
    "pore_alignment": ("alignment of the pores", nil),
    "error": ("expected error of the alignment", "\u{00B5}m"),
  ]

  /// The quantity of a file by its name; nil where the name says nothing.
  static func label(ofFile path: String) -> RichText? {
    let name = PathName.withoutEnding(PathName.last(of: path))
    return byName[name].map { RichText(plain: $0.text + ($0.units.map { " (\($0))" } ?? "")) }
  }

  /// The quantity of a column, `NAME[UNIT]` as the program writes it.
  static func label(ofColumn column: String) -> RichText {
    let name = column.prefix { $0 != "[" }
    let unit = column.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }
    let shown =
      switch unit {
      case "", "1": ""
      case "um": " (\u{00B5}m)"
      case "deg": " (\u{00B0})"
      default: " (\(unit))"
      }
    return RichText(plain: name.replacing("_", with: " ") + shown)
  }
}
