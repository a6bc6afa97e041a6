import Foundation
import Volumetry

/// What a phase that no setting names would scatter, over what the active material does, by momentum.
///
/// Valence and core electrons have profiles of about one form and of widths between those of metals and of heavy cores; a mixture of
/// three comes near any material (carbon, polymers, aluminium, iron, copper). The ratio of two spectra by theory is free of most of
/// what theory and the detector's response do not know.
struct ForeignPhases: Sendable {
  /// Momenta in atomic units over which the profiles fall.
  static let widths = [1.2, 2.3, 4.5]

  /// One for each of ``widths``.
  private let ratios: [[Double]]
  private let lowest: Double
  private let step: Double
  private let geometry: ScatteringGeometry

  /// The profile of one electron in a hydrogen-like shell: 8 / (3 pi q) (1 + (p / q)^2)^-3.
  private struct Shell: MomentumProfile {
    let width: Double
    var electrons: Double { 1 }

    func value(at pz: Double, loss: Double) -> Double {
      8 / (3 * .pi * width) * pow(1 + pz * pz / (width * width), -3)
    }
  }

  /// - Returns: nil where no formula tells what the active material scatters.
  init?(_ calibration: Calibration) {
    let x = 0.5 * (calibration.range[0] + calibration.range[1])
    guard let text = calibration.formula, let formula = try? ChemicalFormula(text),
      let own = try? MaterialProfile(formula, x: x), let geometry = try? calibration.geometry(),
      let low = calibration.energy.first, let high = calibration.energy.last, high > low
    else { return nil }
    // Ratios are smooth, so that bins of a quarter of the line are enough.
    let reach = high - low
    let count = max(24, min(400, Int(reach / max(0.25 * calibration.response.resolution, 0.05))))
    let axis = EnergyAxis(first: low, width: reach / Double(count - 1), count: count)
    let model = SpectrumModel(energy: axis, geometry: geometry, response: calibration.response)
    let active = model.expected(own)
    guard active.allSatisfy({ $0.isFinite }), active.contains(where: { $0 > 0 }) else { return nil }
    ratios = Self.widths.map { width in
      zip(model.expected(Shell(width: width)), active).map { $1 > 0 ? $0 / $1 : 0 }
    }
    self.geometry = geometry
    lowest = low
    step = reach / Double(count - 1)
  }

  /// The ratio of one profile at the same momentum as that of an energy in another geometry.
  func ratio(_ profile: Int, at energy: Double, of other: ScatteringGeometry) -> Double {
    guard energy > 0, energy < other.incidentEnergy,
      let own = geometry.energy(at: other.momentum(at: energy))
    else { return 0 }
    let values = ratios[profile]
    let position = max(0, min(Double(values.count - 1), (own - lowest) / step))
    let index = min(Int(position), values.count - 2)
    let part = position - Double(index)
    return values[index] + part * (values[index + 1] - values[index])
  }
}
