import CXraylib

/// Tables of xraylib: Hartree-Fock Compton profiles (Biggs, Mendelsohn and Mann, At. Data Nucl. Data Tables 16
/// (1975) 201), binding energies, attenuation, fluorescence lines.
public enum AtomicData {
  /// A shell of a neutral atom.
  public struct Shell: Sendable, Hashable {
    public let atomicNumber: Int
    /// xraylib's number of the shell: 0 is K, 1 to 3 are L1 to L3, 4 to 8 are M1 to M5, ...
    public let index: Int
    /// Number of electrons.
    public let occupancy: Double
    /// Binding energy in keV; 0 where the tables have none.
    public let bindingEnergy: Double
  }

  /// Atomic number of a symbol such as `Ni`; nil if there is no such element.
  public static func atomicNumber(_ symbol: String) -> Int? {
    let z = unsafe symbol.withCString { unsafe SymbolToAtomicNumber($0, nil) }
    return z > 0 ? Int(z) : nil
  }

  /// Standard atomic weight in g/mol.
  public static func atomicWeight(_ z: Int) -> Double { AtomicWeight(Int32(z), nil) }

  /// J(pz) of a neutral atom in electrons per atomic unit, even in `pz`; 0 beyond 100 a.u., where the tables end.
  public static func profile(_ z: Int, pz: Double) -> Double {
    abs(pz) >= 100 ? 0 : ComptonProfile(Int32(z), abs(pz), nil)
  }

  /// J(pz) of one electron of a shell.
  public static func profile(_ z: Int, shell: Int, pz: Double) -> Double {
    abs(pz) >= 100 ? 0 : ComptonProfile_Partial(Int32(z), Int32(shell), abs(pz), nil)
  }

  /// Occupied shells of a neutral atom.
  public static func shells(_ z: Int) -> [Shell] {
    (0..<31).compactMap { index in
      let occupancy = ElectronConfig(Int32(z), Int32(index), nil)
      guard occupancy > 0 else { return nil }
      return Shell(
        atomicNumber: z, index: index, occupancy: occupancy,
        bindingEnergy: EdgeEnergy(Int32(z), Int32(index), nil))
    }
  }

  /// Total mass attenuation coefficient in cm2/g at an energy in keV.
  public static func massAttenuation(_ z: Int, energy: Double) -> Double {
    CS_Total(Int32(z), energy, nil)
  }
}
