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

  /// Every `step`-th value along each axis, starting in the middle of a step.
  func thinned(by step: Int) -> FixedSamples {
    if step <= 1 { return self }
    let shape = lattice.shape
    func first(_ side: Int) -> Int { min(step / 2, (side - 1) / 2) }
    func number(_ side: Int) -> Int { (side - 1 - first(side)) / step + 1 }
    let thin = Shape(z: number(shape.z), y: number(shape.y), x: number(shape.x))
    var values: [Float] = []
    var weights: [Float]? = self.weights == nil ? nil : []
    for z in 0..<thin.z {
      for y in 0..<thin.y {
        for x in 0..<thin.x {
          let at = shape.index(
            z: first(shape.z) + z * step, y: first(shape.y) + y * step, x: first(shape.x) + x * step)
          values.append(self.values[at])
          if let all = self.weights { weights?.append(all[at]) }
        }
      }
    }
    var grid = lattice
    grid.shape = thin
    grid.spacing = Double(step) * lattice.spacing
    let start = lattice.center(z: first(shape.z), y: first(shape.y), x: first(shape.x))
    grid.origin = start - 0.5 * grid.spacing
    return FixedSamples(lattice: grid, box: box, values: values, weights: weights)
  }

  /// The same values smoothed by a Gaussian of `sigma` voxels, missing ones left out.
  func smoothed(sigma: Double, threads: Int) -> FixedSamples {
    guard sigma > 0 else { return self }
    let shape = lattice.shape
    let cells = SIMD3(shape.x > 1 ? sigma : 0, shape.y > 1 ? sigma : 0, shape.z > 1 ? sigma : 0)
    let smooth = WorkingImage.normalisedGaussian(values, shape: shape, sigma: cells, threads: threads)
    return FixedSamples(lattice: lattice, box: box, values: smooth, weights: weights)
  }
}
