import Foundation

/// A one-dimensional filter: weights at offsets -radius ... +radius.
public struct Kernel: Sendable, Hashable {
  /// `2 * radius + 1` weights; the output at i is the sum of weight[k] * input[i + k - radius].
  public let weights: [Float]
  public var radius: Int { weights.count / 2 }

  /// - Precondition: the number of weights is odd.
  public init(weights: [Float]) {
    precondition(weights.count % 2 == 1)
    self.weights = weights
  }

  /// A sampled Gaussian of standard deviation `sigma` voxels, cut at `truncate` sigma and normalised
  /// to sum 1, or its first derivative (per voxel) normalised so that a ramp of slope 1 gives 1.
  ///
  /// - Precondition: `sigma > 0`; `order` is 0 or 1.
  public static func gaussian(sigma: Double, order: Int = 0, truncate: Double = 4) -> Kernel {
    precondition(sigma > 0 && (order == 0 || order == 1))
    let radius = max(1, Int(truncate * sigma + 0.5))
    let offsets = (-radius...radius).map(Double.init)
    let bell = offsets.map { exp(-0.5 * $0 * $0 / (sigma * sigma)) }
    if order == 0 {
      let sum = bell.reduce(0, +)
      return Kernel(weights: bell.map { Float($0 / sum) })
    }
    let slope = zip(offsets, bell).map { $0 * $1 }
    let norm = zip(offsets, slope).reduce(0) { $0 + $1.0 * $1.1 }
    return Kernel(weights: slope.map { Float($0 / norm) })
  }
}
