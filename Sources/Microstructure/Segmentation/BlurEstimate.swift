import Foundation
import Volumetry

/// The blur of a grey volume: the width of a Gaussian that makes its labels most like it.
struct BlurEstimate {
  /// Standard deviation in voxels.
  let sigma: Double

  private static let widths = Array(stride(from: 0.0, through: 3.0, by: 0.25))
  private static let side = 80

  /// - Parameters:
  ///   - means: grey value of each class; half way between two of them is the face of a blurred phase.
  ///   - labels: class of each voxel; nil: the nearest mean tells it.
  init(
    _ source: any VolumeSource, labels: (any VolumeSource)? = nil, means: [Double]
  ) throws(VoxelithError) {
    let shape = source.grid.shape
    let box = Region(centered: Self.side, in: shape)
    let grey = try source.readFloats(box)
    let limits = zip(means, means.dropFirst()).map { Float(0.5 * ($0 + $1)) }
    let given = try labels.map { (labels) throws(VoxelithError) in try labels.readFloats(box) }
    let ideal = grey.indices.map { i -> Float in
      var label = 0
      if let given, let known = Int(exactly: given[i]), known < means.count {
        label = known
      } else {
        for limit in limits where grey[i] > limit { label += 1 }
      }
      return Float(means[label])
    }
    var errors: [Double] = []
    for width in Self.widths {
      let axes = SIMD3(
        box.shape.x > 1 ? width : 0, box.shape.y > 1 ? width : 0, box.shape.z > 1 ? width : 0)
      let smooth =
        width > 0
        ? SeparableFilter.gaussian(ideal, shape: box.shape, sigma: axes, threads: 1) : ideal
      var sum = 0.0
      for i in grey.indices where grey[i].isFinite {
        let rest = Double(grey[i] - smooth[i])
        sum += rest * rest
      }
      errors.append(sum)
    }
    let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
    guard best > 0, best + 1 < errors.count else {
      sigma = Self.widths[best]
      return
    }
    // The parabola through the least error and its neighbours.
    let (a, b, c) = (errors[best - 1], errors[best], errors[best + 1])
    let bend = a - 2 * b + c
    let shift = bend > 0 ? 0.5 * (a - c) / bend : 0
    sigma = Self.widths[best] + shift * 0.25
  }
}
