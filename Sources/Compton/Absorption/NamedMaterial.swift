public import Volumetry

/// Materials of cells and cameras by their names, with formulas and usual densities.
public struct NamedMaterial: Sendable, Hashable {
  public let name: String
  /// A formula with the right parts of the elements.
  public let formula: String
  /// g/cm3.
  public let density: Double

  /// Compositions by atoms from the compositions by weight of ICRU 44 and of the standards of steel (EN 1.4301).
  public static let all: [NamedMaterial] = [
    NamedMaterial(name: "steel", formula: "Fe0.705Cr0.19Ni0.085Mn0.02", density: 7.9),
    NamedMaterial(name: "aluminium", formula: "Al", density: 2.70),
    NamedMaterial(name: "copper", formula: "Cu", density: 8.96),
    NamedMaterial(name: "nickel", formula: "Ni", density: 8.91),
    NamedMaterial(name: "lead", formula: "Pb", density: 11.35),
    NamedMaterial(name: "tungsten", formula: "W", density: 19.3),
    NamedMaterial(name: "graphite", formula: "C", density: 2.2),
    NamedMaterial(name: "polyethylene", formula: "CH2", density: 0.94),
    NamedMaterial(name: "polypropylene", formula: "C3H6", density: 0.91),
    NamedMaterial(name: "kapton", formula: "C22H10N2O5", density: 1.42),
    NamedMaterial(name: "quartz", formula: "SiO2", density: 2.2),
    NamedMaterial(name: "water", formula: "H2O", density: 1.0),
    NamedMaterial(name: "air", formula: "N0.78O0.21Ar0.01", density: 0.0012),
  ]

  /// Formula and density of a material that a file names: one of the list, or a formula with a density of its own.
  ///
  /// - Throws: `data` for a name that is neither, or a formula without density.
  public static func resolve(
    _ text: String, density: Double?, of layer: String
  ) throws(VoxelithError) -> (formula: ChemicalFormula, density: Double) {
    if let known = all.first(where: { $0.name == text.lowercased() }) {
      return (try ChemicalFormula(known.formula), density ?? known.density)
    }
    let formula: ChemicalFormula
    do {
      formula = try ChemicalFormula(text)
    } catch {
      throw VoxelithError(
        .data, "'\(text)', the material of '\(layer)', is not known",
        advice: "write a formula such as SiO2 with density_g_cm3, or one of: "
          + all.map(\.name).joined(separator: ", "))
    }
    guard let density else {
      throw VoxelithError(
        .data, "'\(layer)' of \(text) has no density", advice: "give density_g_cm3 beside material")
    }
    return (formula, density)
  }
}
