import Foundation

/// Names of quantities as people read them, made of the keys of the program's files.
package enum QuantityName {
  /// Endings of keys that are units.
  private static let units: [(ending: String, unit: String)] = [
    ("um2", "\u{00B5}m\u{00B2}"), ("um3", "\u{00B5}m\u{00B3}"), ("um", "\u{00B5}m"), ("mm", "mm"),
    ("keV", "keV"), ("deg", "\u{00B0}"), ("rad", "rad"), ("au", "a.u."), ("s", "s"), ("percent", "%"),
    ("per_um", "\u{00B5}m\u{207B}\u{00B9}"), ("m2_s", "m\u{00B2}/s"), ("bytes", "bytes"),
    ("voxels", "voxels"),
  ]

  private static let words: [String: String] = [
    "x": "x", "sigma": "standard error", "chi squared per dof": "\u{03C7}\u{00B2} per degree of freedom",
    "p value": "p", "q value": "q", "sha256": "SHA-256", "lithium free": freeLithium,
    "lithium free sigma": "standard error of " + freeLithium, "not covered": "not fully covered by the XCT",
    "empty": "no counts of the active material",
    "bad counts": "values that are no counts",
  ]

  /// Lithium of a fit that finds the amounts of the phases itself.
  static let freeLithium = "lithium (phase amounts fitted freely)"

  /// Settings of filters, whose names end as those of standard errors do.
  private static let filters: [String: String] = [
    "sigma_um": "width \u{03C3} of the gradient filter", "rho_um": "width \u{03C1} of the averaging filter",
  ]

  /// `voxel_size_um` is `voxel size (µm)`, `rotation_x_rad` `rotation x (rad)`; a name that is no key stays.
  package static func words(_ key: String) -> String {
    // `shift_um_xyz` has its unit before the axes.
    if key.hasSuffix("_xyz") {
      let name = words(String(key.dropLast(4)))
      let unit = name.hasSuffix(")") ? name.lastIndex(of: "(") : nil
      guard let unit else { return name + " along x, y, z" }
      return name[..<unit] + "along x, y, z " + name[unit...]
    }
    var stem = key
    var unit = ""
    for one in units where unit.isEmpty && key.hasSuffix("_" + one.ending) {
      // `x_per_um` is not in micrometres.
      if one.ending == "um", key.hasSuffix("_per_um") { continue }
      stem = String(key.dropLast(one.ending.count + 1))
      unit = " (\(one.unit))"
    }
    let plain = stem.replacing("_", with: " ")
    let known =
      filters[key] ?? words[plain]
      ?? (plain.hasSuffix(" sigma") ? "standard error of " + plain.dropLast(6) : plain)
    return known + unit
  }
}
