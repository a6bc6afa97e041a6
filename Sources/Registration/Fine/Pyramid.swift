import Volumetry

/// The levels of the fine alignment, from coarse to fine, each ready to solve.
struct Pyramid {
  let solvers: [Solver]

  init(
    fixed: FixedSamples, moving: WorkingImage, options: RegistrationOptions, threads: Int
  ) throws(VoxelithError) {
    var factors = [1]
    while fixed.count / (8 * factors[0] * factors[0] * factors[0]) >= 1500 {
      factors.insert(2 * factors[0], at: 0)
    }
    let isotropic = options.spread.sigma.min()
    var solvers: [Solver] = []
    for factor in factors {
      var samples = try fixed.binned(by: Self.box(fixed.lattice.shape, factor))
      var image = try moving.binned(by: factor)
      var spread = options.spread
      if options.metric == .model || isotropic > 0 {
        image = image.blurred(sigma: isotropic, threads: threads)
      } else {
        // Blur on both sides hides the grid from the metric: interpolation averages noise between voxels, and the
        // less noise is left, the less a metric is drawn there.
        let sigma = Self.blur
        samples = samples.smoothed(sigma: sigma, threads: threads)
        image = image.blurred(sigma: sigma * samples.box.min(), threads: threads)
        image = WorkingImage(grid: image.grid, voxels: image.voxels)
        spread = .none
      }
      if options.metric != .model {
        var step = 1
        while samples.count / (step * step * step) > max(1000, options.maximumSamples) { step += 1 }
        samples = samples.thinned(by: step)
      }
      let metric: any Metric
      switch options.metric {
      case .model: metric = LeastSquaresMetric(isWeighted: samples.weights != nil)
      case .correlation: metric = LeastSquaresMetric(isWeighted: false)
      case .mutualInformation:
        guard let information = MutualInformationMetric(fixed: samples, moving: image) else {
          throw VoxelithError(.data, "a constant volume cannot be aligned")
        }
        metric = information
      }
      solvers.append(
        Solver(
          model: ForwardModel(image: image, lattice: samples.lattice, box: samples.box, spread: spread),
          fixed: samples, metric: metric,
          transformModel: factor == 1 ? options.model : Self.early(options.model),
          threads: threads, tolerance: factor == 1 ? 1e-3 : 1e-2))
    }
    self.solvers = solvers
  }

  /// Standard deviation in voxels of the blur that pairs of like resolution get.
  static let blur = 1.2

  /// Coarse levels fit rigid motion only: their few voxels do not carry shears.
  private static func early(_ model: TransformModel) -> TransformModel { model == .affine ? .rigid : model }

  /// Binning that leaves at least six voxels along an axis.
  private static func box(_ shape: Shape, _ factor: Int) -> Shape {
    func side(_ n: Int) -> Int { max(1, min(factor, n / 6)) }
    return Shape(z: side(shape.z), y: side(shape.y), x: side(shape.x))
  }
}
