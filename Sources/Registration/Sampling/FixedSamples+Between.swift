import Volumetry

extension FixedSamples {
  /// The values at points whose places between the voxels are spread evenly, whatever the transform.
  ///
  /// Interpolation averages noise, and most so half-way between voxels. A metric that looks at the voxels' own
  /// centres therefore changes with the fraction of a voxel by which the moving volume is shifted, and is drawn to
  /// where its noise is least. The distance of the points here is a golden part of a voxel off a whole number, so
  /// that every fraction is met equally often at every shift and the noise stays the same (Tsao, IEEE Trans. Med.
  /// Imaging 22 (2003) 1435, on interpolation artefacts and jittered sampling).
  ///
  /// - Parameters:
  ///   - limit: number of points that is wanted at most; distances grow from 1.2 voxels until it is met.
  ///     Axes of few voxels are sampled more densely.
  ///   - border: voxels of each side that are left out, where there are enough of them.
  ///   - except: axes (x, y, z) along which the points are the voxels' own centres.
  func between(
    limit: Int, interpolation: Interpolation = .linear, border: Double = 0, except thin: [Bool]? = nil
  ) throws(VoxelithError) -> FixedSamples {
    let shape = lattice.shape
    let steps = [
      1.236068, 1.381966, 1.618034, 2.381966, 2.618034, 3.381966, 3.618034, 4.381966, 5.618034, 7.381966,
      9.618034,
    ]
    var chosen: (shape: Shape, step: SIMD3<Double>)?
    for step in steps {
      var sides = Shape(z: 1, y: 1, x: 1)
      var own = SIMD3<Double>.one
      for (index, axis) in [Axis.x, .y, .z].enumerated() where shape[axis] > 1 {
        if thin?[index] == true {
          sides[axis] = shape[axis]
          continue
        }
        own[index] = shape[axis] < 12 ? 0.618034 : shape[axis] < 24 ? min(step, 1.236068) : step
        let width = Double(shape[axis]) - (shape[axis] < 16 ? 0 : 2 * border)
        sides[axis] = max(2, Int(width / own[index]))
      }
      chosen = (sides, own)
      if sides.count <= max(1000, limit) { break }
    }
    guard let chosen else { return self }
    var grid = Grid(shape: chosen.shape, spacing: chosen.step * lattice.spacing)
    grid.origin = lattice.middle - 0.5 * grid.extent
    func read(_ voxels: [Float], _ way: Interpolation) throws(VoxelithError) -> [Float] {
      try ResampledVolume(Volume(grid: lattice, voxels: voxels), on: grid, interpolation: way).readFloats(
        Region(whole: grid.shape))
    }
    var spread: [Float]?
    if let weights { spread = try read(weights, .linear) }
    return FixedSamples(lattice: grid, box: box, values: try read(values, interpolation), weights: spread)
  }

  /// The values in a box of the lattice.
  func cropped(to region: Region) -> FixedSamples {
    let grid = lattice.cropped(to: region)
    func cut(_ voxels: [Float]) -> [Float] {
      var result: [Float] = []
      result.reserveCapacity(region.count)
      for z in region.z {
        for y in region.y {
          let row = lattice.shape.index(z: z, y: y, x: region.lower.x)
          result.append(contentsOf: voxels[row..<(row + region.shape.x)])
        }
      }
      return result
    }
    return FixedSamples(lattice: grid, box: box, values: cut(values), weights: weights.map(cut))
  }

  /// The box of voxels that a moving volume reaches under a transform, with a margin; nil where that is not much
  /// less than all of them, or nothing.
  func region(reachedBy moving: Grid, through transforms: [SpatialTransform]) -> Region? {
    var low = SIMD3<Double>(repeating: .infinity)
    var high = -low
    for transform in transforms {
      guard let back = try? transform.inverted() else { return nil }
      for corner in 0..<8 {
        let part = SIMD3(Double(corner & 1), Double((corner >> 1) & 1), Double(corner >> 2))
        let at = lattice.coordinates(of: back(moving.origin + part * moving.extent))
        low = pointwiseMin(low, at)
        high = pointwiseMax(high, at)
      }
    }
    let margin = 3 + 0.06 * (high - low)
    func range(_ index: Int, _ count: Int) -> Range<Int>? {
      let first = max(0, Int((low[index] - margin[index]).rounded(.down)))
      let end = min(count, Int((high[index] + margin[index]).rounded(.up)) + 1)
      return first < end ? first..<end : nil
    }
    let shape = lattice.shape
    guard low.min().isFinite, high.max().isFinite, let x = range(0, shape.x), let y = range(1, shape.y),
      let z = range(2, shape.z)
    else { return nil }
    let region = Region(
      lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
      shape: Shape(z: z.count, y: y.count, x: x.count))
    return 10 * region.count < 7 * shape.count ? region : nil
  }
}
