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
  /// Standard deviations by which the first and the last third of the slices have it alike: what an object has in some of its slices only
  /// is no pattern of a detector.
  let persistence: Double
  private let shape: Shape

  /// Slices below which the mean of an object's detail along z is no smaller than the detail.
  private static let leastSlices = 8
  private static let leastSide = 16

  /// Nil where there are too few slices to tell what they share, or these are too small.
  init?(_ voxels: [Float], shape: Shape, threads: Int) {
    guard shape.z >= Self.leastSlices, min(shape.x, shape.y) >= Self.leastSide else { return nil }
    self.shape = shape
    means = Self.means(voxels, shape, slices: 0..<shape.z)
    detail = Self.detail(means, shape, threads: threads)
    let third = shape.z / 3
    let ends = [0..<third, (shape.z - third)..<shape.z].map {
      Self.detail(Self.means(voxels, shape, slices: $0), shape, threads: threads)
    }
    persistence = Self.likeness(ends[0], ends[1], shape)
  }

  private static func means(_ voxels: [Float], _ shape: Shape, slices: Range<Int>) -> [Float] {
    let area = shape.y * shape.x
    var sums = [Double](repeating: 0, count: area)
    var counts = [Double](repeating: 0, count: area)
    for z in slices {
      for place in 0..<area {
        let value = voxels[z * area + place]
        if value.isNaN { continue }
        sums[place] += Double(value)
        counts[place] += 1
      }
    }
    return (0..<area).map { counts[$0] > 0 ? Float(sums[$0] / counts[$0]) : .nan }
  }

  private static func detail(_ means: [Float], _ shape: Shape, threads: Int) -> [Float] {
    let smooth = WorkingImage.normalisedGaussian(
      means, shape: Shape(z: 1, y: shape.y, x: shape.x), sigma: SIMD3(3, 3, 0), threads: threads)
    return zip(means, smooth).map { $0 - $1 }
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
    return Self.likeness(detail, other.detail, shape)
  }

  private static func likeness(_ a: [Float], _ b: [Float], _ shape: Shape) -> Double {
    let flat = Shape(z: 1, y: shape.y, x: shape.x)
    let present = a.indices.map { !a[$0].isNaN && !b[$0].isNaN }
    let products = BlockCut.members(flat, side: 5, present: present).map { block in
      block.reduce(0.0) { present[$1] ? $0 + Double(a[$1]) * Double(b[$1]) : $0 }
    }
    guard products.count >= 8 else { return 0 }
    let count = Double(products.count)
    let mean = products.reduce(0, +) / count
    let spread = products.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return spread > 0 ? Agreement.normal(mean / (spread / count).squareRoot(), degrees: count - 1) : 0
  }
}
