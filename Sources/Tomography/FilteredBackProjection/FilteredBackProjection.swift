import Foundation
import Volumetry

/// Filtered back projection of both numbers: the quick look, and a second opinion without regularisation.
///
/// The ramp filter is that of Ramachandran and Lakshminarayanan (PNAS 68 (1971) 2236) with straight lines between columns; angles may
/// be uneven and then count by the part of half a turn that they stand for. It is linear, so the error of every voxel follows exactly
/// from those of the rays. Views through a pinhole are weighted by the square of the size that a voxel is seen at (Feldkamp, Davis and Kress,
/// J. Opt. Soc. Am. A 1 (1984) 612); they must cover a whole turn.
public struct FilteredBackProjection: Sendable {
  private let geometry: ProjectionGeometry
  private let shares: [Double]
  private let kernel: [Double]

  /// Density and contrast of a slice with their errors; NaN where the density is below zero.
  public struct Slice: Sendable {
    public var density: [Float]
    public var densitySigma: [Float]
    public var contrast: [Float]
    public var contrastSigma: [Float]
  }

  public init(_ geometry: ProjectionGeometry) {
    self.geometry = geometry
    var kernel = [Double](repeating: 0, count: geometry.columns)
    kernel[0] = 0.25
    for step in stride(from: 1, to: geometry.columns, by: 2) {
      let place = Double.pi * Double(step)
      kernel[step] = -1 / (place * place)
    }
    self.kernel = kernel
    // Half of the gaps on both sides, of directions of view.
    let views = geometry.angles.map { angle in
      let rest = angle.truncatingRemainder(dividingBy: .pi)
      return rest < 0 ? rest + .pi : rest
    }
    let order = views.indices.sorted { views[$0] < views[$1] }
    var shares = [Double](repeating: 0, count: views.count)
    for (place, index) in order.enumerated() {
      let before = order[(place + order.count - 1) % order.count]
      let after = order[(place + 1) % order.count]
      var width = views[after] - views[before]
      if width <= 0 { width += .pi }
      shares[index] = 0.5 * width
    }
    let total = shares.reduce(0, +)
    self.shares = shares.map { $0 * .pi / max(total, 1e-300) }
  }

  /// One row of projections.
  public func slice(_ data: AmplitudeProjections, row: Int, center: Double? = nil) -> Slice {
    let side = geometry.columns
    let range = data.range(row: row)
    let noise = Array(data.noise[(row * side)..<((row + 1) * side)])
    let first = Array(data.first[range])
    let second = Array(data.second[range])
    var sums = [SIMD2<Double>](repeating: .zero, count: side * side)
    var variances = [SIMD3<Double>](repeating: .zero, count: side * side)
    let middle = 0.5 * Double(side - 1)
    let axis = center ?? geometry.center
    for (index, angle) in geometry.angles.enumerated() {
      let rays = (index * side)..<((index + 1) * side)
      let filtered = filter(Array(first[rays]), Array(second[rays]))
      let spread = spread(Array(first[rays]), noise)
      let share = shares[index]
      for z in 0..<side {
        for x in 0..<side {
          let (column, size) = geometry.seen(
            x: Double(x) - axis, z: Double(z) - middle, angle: angle, center: axis)
          let low = Int(column.rounded(.down))
          guard low >= 0, low < side - 1 else { continue }
          let share = share * size * size
          let part = column - Double(low)
          sums[z * side + x] += share * ((1 - part) * filtered[low] + part * filtered[low + 1])
          let rest = 1 - part
          var variance = rest * rest * spread.own[low]
          variance += part * part * spread.own[low + 1]
          variance += 2 * part * rest * spread.next[low]
          variances[z * side + x] += share * share * variance
        }
      }
    }
    return Self.ratio(sums, variances)
  }

  private static func ratio(_ sums: [SIMD2<Double>], _ variances: [SIMD3<Double>]) -> Slice {
    let missing = [Float](repeating: .nan, count: sums.count)
    var slice = Slice(
      density: sums.map { Float($0.x) }, densitySigma: variances.map { Float(max(0, $0.x).squareRoot()) },
      contrast: missing, contrastSigma: missing)
    for voxel in sums.indices where sums[voxel].x > 0 {
      let ratio = sums[voxel].y / sums[voxel].x
      let v = variances[voxel]
      let variance = v.z - 2 * ratio * v.y + ratio * ratio * v.x
      slice.contrast[voxel] = Float(ratio)
      slice.contrastSigma[voxel] = Float(max(0, variance).squareRoot() / sums[voxel].x)
    }
    return slice
  }

  private func filter(_ first: [Float], _ second: [Float]) -> [SIMD2<Double>] {
    (0..<first.count).map { column in
      var sum = SIMD2<Double>.zero
      for other in 0..<first.count {
        sum += kernel[abs(column - other)] * SIMD2(Double(first[other]), Double(second[other]))
      }
      return sum
    }
  }

  /// Covariances of filtered columns with themselves and with the next.
  private func spread(
    _ first: [Float], _ noise: [PairNoise]
  ) -> (own: [SIMD3<Double>], next: [SIMD3<Double>]) {
    let side = first.count
    let rays = (0..<side).map { noise[$0].covariance(first: max(0, Double(first[$0]))) }
    var own = [SIMD3<Double>](repeating: .zero, count: side)
    var next = own
    for column in 0..<side {
      for other in 0..<side {
        let weight = kernel[abs(column - other)]
        own[column] += weight * weight * rays[other]
        if column + 1 < side { next[column] += weight * kernel[abs(column + 1 - other)] * rays[other] }
      }
    }
    return (own, next)
  }
}
