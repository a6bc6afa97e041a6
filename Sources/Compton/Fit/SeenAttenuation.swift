import Foundation
import Volumetry

/// Attenuation by the energy that a detector shows: photons of its tail, of shared charge and of escapes were more energetic
/// on their way out than they seem.
///
/// In each bin the coefficient is the mean over the photons that are seen there, `R[mu S] / R[S]` with the response R and the
/// material's own spectrum S, and the layers' transmission `R[t S] / R[S]`. What that adds to the values at the seen energy is
/// found once, at the geometry of the standards; at another angle it moves with the Compton peak.
struct SeenAttenuation: Sendable {
  private let energies: [Double]
  private let peak: Double
  /// What is added to the optical thickness of the layers, and to each phase's coefficient in 1/cm, by bin.
  private let layers: [Double]
  private let phases: [[Double]]

  /// Nil where the detector shows every photon's own energy, or the material is not known.
  init?(_ absorption: Absorption, calibration: Calibration) {
    guard calibration.response.hasFixedEnergyEffects, let text = calibration.formula,
      let formula = try? ChemicalFormula(text), let axis = try? calibration.energyAxis(),
      let geometry = try? calibration.geometry(),
      let profile = try? MaterialProfile(
        formula, x: 0.5 * (calibration.range[0] + calibration.range[1]), model: .neutral)
    else { return nil }
    let model = SpectrumModel(energy: axis, geometry: geometry, response: calibration.response)
    let all = model.expected(profile)
    let largest = all.max() ?? 0
    guard largest > 0 else { return nil }
    // Bins that hardly any photon reaches have no mean.
    let isSeen = all.map { $0 > 1e-9 * largest }
    func depth(_ energy: Double) -> Double {
      absorption.layers.reduce(0) { $0 + $1.depth(leaving: energy) }
    }
    let passed = absorption.layers.isEmpty ? all : model.expected(profile) { exp(-depth($0)) }
    layers = all.indices.map { bin in
      isSeen[bin] && passed[bin] > 0 ? -log(passed[bin] / all[bin]) - depth(axis.centers[bin]) : 0
    }
    phases = absorption.phases.map { phase in
      let taken = model.expected(profile) { phase.attenuation(energy: $0) }
      return all.indices.map { bin in
        isSeen[bin] ? taken[bin] / all[bin] - phase.attenuation(energy: axis.centers[bin]) : 0
      }
    }
    energies = axis.centers
    peak = geometry.peakEnergy
  }

  /// What is added to the layers' optical thickness at an energy that is seen, of a pixel whose Compton peak lies at `peak` keV.
  func layers(at energy: Double, peak own: Double) -> Double { value(layers, at: energy - own + peak) }

  /// What is added to a phase's coefficient, the same.
  func phase(_ index: Int, at energy: Double, peak own: Double) -> Double {
    value(phases[index], at: energy - own + peak)
  }

  private func value(_ table: [Double], at energy: Double) -> Double {
    guard let first = energies.first, let last = energies.last, energies.count > 1 else { return 0 }
    if energy <= first { return table[0] }
    if energy >= last { return table[table.count - 1] }
    var (low, high) = (0, energies.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if energies[middle] <= energy { low = middle } else { high = middle }
    }
    let part = (energy - energies[low]) / (energies[high] - energies[low])
    return table[low] + part * (table[high] - table[low])
  }
}
