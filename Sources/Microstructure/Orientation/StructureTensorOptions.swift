public import Volumetry

/// What the structure tensor is asked for.
public struct StructureTensorOptions: Sendable, Hashable {
  /// Which eigenvector of the tensor is the direction.
  public enum Direction: String, Sendable, Hashable, Codable, CaseIterable {
    /// Of the smallest eigenvalue: the axis of fibres and pores, along which grey varies least.
    case axis
    /// Of the largest eigenvalue: the normal of layers and cracks.
    case normal
  }

  /// What a mask says about the voxels outside it.
  public enum MaskRole: String, Sendable, Hashable, Codable, CaseIterable {
    /// They hold no usable grey value: neither gradients nor windows look at them.
    case sample
    /// Their grey values are good, but they belong to another phase: gradients see them (the wall
    /// of a pore is one), windows do not.
    case phase
  }

  /// Width of the Gaussian derivatives in micrometres (standard deviation).
  public var sigma: Double
  /// Width of the Gaussian window in micrometres (standard deviation).
  public var rho: Double
  /// Kernels end at this many standard deviations.
  public var truncate: Double
  /// Distance in voxels between the places at which the smoothed tensor is evaluated.
  public var stride: Shape
  public var direction: Direction
  public var maskRole: MaskRole
  /// Whether voxels outside the mask get the direction of the masked voxels in their window; they
  /// are missing otherwise.
  public var fillsOutsideMask: Bool

  public init(
    sigma: Double, rho: Double, truncate: Double = 4, stride: Shape = Shape(z: 1, y: 1, x: 1),
    direction: Direction = .axis, maskRole: MaskRole = .sample, fillsOutsideMask: Bool = false
  ) {
    self.sigma = sigma
    self.rho = rho
    self.truncate = truncate
    self.stride = stride
    self.direction = direction
    self.maskRole = maskRole
    self.fillsOutsideMask = fillsOutsideMask
  }

  /// Widths in voxels, which count the finest voxels of a grid: the least spacing of its axes.
  public init(
    sigmaVoxels: Double, rhoVoxels: Double, grid: Grid, truncate: Double = 4,
    stride: Shape = Shape(z: 1, y: 1, x: 1)
  ) {
    let unit = grid.spacing.min()
    self.init(sigma: sigmaVoxels * unit, rho: rhoVoxels * unit, truncate: truncate, stride: stride)
  }

  /// Checks the numbers against a grid.
  ///
  /// - Throws: `usage` where a width is not positive, a width exceeds the longest side of the
  ///   volume, sigma is below 0.4 voxels along an axis that has more than one voxel, or a stride is
  ///   below one or longer than the volume.
  public func validate(for grid: Grid) throws(VoxelithError) {
    try grid.validate()
    guard Axis.allCases.count(where: { grid.shape[$0] == 1 }) != 2 else {
      throw VoxelithError(
        .usage, "a single row of voxels has no orientation", advice: "give a slice or a volume")
    }
    let longest = grid.extent.max()
    for (name, width) in [("sigma", sigma), ("rho", rho)] {
      guard width.isFinite && width > 0 else {
        throw VoxelithError(.usage, "\(name) is \(width) µm, and it must be positive")
      }
      guard width <= longest else {
        throw VoxelithError(
          .usage, "\(name) of \(width) µm is larger than the volume, which measures \(longest) µm",
          advice: "check the voxel size and the unit of \(name)")
      }
    }
    guard truncate.isFinite && truncate >= 1 && truncate <= 10 else {
      throw VoxelithError(.usage, "kernels cut at \(truncate) sigma: choose from 1 to 10")
    }
    for axis in Axis.allCases {
      guard stride[axis] >= 1 && stride[axis] <= grid.shape[axis] else {
        throw VoxelithError(
          .usage, "a stride of \(stride[axis]) along \(axis) on \(grid.shape[axis]) voxels",
          advice: "strides run from 1 to the side of the volume")
      }
      let voxels = sigma / grid.spacing(along: axis)
      if grid.shape[axis] > 1 && voxels < 0.4 {
        throw VoxelithError(
          .usage, "sigma of \(sigma) µm is \(voxels) voxels along \(axis), too narrow to sample",
          advice: "use at least \(0.4 * grid.spacing(along: axis)) µm")
      }
    }
  }

  /// The grid of the answer: its voxel centres are the places of evaluation.
  public func outputGrid(for grid: Grid) -> Grid {
    var result = grid
    for axis in Axis.allCases {
      result.shape[axis] = sampleCount(along: axis, of: grid.shape)
    }
    let steps = SIMD3(Double(stride.x), Double(stride.y), Double(stride.z))
    let first = SIMD3(Double(offset(along: .x)), Double(offset(along: .y)), Double(offset(along: .z)))
    result.spacing = grid.spacing * steps
    result.origin = grid.origin + grid.spacing * (first + 0.5 - 0.5 * steps)
    return result
  }

  /// Voxel of the first evaluation along an axis.
  func offset(along axis: Axis) -> Int { (stride[axis] - 1) / 2 }

  func sampleCount(along axis: Axis, of shape: Shape) -> Int {
    (shape[axis] - offset(along: axis) + stride[axis] - 1) / stride[axis]
  }
}
