import Volumetry

/// Structure tensors of a volume that is one voxel thick.
///
/// No gradient across the slice is seen, so that the eigenvector of the smallest eigenvalue would be the slice's normal
/// whatever lies in it. A line in a slice is taken for one in the plane: the missing diagonal component becomes the larger
/// eigenvalue of the plane, and linearity its coherence, 1 - l2/l1. Where the normal of layers is wanted, it becomes the
/// smaller one, and planarity is that coherence.
struct FlatTensor: Sendable {
  /// Places among xx, yy, zz, xy, xz, yz: of the axis without gradients, of the two others, and of their product.
  private let missing: Int
  private let first: Int
  private let second: Int
  private let mixed: Int
  private let wantsNormal: Bool

  /// Nil where the volume is thick along all axes, or along fewer than two.
  init?(_ shape: Shape, wantsNormal: Bool) {
    switch (shape.x == 1, shape.y == 1, shape.z == 1) {
    case (true, false, false): (missing, first, second, mixed) = (0, 1, 2, 5)
    case (false, true, false): (missing, first, second, mixed) = (1, 0, 2, 4)
    case (false, false, true): (missing, first, second, mixed) = (2, 0, 1, 3)
    default: return nil
    }
    self.wantsNormal = wantsNormal
  }

  /// - Parameter stride: from component to component of a row of `width` tensors.
  func complete(_ tensors: inout [Float], stride: Int, width: Int) {
    var span = tensors.mutableSpan
    for i in 0..<width {
      let a = span[first * stride + i]
      let b = span[second * stride + i]
      let c = span[mixed * stride + i]
      let reach = (0.25 * (a - b) * (a - b) + c * c).squareRoot()
      span[missing * stride + i] = 0.5 * (a + b) + (wantsNormal ? -reach : reach)
    }
  }
}
