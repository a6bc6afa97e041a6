import Foundation
import Volumetry

/// Fields that are as smooth as a given one and know nothing of any other: normal fields with the autocorrelation of
/// its normal scores, of which only the order of the values is used (after Viladomat et al., Biometrics 70 (2014) 409,
/// with the autocorrelation in the place of the variogram).
struct SpatialSurrogates: Sendable {
  private let pair: FieldPair
  private let padded: Shape
  /// Root of the power of every complex value of the spectrum.
  private let amplitudes: [Float]
  private let seed: UInt64

  /// - Parameter values: in the order of the pair's voxels.
  init(of values: [Double], on pair: FieldPair, seed: UInt64) throws(VoxelithError) {
    self.pair = pair
    self.seed = seed
    let n = Double(pair.count)
    let scores = Correlations.ranks(values).map { Distributions.normalQuantile(($0 - 0.5) / n) }
    let shape = pair.shape
    let reach = Shape(z: shape.z / 2, y: shape.y / 2, x: shape.x / 2)
    let likeness = try Autocorrelation(pair.onGrid(scores), shape: shape, reach: reach)
    func side(_ n: Int, _ lag: Int) -> Int { fastFourierSide(n + lag) }
    padded = Shape(
      z: side(shape.z, reach.z), y: side(shape.y, reach.y), x: side(shape.x, reach.x))
    var lags = [Float](repeating: 0, count: padded.count)
    func window(_ lag: Int, _ reach: Int) -> Double {
      0.5 + 0.5 * cos(.pi * Double(lag) / Double(reach + 1))
    }
    for z in -reach.z...reach.z {
      for y in -reach.y...reach.y {
        for x in -reach.x...reach.x {
          let at = padded.index(
            z: (z + padded.z) % padded.z, y: (y + padded.y) % padded.y, x: (x + padded.x) % padded.x)
          // Far lags are noise of the estimate and fade out.
          let weight = window(z, reach.z) * window(y, reach.y) * window(x, reach.x)
          lags[at] = Float(weight * likeness[z, y, x])
        }
      }
    }
    let power = try RealFFT(shape: padded).forward(lags)
    amplitudes = stride(from: 0, to: power.count, by: 2).map { max(0, power[$0]).squareRoot() }
  }

  /// One such field in the order of the pair's voxels.
  func field(_ number: Int) throws(VoxelithError) -> [Float] {
    var random = SeededGenerator(seed: seed, stream: 0x5A_0000 + UInt64(number))
    let fft = try RealFFT(shape: padded)
    let noise = (0..<padded.count).map { _ in Float(random.normal()) }
    var spectrum = fft.forward(noise)
    for k in amplitudes.indices {
      spectrum[2 * k] *= amplitudes[k]
      spectrum[2 * k + 1] *= amplitudes[k]
    }
    let all = fft.inverse(spectrum)
    return pair.voxels.map { voxel in
      let at = pair.shape.indices(of: voxel)
      return all[padded.index(z: at.z, y: at.y, x: at.x)]
    }
  }
}
