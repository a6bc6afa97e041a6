import Foundation

/// Names of quantities as people read them, made of the keys of the program's files.
enum QuantityName {
  /// Endings of keys that are units.
  private static let units: [(ending: String, unit: String)] = [
    ("um2", "\u{00B5}m\u{00B2}"), ("um3", "\u{00B5}m\u{00B3}"), ("um", "\u{00B5}m"), ("mm", "mm"),
    ("keV", "keV"), ("deg", "\u{00B0}"), ("rad", "rad"), ("au", "a.u."), ("s", "s"), ("percent", "%"),
    ("per_um", "\u{00B5}m\u{207B}\u{00B9}"), ("m2_s", "m\u{00B2}/s"), ("bytes", "bytes"),
  ]

  private static let words: [String: String] = [
    "x": "x", "sigma": "standard error", "chi squared per dof": "\u{03C7}\u{00B2} per degree of freedom",
    "p value": "p", "q value": "q", "sha256": "SHA-256",
  ]

  /// `voxel_size_um` is `voxel size (µm)`, `rotation_x_rad` `rotation x (rad)`; a name that is no key stays.
  static func words(_ key: String) -> String {
    var stem = key
    var unit = ""
    for one in units where unit.isEmpty && key.hasSuffix("_" + one.ending) {
      // `x_per_um` is not in micrometres.
      if one.ending == "um", key.hasSuffix("_per_um") { continue }
      stem = String(key.dropLast(one.ending.count + 1))
      unit = " (\(one.unit))"
    }
    let plain = stem.replacing("_", with: " ")
    let known = words[plain] ?? (plain.hasSuffix(" sigma") ? "standard error of " + plain.dropLast(6) : plain)
    return known + unit
  }
}
