/// Unit of a photon energy in a file.
public enum EnergyUnit: String, Sendable, Hashable, Codable {
  case millielectronvolt = "meV"
  case electronvolt = "eV"
  case kiloelectronvolt = "keV"
  case megaelectronvolt = "MeV"
  case gigaelectronvolt = "GeV"
  case joule = "J"

  /// Kiloelectronvolts in one.
  public var inKeV: Double { Units.factor(rawValue, .energy) ?? 1 }

  /// The unit that a text names: a unit by itself (`eV`), or a name that holds one (`energy_keV`,
  /// `E (eV)`).
  public init?(in text: String) {
    let known: [EnergyUnit] = [
      .kiloelectronvolt, .electronvolt, .megaelectronvolt, .gigaelectronvolt, .millielectronvolt, .joule,
    ]
    let words = text.split { !$0.isLetter }.map(String.init)
    for word in words.reversed() {
      // A letter that stands alone may be the quantity; behind one it is the unit.
      guard let factor = Units.factor(word, .energy), word != "J" || words.count > 1 && word == words.last,
        let unit = known.first(where: { $0.inKeV == factor })
      else { continue }
      self = unit
      return
    }
    // Names without a mark between quantity and unit: `EnergykeV`.
    guard text.lowercased().contains("kev") else { return nil }
    self = .kiloelectronvolt
  }

  /// The unit of energies whose file does not say it: no Compton spectrum reaches 1000 keV, and every
  /// one passes 1000 eV.
  public static func judged(from energies: [Double]) -> EnergyUnit {
    (energies.max() ?? 0) > 1000 ? .electronvolt : .kiloelectronvolt
  }
}
