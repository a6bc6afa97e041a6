import Foundation
public import Volumetry

/// The chance that two points a distance apart lie both in the phase, by Fourier transform.
///
/// Pairs that leave the sample do not count: the correlation of the phase is divided by that of the
/// sample (S. Torquato, Random Heterogeneous Materials, 2002, chapter 12), so there is no bias by the
/// border. Zeros between copies of the volume keep opposite faces apart.
public struct TwoPointCorrelation: Sendable, Hashable, Codable {
  /// Volume fraction of the phase: the value at distance zero; its square is that at infinity.
  public let fraction: Double
  /// Distances in micrometres of the values over all directions.
  public let distances: [Double]
  public let radial: [Double]
  /// Values along each axis at 0, 1, 2, ... voxels, as far as the sample has pairs.
  public let axes: [String: [Double]]
  /// Sum over the covariance along each axis, S2 - fraction^2, to its first zero, over its value at
  /// zero: a correlation length in micrometres.
  public let lengths: [String: Double]

  enum CodingKeys: String, CodingKey {
    case fraction, radial, axes
    case distances = "distances_um"
    case lengths = "correlation_length_um"
  }

  /// - Parameters:
  ///   - reach: largest distance in micrometres; half the shortest side where nil.
  /// - Throws: `usage` where the padded volume does not fit the memory budget or the reach is not
  ///   positive, `data` where the sample is empty.
  public static func measure(
    _ phase: PhaseLabels, reach: Double? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> TwoPointCorrelation {
    let grid = phase.grid
    let reach = reach ?? 0.5 * grid.extent.min()
    guard reach.isFinite && reach > 0 else {
      throw VoxelithError(.usage, "a reach of \(reach) um is not positive")
    }
    var lags = grid.shape
    var padded = grid.shape
    for axis in Axis.allCases {
      lags[axis] = min(grid.shape[axis] - 1, Int(reach / grid.spacing(along: axis)))
      padded[axis] = goodLength(grid.shape[axis] + lags[axis])
    }
    let needed = padded.count * 28
    guard needed <= resources.memory else {
      throw VoxelithError(
        .usage, "the two-point correlation needs \(needed / 1_000_000 + 1) MB",
        file: phase.labels.name, advice: "raise --memory, or crop or bin the volume")
    }
    let labels = try phase.labels.readLabels(Region(whole: grid.shape))
    let transform = try RealFFT(shape: padded)
    func correlation(_ isMember: (UInt16) -> Bool) -> [Float] {
      var values = [Float](repeating: 0, count: padded.count)
      for z in 0..<grid.shape.z {
        for y in 0..<grid.shape.y {
          let line = grid.shape.index(z: z, y: y, x: 0)
          let target = padded.index(z: z, y: y, x: 0)
          for x in 0..<grid.shape.x where isMember(labels[line + x]) { values[target + x] = 1 }
        }
      }
      var spectrum = transform.forward(values)
      for i in stride(from: 0, to: spectrum.count, by: 2) {
        spectrum[i] = spectrum[i] * spectrum[i] + spectrum[i + 1] * spectrum[i + 1]
        spectrum[i + 1] = 0
      }
      return transform.inverse(spectrum)
    }
    let pairs = correlation { $0 == phase.phase }
    let all = phase.outside.map { outside in correlation { $0 != outside } }
    let sums = LagSums(pairs: pairs, all: all, padded: padded, lags: lags, grid: grid)
    guard sums.total > 0.5 else {
      throw VoxelithError(.data, "no voxel belongs to the sample", file: phase.labels.name)
    }
    return sums.result(reach: reach)
  }

  /// The next length whose only factors are 2, 3, 5 and 7.
  static func goodLength(_ least: Int) -> Int {
    var length = least
    while true {
      var rest = length
      for factor in [2, 3, 5, 7] { while rest % factor == 0 { rest /= factor } }
      if rest == 1 { return length }
      length += 1
    }
  }
}

/// Pairs of voxels by their distance.
private struct LagSums {
  let pairs: [Float]
  /// Pairs of the sample; nil where it fills the volume and they are known.
  let all: [Float]?
  let padded: Shape
  let lags: Shape
  let grid: Grid

  var total: Double { counted(z: 0, y: 0, x: 0).all }

  private func counted(z: Int, y: Int, x: Int) -> (pairs: Double, all: Double) {
    let i = padded.index(
      z: (z + padded.z) % padded.z, y: (y + padded.y) % padded.y, x: (x + padded.x) % padded.x)
    let s = grid.shape
    let free = Double((s.z - abs(z)) * (s.y - abs(y)) * (s.x - abs(x)))
    // Numbers of pairs are whole: rounding takes the noise of the transform away.
    return (Double(pairs[i]).rounded(), all.map { Double($0[i]).rounded() } ?? free)
  }

  func result(reach: Double) -> TwoPointCorrelation {
    let step = grid.spacing.min()
    let bins = Int(reach / step) + 1
    var sums = [(pairs: Double, all: Double, distance: Double)](repeating: (0, 0, 0), count: bins)
    for z in -lags.z...lags.z {
      for y in -lags.y...lags.y {
        // The other half of the directions holds the same pairs.
        for x in 0...lags.x {
          let d = SIMD3(Double(x), Double(y), Double(z)) * grid.spacing
          let distance = (d * d).sum().squareRoot()
          let bin = Int(distance / step + 0.5)
          guard bin < bins && distance <= reach else { continue }
          let count = counted(z: z, y: y, x: x)
          sums[bin].pairs += count.pairs
          sums[bin].all += count.all
          sums[bin].distance += distance * count.all
        }
      }
    }
    let filled = sums.filter { $0.all > 0 }
    let origin = counted(z: 0, y: 0, x: 0)
    let fraction = origin.pairs / origin.all
    var axes: [String: [Double]] = [:]
    var lengths: [String: Double] = [:]
    for axis in Axis.allCases {
      var values: [Double] = []
      for lag in 0...lags[axis] {
        let count = counted(
          z: axis == .z ? lag : 0, y: axis == .y ? lag : 0, x: axis == .x ? lag : 0)
        if count.all == 0 { break }
        values.append(count.pairs / count.all)
      }
      axes[axis.rawValue] = values
      lengths[axis.rawValue] = length(values, fraction).map { $0 * grid.spacing(along: axis) }
    }
    return TwoPointCorrelation(
      fraction: fraction, distances: filled.map { $0.distance / $0.all },
      radial: filled.map { $0.pairs / $0.all }, axes: axes, lengths: lengths)
  }

  private func length(_ values: [Double], _ fraction: Double) -> Double? {
    let variance = fraction - fraction * fraction
    guard variance > 0 else { return nil }
    var sum = 0.5
    for value in values.dropFirst() {
      let covariance = (value - fraction * fraction) / variance
      if !(covariance > 0) { break }
      sum += covariance
    }
    return sum
  }
}
