import Volumetry

/// The values of the fixed volume that a level of the pyramid fits.
struct FixedSamples: Sendable {
  /// Where they lie; its spacing is their distance, which may exceed the voxel.
  let lattice: Grid
  /// Sides of the voxel that each value is a mean over, um.
  let box: SIMD3<Double>
  /// NaN where missing.
  let values: [Float]
  /// One over the variance; nil where all are equal and unknown.
  let weights: [Float]?

  var count: Int { values.count }

  /// Number of values that are there.
  var present: Int { values.reduce(0) { $0 + ($1.isNaN ? 0 : 1) } }

  /// Means over boxes of `factor` voxels; weights add up.
  func binned(by factor: Shape) throws(VoxelithError) -> FixedSamples {
    if factor == Shape(z: 1, y: 1, x: 1) { return self }
    let view = BinnedVolume(Volume(grid: lattice, voxels: values), by: factor)
    let whole = Region(whole: view.grid.shape)
    var means = try view.readFloats(whole)
    var sums: [Float]?
    if let weights {
      let weight = try BinnedVolume(Volume(grid: lattice, voxels: weights), by: factor).readFloats(whole)
      let scale = Float(view.factor.count)
      sums = weight.map { $0.isNaN ? 0 : $0 * scale }
      for i in means.indices where weight[i].isNaN { means[i] = .nan }
    }
    return FixedSamples(lattice: view.grid, box: view.grid.spacing, values: means, weights: sums)
  }

  /// The same values smoothed by a Gaussian of `sigma` voxels, missing ones left out.
  ///
  /// - Parameter except: axes (x, y, z) that are left as they are.
  func smoothed(sigma: Double, except thin: [Bool]? = nil, threads: Int) -> FixedSamples {
    guard sigma > 0 else { return self }
    let shape = lattice.shape
    var cells = SIMD3(shape.x > 1 ? sigma : 0, shape.y > 1 ? sigma : 0, shape.z > 1 ? sigma : 0)
    for axis in 0..<3 where thin?[axis] == true { cells[axis] = 0 }
    guard cells != .zero else { return self }
    let smooth = WorkingImage.normalisedGaussian(values, shape: shape, sigma: cells, threads: threads)
    return FixedSamples(lattice: lattice, box: box, values: smooth, weights: weights)
  }
}
