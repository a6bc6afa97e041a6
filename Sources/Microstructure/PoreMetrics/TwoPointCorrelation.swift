import Foundation
public import Volumetry

/// The chance that two points a distance apart lie both in the phase, by Fourier transform.
///
/// Pairs that leave the sample do not count: the correlation of the phase is divided by that of the
/// sample (S. Torquato, Random Heterogeneous Materials, 2002, chapter 12), so there is no bias by the
/// border. Zeros between copies of the volume keep opposite faces apart. Blocks that fit the memory budget
/// are transformed one after the other with all that their pairs reach.
public struct TwoPointCorrelation: Sendable, Hashable, Codable {
  /// Volume fraction of the phase: the value at distance zero; its square is that at infinity.
  public let fraction: Double
  /// Distances in micrometres of the values over all directions.
  public let distances: [Double]
  public let radial: [Double]
  /// Values along each axis at 0, 1, 2, ... voxels, as far as the sample has pairs.
  public let axes: [String: [Double]]
  /// Sum over the covariance along each axis, S2 - fraction^2, to its first zero, over its value at
  /// zero: a correlation length in micrometres; nil along an axis of one voxel, and where the phase fills all.
  public let lengths: [String: Double?]

  enum CodingKeys: String, CodingKey {
    case fraction, radial, axes
    case distances = "distances_um"
    case lengths = "correlation_length_um"
  }

  /// Longest reach that is chosen by itself, in voxels of the finest axis.
  static let longestReach = 64.0

  /// - Parameters:
  ///   - reach: largest distance in micrometres; half the shortest side where nil, or 64 voxels where
  ///     that is less.
  /// - Throws: `usage` where the reach is not positive, or so long that not even one voxel with its
  ///   surroundings fits the memory budget; `data` where the sample is empty.
  public static func measure(
    _ phase: PhaseLabels, reach: Double? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> TwoPointCorrelation {
    let (reach, lags) = try steps(reach, on: phase.grid)
    let counts = try PairCounts(phase, lags: lags, resources: resources)
    return LagSums(counts: counts, grid: phase.grid).result(reach: reach)
  }

  /// The reach in micrometres and in voxels along each axis.
  static func steps(_ reach: Double?, on grid: Grid) throws(VoxelithError) -> (Double, Shape) {
    let sides = Axis.allCases.filter { grid.extends(along: $0) }.map {
      Double(grid.shape[$0]) * grid.spacing(along: $0)
    }
    let reach = reach ?? min(0.5 * (sides.min() ?? 0), longestReach * grid.shortestSide)
    guard reach.isFinite && reach > 0 else {
      throw VoxelithError(.usage, "a reach of \(reach) µm is not positive")
    }
    var lags = grid.shape
    for axis in Axis.allCases {
      lags[axis] = Int(min(Double(grid.shape[axis] - 1), reach / grid.spacing(along: axis)))
    }
    return (reach, lags)
  }

  /// Sum over the covariance to its first zero, over its value at zero, in steps; nil where the phase
  /// fills all or nothing.
  static func length(_ values: [Double], _ fraction: Double) -> Double? {
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

/// Pairs of voxels by their distance.
private struct LagSums {
  let counts: PairCounts
  let grid: Grid

  private var lags: Shape { counts.lags }
  private func counted(z: Int, y: Int, x: Int) -> (pairs: Double, all: Double) {
    counts.counted(z: z, y: y, x: x)
  }

  func result(reach: Double) -> TwoPointCorrelation {
    let step = grid.shortestSide
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
    var lengths: [String: Double?] = [:]
    for axis in Axis.allCases {
      var values: [Double] = []
      for lag in 0...lags[axis] {
        let count = counted(
          z: axis == .z ? lag : 0, y: axis == .y ? lag : 0, x: axis == .x ? lag : 0)
        if count.all == 0 { break }
        values.append(count.pairs / count.all)
      }
      axes[axis.rawValue] = values
      let length = grid.extends(along: axis) ? TwoPointCorrelation.length(values, fraction) : nil
      lengths[axis.rawValue] = .some(length.map { $0 * grid.spacing(along: axis) })
    }
    return TwoPointCorrelation(
      fraction: fraction, distances: filled.map { $0.distance / $0.all },
      radial: filled.map { $0.pairs / $0.all }, axes: axes, lengths: lengths)
  }
}
