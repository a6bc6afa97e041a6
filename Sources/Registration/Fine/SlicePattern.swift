import Foundation
import Volumetry

/// What stands at one place of every slice: rings about any middle, stripes, and other faults of a detector, as well as
/// whatever the object keeps up along z.
///
/// It is the mean along z at each place of a slice.
struct SlicePattern: Sendable {
  private let means: [Float]
  /// Less the mean over its neighbours: shapes of objects are wider.
  private let detail: [Float]
  private let shape: Shape

  /// Slices below which the mean of an object's detail along z is no smaller than the detail.
  private static let leastSlices = 8
  private static let leastSide = 16

  /// Nil where there are too few slices to tell what they share, or these are too small.
  init?(_ voxels: [Float], shape: Shape, threads: Int) {
    guard shape.z >= Self.leastSlices, min(shape.x, shape.y) >= Self.leastSide else { return nil }
    self.shape = shape
    let area = shape.y * shape.x
    var sums = [Double](repeating: 0, count: area)
    var counts = [Double](repeating: 0, count: area)
    for z in 0..<shape.z {
      for place in 0..<area {
        let value = voxels[z * area + place]
        if value.isNaN { continue }
        sums[place] += Double(value)
        counts[place] += 1
      }
    }
    means = (0..<area).map { counts[$0] > 0 ? Float(sums[$0] / counts[$0]) : .nan }
    let smooth = WorkingImage.normalisedGaussian(
      means, shape: Shape(z: 1, y: shape.y, x: shape.x), sigma: SIMD3(3, 3, 0), threads: threads)
    detail = zip(means, smooth).map { $0 - $1 }
  }

  /// The volume without what its slices share.
  func removed(from voxels: [Float]) -> [Float] {
    var result = voxels
    let area = means.count
    for index in result.indices {
      let part = means[index % area]
      if !part.isNaN { result[index] -= part }
    }
    return result
  }

  /// Standard deviations by which two patterns are alike at the same places of the slices; zero for slices of unlike sizes.
  func likeness(to other: SlicePattern) -> Double {
    guard shape.x == other.shape.x, shape.y == other.shape.y else { return 0 }
    let flat = Shape(z: 1, y: shape.y, x: shape.x)
    let present = detail.indices.map { !detail[$0].isNaN && !other.detail[$0].isNaN }
    let products = BlockCut.members(flat, side: 5, present: present).map { block in
      block.reduce(0.0) { present[$1] ? $0 + Double(detail[$1]) * Double(other.detail[$1]) : $0 }
    }
    guard products.count >= 8 else { return 0 }
    let count = Double(products.count)
    let mean = products.reduce(0, +) / count
    let spread = products.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return spread > 0 ? Agreement.normal(mean / (spread / count).squareRoot(), degrees: count - 1) : 0
  }
}
