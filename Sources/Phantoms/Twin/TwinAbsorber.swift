import Compton
import Foundation
import Volumetry

/// What absorption leaves of a voxel's photons, bin by bin.
struct TwinAbsorber: Sendable {
  private let absorption: Absorption
  private let entrance: [Double]
  private let exit: [[Double]]
  private let angles: [Double]

  init(_ absorption: Absorption, incidentEnergy: Double, energy: EnergyAxis, angles: [Double]) {
    self.absorption = absorption
    self.angles = angles
    entrance = absorption.phases.map { $0.attenuation(energy: incidentEnergy) }
    exit = absorption.phases.map { phase in energy.centers.map { phase.attenuation(energy: $0) } }
  }

  func transmission(at point: SIMD3<Double>, column: Int) -> [Double] {
    let paths = absorption.paths(from: point, angle: angles[column])
    let phases = absorption.phases.count
    let before = (0..<phases).reduce(0.0) { $0 + paths[$1] * entrance[$1] }
    return exit[0].indices.map { bin in
      exp(-(0..<phases).reduce(before) { $0 + paths[phases + $1] * exit[$1][bin] })
    }
  }
}
