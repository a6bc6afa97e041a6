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
///
/// Where the image is already smooth (blurred by `smoothness`), few points of Gauss and Legendre stand for
/// the box: they are exact for polynomials, and 1.5 standard deviations between points leave an error of
/// 2e-4. An image that is not blurred is summed at the middles of equal parts instead, cell by cell. Three
/// or five points of Gauss and Hermite stand for the Gaussian.
struct AxisRule {
  var offsets: [Double] = []
  var weights: [Double] = []

  /// - Parameters:
  ///   - width: side of the box.
  ///   - sigma: of the Gaussian.
  ///   - step: size of the cells of what is integrated.
  ///   - smoothness: standard deviation of the blur that it went through.
  ///   - isStaggered: sums an image that is not blurred at one part more than there are cells, so that the points lie at
  ///   every fraction of a cell and the noise of the sum does not depend on where it is taken.
  init(width: Double, sigma: Double, step: Double, smoothness: Double, isStaggered: Bool = false) {
    let cells = max(1, Int((width / step - 0.01).rounded(.up)))
    let needed = smoothness > 0 ? Int((width / (1.5 * smoothness)).rounded(.up)) : cells
    let box: [(Double, Double)]
    if cells == 1 || needed >= cells || needed > 4 {
      let parts = isStaggered && smoothness == 0 && cells > 1 && cells < 9 ? cells + 1 : cells
      box = (0..<parts).map { (((Double($0) + 0.5) / Double(parts) - 0.5) * width, 1 / Double(parts)) }
    } else {
      box = Self.legendre(max(2, needed)).map { (0.5 * width * $0.0, 0.5 * $0.1) }
    }
    let gaussian: [(Double, Double)]
    if sigma <= 0.05 * width {
      gaussian = [(0, 1)]
    } else if sigma < 1.2 * max(smoothness, step) {
      gaussian = [(-3.0.squareRoot(), 1 / 6.0), (0, 2 / 3.0), (3.0.squareRoot(), 1 / 6.0)]
    } else {
      let far = (5 + 10.0.squareRoot()).squareRoot()
      let near = (5 - 10.0.squareRoot()).squareRoot()
      let a = 0.011257411327720688
      let b = 0.22207592200561266
      gaussian = [(-far, a), (-near, b), (0, 8 / 15.0), (near, b), (far, a)]
    }
    for (x, w) in box {
      for (g, v) in gaussian {
        offsets.append(x + sigma * g)
        weights.append(w * v)
      }
    }
  }

  /// Points and weights of Gauss and Legendre on -1 ... 1 for 2, 3 or 4 points.
  private static func legendre(_ count: Int) -> [(Double, Double)] {
    switch count {
    case 2: return [(-1 / 3.0.squareRoot(), 1), (1 / 3.0.squareRoot(), 1)]
    case 3: return [(-(0.6).squareRoot(), 5 / 9.0), (0, 8 / 9.0), ((0.6).squareRoot(), 5 / 9.0)]
    default:
      let near = (3 / 7.0 - 2 / 7.0 * 1.2.squareRoot()).squareRoot()
      let far = (3 / 7.0 + 2 / 7.0 * 1.2.squareRoot()).squareRoot()
      let a = (18 + 30.0.squareRoot()) / 36
      let b = (18 - 30.0.squareRoot()) / 36
      return [(-far, b), (-near, a), (near, a), (far, b)]
    }
  }
}
