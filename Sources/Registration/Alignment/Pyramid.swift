import Volumetry

/// The levels of the fine alignment, from coarse to fine, made when they are needed.
struct Pyramid {
  let fixed: FixedSamples
  let moving: WorkingImage
  let options: RegistrationOptions
  let threads: Int
  /// Binning of every level, coarsest first.
  let factors: [Int]
  /// Whether the moving voxels are nearly as large as the fixed ones, so that their noise matters.
  let isAlike: Bool
  /// Whether they are so much smaller, though alike, that a blur of one of them leaves the fixed detail alone.
  let isFiner: Bool
  /// Whether both are single slices, which move in their plane.
  let isInPlane: Bool

  /// What a level fits, before a metric is chosen.
  struct Level {
    let model: ForwardModel
    let samples: FixedSamples
    let factor: Int
    let isLast: Bool
  }

  /// What hides the grid of the voxels from a metric.
  enum Blur: Equatable {
    /// Nothing beyond the instrument: the moving volume is so fine that its grid does not show.
    case none
    /// A Gaussian of so many fixed voxels on both sides.
    case both(Double)
    /// A Gaussian of one moving voxel on the moving side; the fixed values stay as they are, and are never interpolated.
    case moving
  }

  /// For pairs of like resolution, and where noise is a large part of what is left.
  static let usual = Blur.both(1)
  static let wide = Blur.both(1.4)
  /// For noise that is smooth itself.
  static let narrow = Blur.both(0.5)
  /// For grey values with no common line: blurred, two of them mix to a third one that means something else. Two widths tell
  /// how far that draws an alignment.
  static let sharp = Blur.both(0.6)
  static let sharper = Blur.both(0.4)

  init(fixed: FixedSamples, moving: WorkingImage, options: RegistrationOptions, threads: Int) {
    self.fixed = fixed
    self.moving = moving
    self.options = options
    self.threads = threads
    isAlike = moving.grid.spacing.max() > 0.3 * fixed.box.min()
    isFiner = 1.4 * moving.grid.spacing.max() <= fixed.box.min()
    isInPlane = fixed.lattice.shape.z == 1 && moving.grid.shape.z == 1
    // The smaller of the two, in fixed voxels, is what a level has at most.
    let reach = moving.grid.extent / fixed.lattice.spacing
    let count = min(Double(fixed.count), reach.x * reach.y * max(1, reach.z))
    var factors = [1]
    while count / Double(8 * factors[0] * factors[0] * factors[0]) >= 1500 {
      factors.insert(2 * factors[0], at: 0)
    }
    self.factors = factors
  }

  /// Whether a metric compares the volumes as they are, blurred by nothing but the instrument.
  func isSharp(_ metric: RegistrationMetric) -> Bool {
    (metric == .model && !isAlike) || (metric != .model && options.spread.sigma.min() > 0 && !isAlike)
  }

  /// The same pair freed of slow changes of brightness.
  var withoutShading: Pyramid {
    Pyramid(
      fixed: FixedSamples(
        lattice: fixed.lattice, box: fixed.box,
        values: Shading.removed(from: fixed.values, shape: fixed.lattice.shape, threads: threads),
        weights: fixed.weights),
      moving: WorkingImage(
        grid: moving.grid,
        voxels: Shading.removed(from: moving.voxels, shape: moving.grid.shape, threads: threads),
        sigma: moving.sigma), options: options, threads: threads)
  }

  func blur(_ metric: RegistrationMetric) -> Blur { isSharp(metric) ? .none : Self.usual }

  /// - Parameters:
  ///   - near: an alignment from a coarser level; where the moving volume reaches only a part of the fixed
  ///     one, the rest is left out.
  ///   - beside: another alignment, whose part is kept, too.
  ///   - isForeign: whether the last points are for a histogram, which costs twice as much a point as a line does.
  ///   - isThin: whether a third of the points does.
  ///   - isLast: whether the interpolation is cubic, whose error stays below the noise, and more points are used.
  func level(
    _ index: Int, blur: Blur, near: SpatialTransform? = nil, beside: SpatialTransform? = nil,
    isLast: Bool = false, isThin: Bool = false, isForeign: Bool = false
  ) throws(VoxelithError) -> Level {
    let factor = factors[index]
    var samples = fixed
    let thin = blur == .none ? nil : ThinAxes(fixed: fixed, moving: moving.grid, near: near ?? .identity)
    if let near,
      let part = fixed.region(reachedBy: moving.grid, through: [near] + (beside.map { [$0] } ?? []))
    {
      samples = fixed.cropped(to: part)
    }
    try Cancellation.poll()
    samples = try samples.binned(by: Self.box(samples.lattice.shape, factor))
    try Cancellation.poll()
    var image = try moving.binned(by: Self.box(moving.grid.shape, factor))
    try Cancellation.poll()
    let isotropic = options.spread.sigma.min()
    var smoothness: Double?
    var border = 0.0
    switch blur {
    case .none: image = image.blurred(sigma: isotropic, threads: threads)
    case .moving:
      let width = image.grid.spacing.max()
      border = width
      smoothness = (width * width + isotropic * isotropic).squareRoot()
    case .both(let voxels):
      // Blur on both sides hides the grid from the metric: interpolation averages noise between voxels, and the
      // less noise is left, the less a metric is drawn there.
      samples = samples.smoothed(sigma: voxels, except: thin?.fixed, threads: threads)
      try Cancellation.poll()
      let common = voxels * samples.box.min()
      smoothness = (common * common + isotropic * isotropic).squareRoot()
      let limit = factor == 1 && !isThin ? options.maximumSamples : options.maximumSamples / 3
      samples = try samples.between(
        limit: isLast ? (isForeign ? 2 : 4) * limit : limit, interpolation: isLast ? .cubic : .linear,
        border: isLast ? voxels : 0, except: thin?.fixed)
      if isLast { border = common }
      try Cancellation.poll()
    }
    if let smoothness {
      let blurred = image.blurred(
        sigma: smoothness, isWhole: true, except: thin?.moving, threads: threads)
      try Cancellation.poll()
      image = WorkingImage(grid: blurred.grid, voxels: blurred.voxels, sigma: isotropic)
    }
    return Level(
      model: ForwardModel(
        image: image, lattice: samples.lattice, box: samples.box, spread: options.spread,
        smoothness: blur == .moving ? smoothness : nil, border: border, isStaggered: true,
        isCubic: isLast && blur != .none, thin: thin),
      samples: samples, factor: factor, isLast: isLast)
  }

  func solver(_ level: Level, metric: RegistrationMetric) throws(VoxelithError) -> Solver {
    let used: any Metric
    switch metric {
    case .model, .auto: used = LeastSquaresMetric(isWeighted: level.samples.weights != nil)
    case .correlation: used = LeastSquaresMetric(isWeighted: false)
    case .mutualInformation:
      guard let information = MutualInformationMetric(fixed: level.samples, moving: level.model.image) else {
        throw VoxelithError(.data, "a constant volume cannot be aligned")
      }
      used = information
    }
    return Solver(
      model: level.model, fixed: level.samples, metric: used,
      transformModel: level.factor == 1 ? options.model : Self.early(options.model), isInPlane: isInPlane,
      threads: threads, tolerance: level.factor == 1 && (level.isLast || isSharp(metric)) ? 1e-3 : 1e-2)
  }

  /// Coarse levels fit rigid motion only: their few voxels do not carry shears.
  private static func early(_ model: TransformModel) -> TransformModel { model == .affine ? .rigid : model }

  /// Binning that leaves at least six voxels along an axis.
  private static func box(_ shape: Shape, _ factor: Int) -> Shape {
    func side(_ n: Int) -> Int { max(1, min(factor, n / 6)) }
    return Shape(z: side(shape.z), y: side(shape.y), x: side(shape.x))
  }
}
