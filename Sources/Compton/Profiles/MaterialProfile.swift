public import Volumetry

/// How lithium's electron is counted.
public enum LithiumModel: String, Sendable, Hashable, Codable, CaseIterable {
  /// Li+ with two 1s electrons; its third electron joins the oxygen 2p shell (or, without oxygen, the outermost
  /// shell of the heaviest anion).
  case ionic
  /// A neutral lithium atom.
  case neutral
}

/// Compton profile of a formula unit: a sum over neutral atoms and single shells.
public struct MaterialProfile: MomentumProfile {
  struct Atom: Sendable {
    let z: Int
    let amount: Double
    let shells: [AtomicData.Shell]
  }

  struct ExtraShell: Sendable {
    let z: Int
    let index: Int
    let electrons: Double
    let bindingEnergy: Double
  }

  let atomsOfUnit: [Atom]
  let extras: [ExtraShell]
  public let electrons: Double

  /// The profile of a formula at a given x.
  ///
  /// The lithium of the unknown x follows `model`; every other atom, lithium among them, is a neutral atom.
  ///
  /// - Throws: `data` where the ionic model finds no anion for lithium's electron.
  public init(
    _ formula: ChemicalFormula, x: Double = 0, model: LithiumModel = .ionic
  ) throws(VoxelithError) {
    var atoms = formula.atoms
    var extras: [ExtraShell] = []
    if formula.hasUnknownLithium {
      switch model {
      case .neutral:
        atoms[3, default: 0] += x
      case .ionic:
        guard let (anion, shell) = Self.acceptor(in: atoms) else {
          throw VoxelithError(
            .data, "'\(formula)' has no atom that takes lithium's electron",
            advice: "use the neutral-atom model")
        }
        extras.append(ExtraShell(z: 3, index: 0, electrons: 2 * x, bindingEnergy: 0.0548))
        extras.append(
          ExtraShell(z: anion, index: shell.index, electrons: x, bindingEnergy: shell.bindingEnergy))
      }
    }
    atomsOfUnit = atoms.sorted { $0.key < $1.key }.filter { $0.value != 0 }.map {
      Atom(z: $0.key, amount: $0.value, shells: AtomicData.shells($0.key))
    }
    self.extras = extras
    electrons =
      atomsOfUnit.reduce(0) { $0 + $1.amount * Double($1.z) } + extras.reduce(0) { $0 + $1.electrons }
  }

  /// The atom and shell that lithium's electron joins: oxygen 2p, or else the outermost p shell of N, F, S, C, P.
  private static func acceptor(in atoms: [Int: Double]) -> (Int, AtomicData.Shell)? {
    for z in [8, 9, 16, 7, 6, 15] where (atoms[z] ?? 0) > 0 {
      let shells = AtomicData.shells(z)
      if let shell = shells.last { return (z, shell) }
    }
    return nil
  }

  public func value(at pz: Double, loss: Double) -> Double {
    var sum = 0.0
    for atom in atomsOfUnit {
      var profile = AtomicData.profile(atom.z, pz: pz)
      for shell in atom.shells where shell.bindingEnergy > loss {
        profile -= shell.occupancy * AtomicData.profile(atom.z, shell: shell.index, pz: pz)
      }
      sum += atom.amount * max(0, profile)
    }
    for extra in extras where extra.bindingEnergy <= loss {
      sum += extra.electrons * AtomicData.profile(extra.z, shell: extra.index, pz: pz)
    }
    return sum
  }
}

/// The inner shells of a formula: those bound by more than a threshold, which chemistry leaves as they are.
public struct CoreProfile: MomentumProfile {
  let shells: [(shell: AtomicData.Shell, electrons: Double)]
  public let electrons: Double

  /// - Parameters:
  ///   - threshold: binding energy in keV above which a shell counts as core.
  public init(_ formula: ChemicalFormula, x: Double, threshold: Double = 0.04) {
    shells = formula.atoms(x: x).sorted { $0.key < $1.key }.flatMap { z, amount in
      AtomicData.shells(z).filter { $0.bindingEnergy >= threshold }.map { ($0, amount * $0.occupancy) }
    }
    electrons = shells.reduce(0) { $0 + $1.electrons }
  }

  public func value(at pz: Double, loss: Double) -> Double {
    shells.reduce(0) {
      $1.shell.bindingEnergy > loss
        ? $0 : $0 + $1.electrons * AtomicData.profile($1.shell.atomicNumber, shell: $1.shell.index, pz: pz)
    }
  }
}
