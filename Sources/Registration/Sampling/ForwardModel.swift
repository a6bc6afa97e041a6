import CRegistrationKernels
import Volumetry

/// What the fixed volume should show under a transform: the mean of the moving image over every fixed
/// voxel and the rest of the point spread, with its gradient.
///
/// The mean is a sum over points along the axes of the FIXED grid, so that boxes and anisotropic point
/// spreads turn with the transform. The coarse volume is never interpolated.
struct ForwardModel: Sendable {
  let image: WorkingImage
  /// Where the fixed values lie.
  let lattice: Grid
  /// Points of the rule relative to a voxel's centre, in fixed space (um), and their weights.
  let points: [SIMD3<Double>]
  let weights: [Float]
  /// Distance to the border of the image, in its cells (x, y, z), below which a value is not to be
  /// trusted since the blur reached beyond.
  let rim: SIMD3<Double>
  /// Whether values between the cells are cubic rather than linear.
  let isCubic: Bool
  /// Axes of the image along which it has a few slices only; nil where there is none.
  let thin: [Bool]?

  /// - Parameters:
  ///   - smoothness: standard deviation of the blur that the image went through, where that is more than the part of
  ///     the point spread which it stands for.
  ///   - border: width in um of a border of the image that is left out, since a blur had nothing beyond it.
  init(
    image: WorkingImage, lattice: Grid, box: SIMD3<Double>, spread: PointSpread, smoothness: Double? = nil,
    border: Double = 0, isStaggered: Bool = false, isCubic: Bool = false, thin: ThinAxes? = nil
  ) {
    self.image = image
    self.lattice = lattice
    self.isCubic = isCubic
    self.thin = thin?.moving
    let step = min(image.grid.spacing.x, image.grid.spacing.y, image.grid.spacing.z)
    func rule(_ axis: Int) -> AxisRule {
      let rest = max(0, spread.sigma[axis] * spread.sigma[axis] - image.sigma * image.sigma)
      return AxisRule(
        width: box[axis], sigma: rest.squareRoot(), step: step,
        smoothness: thin?.fixed[axis] == true ? 0 : smoothness ?? image.sigma,
        isStaggered: isStaggered)
    }
    let x = rule(0)
    let y = rule(1)
    let z = rule(2)
    var points: [SIMD3<Double>] = []
    var weights: [Float] = []
    for k in z.offsets.indices {
      for j in y.offsets.indices {
        for i in x.offsets.indices {
          points.append(SIMD3(x.offsets[i], y.offsets[j], z.offsets[k]))
          weights.append(Float(x.weights[i] * y.weights[j] * z.weights[k]))
        }
      }
    }
    self.points = points
    self.weights = weights
    rim = SIMD3(repeating: 1.5 * image.sigma + border) / image.grid.spacing
  }

  /// Four numbers per voxel of the lattice: value and its gradient (x, y, z) per um of moving space;
  /// the value is NaN where the moving image does not reach.
  ///
  /// - Parameters:
  ///   - wanted: voxels to compute; the others are NaN.
  ///   - isStrict: demand the distance `rim` from the border; otherwise let points lie a little
  ///   outside, so that the set of voxels does not change while a fit takes its last small steps.
  func sample(
    _ transform: SpatialTransform, isStrict: Bool, wanted active: [Bool]? = nil, threads: Int
  ) -> [Float] {
    let map = VoxelMap(from: lattice, through: transform, to: image.grid)
    let perUm = VoxelMap(
      from: Grid(shape: lattice.shape, spacing: .one), through: transform, to: image.grid
    ).linear
    let offsets = points.map { perUm * $0 }
    let shape = image.grid.shape
    let size = SIMD3(Double(shape.x), Double(shape.y), Double(shape.z))
    var wanted = isStrict ? rim - 0.5 : SIMD3(repeating: -2.5)
    if isStrict, let thin {
      for axis in 0..<3 where thin[axis] { wanted[axis] = size[axis] > 1 ? -GradientSampler.reach : -0.5 }
    }
    // A thin image keeps at least its middle.
    let low = pointwiseMin(wanted, 0.5 * (size - 1)) - 1e-9
    let high = size - 1 - low
    let perMicrometre = SIMD3<Float>(SIMD3(1, 1, 1) / image.grid.spacing)
    var result = [Float](repeating: 0, count: 4 * lattice.shape.count)
    let slice = lattice.shape.y * lattice.shape.x
    let voxels = image.voxels
    let weights = weights
    let isCubic = isCubic
    let thin = thin
    let isRegular = thin == nil && shape.count < Int(Int32.max)
    Parallel.forEachSlab(of: &result, stride: 4 * slice, threads: threads) { z, slab in
      let sampler = GradientSampler(shape: shape, low: low, high: high, isCubic: isCubic, thinAxes: thin)
      var row = SampleRow(sampler, offsets: offsets, weights: weights, most: isRegular ? lattice.shape.x : 0)
      for y in 0..<lattice.shape.y {
        if isRegular {
          let first = z * slice + y * lattice.shape.x
          row.sample(voxels, active, first: first, count: lattice.shape.x, perMicrometre, to: &slab) {
            map(x: Double($0), y: Double(y), z: Double(z))
          }
          continue
        }
        for x in 0..<lattice.shape.x {
          let at = 4 * (y * lattice.shape.x + x)
          if let active, !active[z * slice + y * lattice.shape.x + x] {
            slab[at] = .nan
            continue
          }
          let center = map(x: Double(x), y: Double(y), z: Double(z))
          var sum = SIMD4<Float>.zero
          for q in offsets.indices {
            sum += weights[q] * sampler.thin(voxels.span, center + offsets[q])
            if sum.x.isNaN { break }
          }
          slab[at] = sum.x
          slab[at + 1] = sum.y * perMicrometre.x
          slab[at + 2] = sum.z * perMicrometre.y
          slab[at + 3] = sum.w * perMicrometre.z
        }
      }
    }
    return result
  }
}
