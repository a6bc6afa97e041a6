/// Unit of a photon energy in a file.
public enum EnergyUnit: String, Sendable, Hashable, Codable {
  case electronvolt = "eV"
  case kiloelectronvolt = "keV"
  case megaelectronvolt = "MeV"

  /// Kiloelectronvolts in one.
  public var inKeV: Double {
    switch self {
    case .electronvolt: 1e-3
    case .kiloelectronvolt: 1
    case .megaelectronvolt: 1e3
    }
  }

  /// The unit that a text names: a unit by itself (`eV`), or a name that ends in one (`energy_keV`,
  /// `E (eV)`).
  public init?(in text: String) {
    let lower = text.lowercased()
    if lower.contains("kev") {
      self = .kiloelectronvolt
    } else if text.contains("MeV") {
      self = .megaelectronvolt
    } else if lower.split(whereSeparator: { !$0.isLetter }).contains(where: { $0 == "ev" }) {
      self = .electronvolt
    } else {
      return nil
    }
  }

  /// The unit of energies whose file does not say it: no Compton spectrum reaches 1000 keV, and every
  /// one passes 1000 eV.
  public static func judged(from energies: [Double]) -> EnergyUnit {
    (energies.max() ?? 0) > 1000 ? .electronvolt : .kiloelectronvolt
  }
}
