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

  /// The quantity of a file by its name, with the formula of the `map.json` beside a map of lithium; nil where the name
  /// says nothing.
  static func label(ofFile path: String) -> RichText? {
    let name = PathName.withoutEnding(PathName.last(of: path))
    if ["li", "li_measured", "li_sigma"].contains(name), let formula = formula(besideFile: path) {
      let symbol = name == "li_sigma" ? "standard error of x in " : "x in "
      return RichText(plain: symbol) + RichText(formula: formula)
        + RichText(plain: name == "li_measured" ? ", as measured" : "")
    }
    return byName[name].map { RichText(plain: $0.text + ($0.units.map { " (\($0))" } ?? "")) }
  }

  private static func formula(besideFile path: String) -> String? {
    struct Formula: Decodable { var formula: String? }
    let report = beside(path, "map.json")
    guard FileManager.default.fileExists(atPath: report), let data = try? WholeFile.read(report) else {
      return nil
    }
    return (try? JSONDecoder().decode(Formula.self, from: data))?.formula
  }

  /// The file of standard errors that the program writes beside `li.tif` and the like; nil where there is none.
  static func sigma(besideFile path: String) -> String? {
    let name = PathName.last(of: path)
    let ending = PathName.ending(of: name)
    let stem = PathName.withoutEnding(name)
    guard !stem.hasSuffix("_sigma"), !ending.isEmpty else { return nil }
    let sigma = beside(path, (stem == "fractions" ? "fraction" : stem) + "_sigma." + ending)
    return FileManager.default.fileExists(atPath: sigma) ? sigma : nil
  }

  private static func beside(_ path: String, _ name: String) -> String {
    PathName.join(PathName.folder(of: path), name)
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
