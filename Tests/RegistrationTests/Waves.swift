import Foundation
import Volumetry

/// Waves of random direction, wavelength and phase, of unit variance: a closed form at every point.
struct Waves {
  private var waves: [(k: SIMD3<Double>, phase: Double)] = []

  /// - Parameter length: what wavelengths are scaled by.
  init(seed: UInt64, length: Double = 1) {
    var random = SeededGenerator(seed: seed, stream: 71)
    for _ in 0..<90 {
      let k = SIMD3(random.normal(), random.normal(), random.normal()) / (2.6 * length)
      waves.append((k, 2 * .pi * random.uniform()))
    }
  }

  func callAsFunction(_ p: SIMD3<Double>) -> Double {
    waves.reduce(0) { $0 + cos(($1.k * p).sum() + $1.phase) } * (2 / Double(waves.count)).squareRoot()
  }
}
