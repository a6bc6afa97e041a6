public import Compton
public import Volumetry

/// A phase of the electrode as scattering material.
public struct PhaseMaterial: Sendable, Hashable {
  public let name: String
  public let label: Int
  public let formula: ChemicalFormula
  /// Density in g/cm3.
  public let density: Double

  public init(name: String, label: Int, formula: ChemicalFormula, density: Double) {
    self.name = name
    self.label = label
    self.formula = formula
    self.density = density
  }
}

/// What the twin's electrode is made of.
public struct ElectrodeMaterials: Sendable, Hashable {
  public let active: PhaseMaterial
  /// The other phases that scatter, in the order of `standards.yaml`.
  public let components: [PhaseMaterial]

  public init(active: PhaseMaterial, components: [PhaseMaterial]) {
    self.active = active
    self.components = components
  }

  /// NMC811 (4.75 g/cm3) with its pores full of carbonate electrolyte (EC and DMC, 1.25 g/cm3) and carbon with
  /// PVDF binder (1.9 g/cm3).
  public static func standard(
    formula: String = "LixNi0.8Mn0.1Co0.1O2", density: Double = 4.75, activeLabel: Int = 1,
    poreLabel: Int = 0, binderLabel: Int = 2
  ) throws(VoxelithError) -> ElectrodeMaterials {
    ElectrodeMaterials(
      active: PhaseMaterial(
        name: "active", label: activeLabel, formula: try ChemicalFormula(formula), density: density),
      components: [
        PhaseMaterial(
          name: "electrolyte", label: poreLabel, formula: try ChemicalFormula("C3H5O3"), density: 1.25),
        PhaseMaterial(
          name: "carbon-binder", label: binderLabel, formula: try ChemicalFormula("C10H2F2"), density: 1.9),
      ])
  }

  /// Electron density of a phase relative to a formula unit's mass: electrons per cm3 over Avogadro's number.
  public static func electronDensity(_ phase: PhaseMaterial, x: Double) -> Double {
    let electrons = phase.formula.atoms(x: x).sorted { $0.key < $1.key }.reduce(0.0) {
      $0 + Double($1.key) * $1.value
    }
    return phase.density * electrons / phase.formula.molarMass(x: x)
  }
}
