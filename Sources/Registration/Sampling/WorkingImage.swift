import Volumetry

/// The moving volume as the fits see it: averaged to the resolution that the fixed voxels need, blurred
/// by the isotropic part of the point spread, NaN where too much is missing.
struct WorkingImage: Sendable {
  let grid: Grid
  let voxels: [Float]
  /// Blur that went into it, um.
  let sigma: Double

  init(grid: Grid, voxels: [Float], sigma: Double = 0) {
    self.grid = grid
    self.voxels = voxels
    self.sigma = sigma
  }

  /// Means over boxes of `factor` voxels.
  func binned(by factor: Shape) throws(VoxelithError) -> WorkingImage {
    if factor == Shape(z: 1, y: 1, x: 1) { return self }
    let view = BinnedVolume(Volume(grid: grid, voxels: voxels), by: factor)
    return WorkingImage(grid: view.grid, voxels: try view.readFloats(Region(whole: view.grid.shape)))
  }

  /// Gaussian blur that leaves missing voxels out of the mean. Of the wanted width, the part that the
  /// averaging over a voxel and linear interpolation bring along (h^2/12 + h^2/6) is not applied again, unless the blur
  /// is to be whole: the smoother the noise, the less interpolation changes it.
  ///
  /// - Parameter except: axes (x, y, z) that are left as they are.
  func blurred(
    sigma: Double, isWhole: Bool = false, except thin: [Bool]? = nil, threads: Int
  ) -> WorkingImage {
    guard sigma > 0 else { return self }
    var cells = SIMD3<Double>.zero
    for axis in 0..<3 {
      let h = grid.spacing[axis]
      cells[axis] = max(0, sigma * sigma - (isWhole ? 0 : 0.25 * h * h)).squareRoot() / h
      if grid.shape[[Axis.x, .y, .z][axis]] == 1 || cells[axis] < 0.1 || thin?[axis] == true {
        cells[axis] = 0
      }
    }
    guard cells != .zero else { return WorkingImage(grid: grid, voxels: voxels, sigma: sigma) }
    let blurred = Self.normalisedGaussian(voxels, shape: grid.shape, sigma: cells, threads: threads)
    return WorkingImage(grid: grid, voxels: blurred, sigma: sigma)
  }

  /// Gaussian mean over the voxels that are there; NaN where the voxel itself is missing.
  static func normalisedGaussian(
    _ voxels: [Float], shape: Shape, sigma: SIMD3<Double>, threads: Int
  ) -> [Float] {
    guard voxels.contains(where: \.isNaN) else {
      return SeparableFilter.gaussian(voxels, shape: shape, sigma: sigma, threads: threads)
    }
    var filled = voxels
    var present = [Float](repeating: 1, count: voxels.count)
    for i in voxels.indices where voxels[i].isNaN {
      filled[i] = 0
      present[i] = 0
    }
    var result = SeparableFilter.gaussian(filled, shape: shape, sigma: sigma, threads: threads)
    let cover = SeparableFilter.gaussian(present, shape: shape, sigma: sigma, threads: threads)
    for i in result.indices { result[i] = voxels[i].isNaN ? .nan : result[i] / cover[i] }
    return result
  }
}
