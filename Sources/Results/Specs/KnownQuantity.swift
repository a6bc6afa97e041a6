import Compton
import Drawing
import Foundation
import Readers
import Volumetry

/// What files hold, for axes and colour bars that nobody labelled: by their own attributes, or the program's own files by their names.
enum KnownQuantity {
  private static let byName: [String: (text: String, units: String?)] = [
    "li": ("lithium content x", nil), "li_measured": ("lithium content x, as measured", nil),
    "li_sigma": ("standard error of x", nil), "intensity": ("counts in the window", nil),
    "deviance": ("deviance", nil),
    "deviance_expected": ("expected deviance", nil), "mask": ("reason in the mask", nil),
    "labels": ("label", nil), "xct": ("grey value", nil), "anisotropy": ("fractional anisotropy", nil),
    "thickness": ("local thickness", "\u{00B5}m"),
    "pore_thickness": ("local thickness of the pores", "\u{00B5}m"),
    "dx_first": ("change of x since the first state", nil),
    "dx_first_sigma": ("standard error of the change of x", nil),
    "dx_previous": ("change of x since the state before", nil),
    "dx_previous_sigma": ("standard error of the change of x", nil), "porosity": ("porosity", nil),
    "fractions": ("volume fraction", nil), "fraction_sigma": ("standard error of the fraction", nil),
    "depth": ("depth", "\u{00B5}m"), "pore_angle": ("angle of the pores to z", "\u{00B0}"),
    "pore_alignment": ("alignment of the pores", nil),
    "error": ("expected error of the alignment", "\u{00B5}m"),
  ]

  /// Names that mean the same in any folder.
  private static let isPlain: Set = ["li", "li_measured", "li_sigma", "xct", "labels", "anisotropy"]

  /// The quantity of a file by the `long_name` and the `units` of its HDF5 dataset, or by its name, with the formula of the
  /// `map.json` beside a map of lithium; nil where neither says anything.
  ///
  /// - Parameter hasUnit: whether the unit stands behind it.
  static func label(ofFile path: String, dataset: String? = nil, hasUnit: Bool = true) -> RichText? {
    if let stored = HDF5VolumeFile.quantity(path: path, dataset: dataset) {
      let unit = hasUnit ? shown(stored.unit ?? "") : RichText(runs: [])
      let name = RichText(plain: stored.name)
      return stored.name.hasSuffix(unit.plain) ? name : name + unit
    }
    let name = PathName.withoutEnding(PathName.last(of: path))
    if ["li", "li_measured", "li_sigma"].contains(name), let formula = formula(besideFile: path) {
      let symbol = name == "li_sigma" ? "standard error of x in " : "x in "
      return RichText(plain: symbol) + RichText(formula: formula)
        + RichText(plain: name == "li_measured" ? ", as measured" : "")
    }
    guard isPlain.contains(name) || isOurs(path) else { return nil }
    if name == "ratio" { return RichText(plain: ratio(besideFile: path)) }
    return byName[name].map {
      RichText(plain: $0.text) + (hasUnit ? shown($0.units ?? "") : RichText(runs: []))
    }
  }

  /// The values of a file as they are drawn: a local thickness of zero lies outside the phase, where there is none.
  static func shown(_ source: any VolumeSource, ofFile path: String) -> any VolumeSource {
    PathName.withoutEnding(PathName.last(of: path)) == "thickness" && isOurs(path)
      ? NonzeroVolume(source) : source
  }

  /// The letter that stands for the quantity in a formula; nil where there is none.
  static func symbol(ofFile path: String) -> RichText? {
    ["li", "li_measured"].contains(PathName.withoutEnding(PathName.last(of: path))) ? "x" : nil
  }

  /// What two files must have in common to stand on one scale: quantity and unit. The formula is told apart where both have one.
  struct Kind: Equatable {
    let name: String
    let formula: String?

    static func == (a: Kind, b: Kind) -> Bool {
      a.name == b.name && (a.formula == nil || b.formula == nil || a.formula == b.formula)
    }
  }

  static func kind(ofFile path: String, dataset: String? = nil) -> Kind {
    let stem = PathName.withoutEnding(PathName.last(of: path))
    if HDF5VolumeFile.quantity(path: path, dataset: dataset) == nil,
      ["li", "li_measured", "li_sigma"].contains(stem)
    {
      return Kind(name: stem == "li_sigma" ? "sigma of x" : "x", formula: formula(besideFile: path))
    }
    return Kind(name: label(ofFile: path, dataset: dataset)?.plain ?? "", formula: nil)
  }

  /// The unit of a file's values as people read it; empty for a pure number and where nothing says it.
  static func unit(ofFile path: String, dataset: String? = nil) -> String {
    let stored = HDF5VolumeFile.quantity(path: path, dataset: dataset).map { $0.unit ?? "" }
    let name = PathName.withoutEnding(PathName.last(of: path))
    let own = isPlain.contains(name) || isOurs(path) ? byName[name]?.units : nil
    let unit = stored ?? own ?? ""
    return ["1", "dimensionless"].contains(unit) ? "" : UnitText.plain(unit)
  }

  /// Whether the program wrote the file: what it writes has a report or a provenance beside it. Others may mean anything by
  /// `depth.tif`.
  private static func isOurs(_ path: String) -> Bool {
    let reports = [
      "map.json", "orientation.json", "pores.json", "series.json", "truth.json", "provenance.json",
      "stage.json",
      PathName.last(of: path) + ".provenance.json",
    ]
    return reports.contains { FileManager.default.fileExists(atPath: beside(path, $0)) }
  }

  /// What the map's `ratio.tif` holds follows from its method.
  private static func ratio(besideFile path: String) -> String {
    struct NamedMethod: Decodable { var method: String? }
    let method = (try? WholeFile.read(beside(path, "map.json"))).flatMap {
      try? JSONDecoder().decode(NamedMethod.self, from: $0)
    }?.method
    return (method == MapMethod.valenceCore.rawValue ? MapMethod.valenceCore : .sParameter).term
  }

  /// What the numbers of a mask mean, of the `map.json` beside it; empty for any other file.
  static func meanings(ofFile path: String) -> [Double: String] {
    struct Mask: Decodable {
      struct Entry: Decodable { var value: Double }
      var mask: [String: Entry]?
    }
    guard PathName.withoutEnding(PathName.last(of: path)) == "mask",
      let data = try? WholeFile.read(beside(path, "map.json")),
      let mask = (try? JSONDecoder().decode(Mask.self, from: data))?.mask
    else { return [:] }
    let pairs = mask.map { ($0.value.value, QuantityName.words($0.key)) }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  private static func formula(besideFile path: String) -> String? {
    struct Formula: Decodable { var formula: String? }
    let report = beside(path, "map.json")
    guard FileManager.default.fileExists(atPath: report), let data = try? WholeFile.read(report) else {
      return nil
    }
    return (try? JSONDecoder().decode(Formula.self, from: data))?.formula
  }

  /// The file of standard errors that the program writes beside `li.tif` and the like, or the file itself where it holds
  /// them, too; nil where there is none.
  static func sigma(besideFile path: String, dataset: String? = nil) -> String? {
    if HDF5VolumeFile.errors(path: path, dataset: dataset) != nil { return path }
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
    var name = column.prefix { $0 != "[" }
    var unit = column.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }
    // Others write the unit behind the name.
    for ending in ["um", "deg", "keV"] where unit.isEmpty && name.hasSuffix("_" + ending) {
      unit = name.suffix(ending.count)
      name = name.dropLast(ending.count + 1)
    }
    return RichText(plain: QuantityName.words(String(name))) + shown(unit)
  }

  /// A unit as people read it, in brackets; nothing for a pure number.
  private static func shown(_ unit: some StringProtocol) -> RichText {
    ["", "1", "dimensionless"].contains(String(unit)) ? RichText(runs: []) : .inBrackets(unit: String(unit))
  }
}
