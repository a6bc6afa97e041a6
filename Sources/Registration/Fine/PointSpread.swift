import Foundation
public import Volumetry

/// Width of the Gaussian that the instrument blurs with, in the frame of the fixed (coarse) volume.
public struct PointSpread: Sendable, Hashable, Codable {
  /// Full widths at half maximum along x, y, z in um.
  public let fullWidth: SIMD3<Double>

  /// - Throws: `usage` where a width is negative or not finite.
  public init(fullWidthUm: SIMD3<Double>) throws(VoxelithError) {
    for axis in 0..<3 where !(fullWidthUm[axis] >= 0 && fullWidthUm[axis].isFinite) {
      throw VoxelithError(.usage, "the width of the point spread is not a length: \(fullWidthUm[axis])")
    }
    fullWidth = fullWidthUm
  }

  private init(unchecked width: SIMD3<Double>) { fullWidth = width }

  /// No blur beyond the voxel itself.
  public static let none = PointSpread(unchecked: .zero)

  /// Standard deviations along x, y, z in um.
  public var sigma: SIMD3<Double> { fullWidth / (8 * log(2.0)).squareRoot() }
}

/// A rule that integrates over a box convolved with a Gaussian along one axis.
struct AxisRule {
  var offsets: [Double] = []
  var weights: [Double] = []

  /// - Parameters:
  ///   - width: side of the box.
  ///   - sigma: of the Gaussian.
  ///   - step: resolution of what is integrated; points lie no farther apart.
  init(width: Double, sigma: Double, step: Double) {
    let count = max(1, Int((width / step - 0.01).rounded(.up)))
    let spacing = width / Double(count)
    guard sigma > 0.1 * spacing else {
      offsets = (0..<count).map { (Double($0) + 0.5) * spacing - 0.5 * width }
      weights = [Double](repeating: 1 / Double(count), count: count)
      return
    }
    let extra = Int((3 * sigma / spacing).rounded(.up))
    func box(_ x: Double) -> Double {
      let scale = 1 / (2.0.squareRoot() * sigma)
      return erf((x + 0.5 * width) * scale) - erf((x - 0.5 * width) * scale)
    }
    for i in -extra..<(count + extra) {
      let x = (Double(i) + 0.5) * spacing - 0.5 * width
      offsets.append(x)
      weights.append(box(x))
    }
    let sum = weights.reduce(0, +)
    weights = weights.map { $0 / sum }
  }
}
