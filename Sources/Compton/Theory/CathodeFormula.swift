public import Volumetry

/// A cathode material with the range of its lithium, by a formula or by a short name of the field.
public struct CathodeFormula: Sendable, Hashable, Codable {
  /// The short name, where it is one of ``known``.
  public let name: String?
  /// Formula with `Lix` for the lithium that moves.
  public let formula: String
  /// Lithium of the empty and of the full material.
  public let range: ClosedRange<Double>

  private init(_ name: String, _ formula: String, upTo full: Double) {
    self.name = name
    self.formula = formula
    range = 0...full
  }

  enum CodingKeys: String, CodingKey {
    case name, formula
    case range = "x_range"
  }

  /// Layered, spinel and olivine cathodes, and disordered rocksalts (N. Yabuuchi et al., Nat. Commun. 7 (2016) 13814;
  /// R. Wang et al., Electrochem. Commun. 60 (2015) 70; J. Lee et al., Nature 556 (2018) 185 and Nat. Commun. 8 (2017) 981).
  public static let known = [
    CathodeFormula("NMC811", "LixNi0.8Mn0.1Co0.1O2", upTo: 1),
    CathodeFormula("LMO", "LixMn2O4", upTo: 1),
    CathodeFormula("LFP", "LixFePO4", upTo: 1),
    CathodeFormula("LMTO", "LixMn0.4Ti0.4O2", upTo: 1.2),
    CathodeFormula("LNMO-DRX", "LixNb0.25Mn0.5O2", upTo: 1.25),
    CathodeFormula("LMNOF", "LixMn0.6667Nb0.3333O2F", upTo: 2),
    CathodeFormula("LNTMOF", "LixNi0.45Ti0.3Mo0.1O1.85F0.15", upTo: 1.15),
  ]

  /// Reads a short name, a formula with `Lix` (x from 0 to 1) or one with an amount in front, such as `Li1.2Mn0.4Ti0.4O2`, all of which
  /// may leave.
  ///
  /// - Throws: `usage` where the formula has no lithium that may move; `data` where it cannot be read.
  public init(_ text: String) throws(VoxelithError) {
    if let known = Self.known.first(where: { $0.name?.lowercased() == text.lowercased() }) {
      self = known
      return
    }
    let parsed: ChemicalFormula
    do throws(VoxelithError) {
      parsed = try ChemicalFormula(text)
    } catch {
      throw VoxelithError(
        error.code, error.message,
        advice: "write LixNi0.8Mn0.1Co0.1O2 or Li1.2Mn0.4Ti0.4O2, or one of "
          + Self.known.compactMap(\.name).joined(separator: ", "))
    }
    name = nil
    if parsed.hasUnknownLithium {
      (formula, range) = (text, 0...1)
      return
    }
    guard let full = parsed.atoms[3], full > 0, text.hasPrefix("Li") else {
      throw VoxelithError(
        .usage, "'\(text)' has no lithium in front that may move",
        advice: "write it as LixNi0.8Mn0.1Co0.1O2, or Li1.2Mn0.4Ti0.4O2 for x from 0 to 1.2")
    }
    let rest = text.dropFirst(2).drop { $0.isNumber || $0 == "." }
    guard try ChemicalFormula("Lix" + rest).atoms[3] == nil else {
      throw VoxelithError(
        .usage, "'\(text)' has lithium in two places", advice: "write the lithium once, in front")
    }
    (formula, range) = ("Lix" + rest, 0...full)
  }
}
