public import Volumetry

/// Alignment of a moving volume with a fixed one.
public enum VolumeRegistration {
  /// Finds the transform from fixed to moving points.
  ///
  /// Both volumes are read in blocks and averaged to the resolution that the fit needs; neither is held
  /// whole at full resolution unless it is small. Missing voxels (NaN) on either side take no part.
  /// The same input gives the same bits whatever the number of threads.
  ///
  /// - Parameters:
  ///   - moving: usually the fine volume (XCT).
  ///   - fixed: usually the coarse volume (XCS intensity), on whose grid results are wanted.
  ///   - variance: of the fixed values (for counts, the counts); nil where it is not known.
  /// - Throws: `data` where a voxel size is missing, a volume is constant, there are fewer voxels than
  ///   parameters need, the volumes do not overlap, they show no relation beyond chance, or the fit
  ///   leaves the transform less certain than `options.maximumExpectedError`.
  public static func align(
    moving: any VolumeSource, to fixed: any VolumeSource, variance: (any VolumeSource)? = nil,
    options: RegistrationOptions = RegistrationOptions(), resources: Resources = Resources()
  ) throws(VoxelithError) -> RegistrationResult {
    for source in [fixed, moving] {
      try source.grid.validate(file: source.name)
      try source.grid.requireSpacing(source.name)
    }
    let samples = try loadFixed(fixed, variance: variance, options: options, resources: resources)
    let image = try loadMoving(moving, for: samples, resources: resources)
    let levels = try Pyramid(fixed: samples, moving: image, options: options, threads: resources.threads)
    let start = try firstGuess(
      levels, samples: samples, image: image, options: options, resources: resources)
    var transform = start.transform
    var iterations = start.iterations
    var last: Solver.Solution?
    for (index, solver) in levels.solvers.enumerated() {
      try resources.cancellation.check()
      resources.progress.report("register", done: index, of: levels.solvers.count, unit: "levels")
      guard let solution = solver.solve(from: transform) else { throw noOverlap(moving, fixed) }
      transform = solution.transform
      iterations += solution.iterations
      last = solution
    }
    resources.progress.report(
      "register", done: levels.solvers.count, of: levels.solvers.count, unit: "levels")
    guard let solution = last, let finest = levels.solvers.last else { throw noOverlap(moving, fixed) }
    return try Verdict(
      solution: solution, solver: finest, options: options, runnerUp: start.runnerUp,
      iterations: iterations, voxel: fixed.grid.spacing.min()
    ).result(moving: moving.name, fixed: fixed.name)
  }

  static func noOverlap(_ moving: any VolumeSource, _ fixed: any VolumeSource) -> VoxelithError {
    VoxelithError(
      .data, "the volumes \(moving.name) and \(fixed.name) do not overlap, or one is constant there",
      advice: "check the voxel sizes and origins, or give a first guess")
  }

  private static func loadFixed(
    _ fixed: any VolumeSource, variance: (any VolumeSource)?, options: RegistrationOptions,
    resources: Resources
  ) throws(VoxelithError) -> FixedSamples {
    // Values, four numbers of the model, scores and curvatures: 32 bytes a voxel.
    var factor = 1
    while fixed.grid.shape.count / (factor * factor * factor) > max(4096, resources.memory / 64) {
      factor += 1
    }
    let cube = Shape(z: factor, y: factor, x: factor)
    let values = try BinnedVolume(fixed, by: cube).load(resources: resources, stage: "read fixed")
    var voxels = values.voxels
    var weights: [Float]?
    if let variance {
      guard variance.grid.shape == fixed.grid.shape else {
        throw VoxelithError(
          .data, "the variance has \(variance.grid.shape) voxels and the volume \(fixed.grid.shape)",
          file: variance.name)
      }
      let means = try BinnedVolume(variance, by: cube).load(resources: resources, stage: "read variance")
      weights = means.voxels.map { $0 > 0 && $0.isFinite ? 1 / $0 : 0 }
      for i in voxels.indices where !(means.voxels[i] > 0 && means.voxels[i].isFinite) { voxels[i] = .nan }
    }
    for i in voxels.indices where !voxels[i].isFinite { voxels[i] = .nan }
    let samples = FixedSamples(
      lattice: values.grid, box: values.grid.spacing, values: voxels, weights: weights)
    let needed = 4 * (options.model.parameterCount + 2)
    guard samples.present >= needed else {
      throw VoxelithError(
        .data,
        "\(samples.present) voxels cannot determine \(options.model.parameterCount) parameters of a transform",
        file: fixed.name, advice: "at least \(needed) voxels with values are needed")
    }
    try checkVaries(samples.values, fixed.name)
    return samples
  }

  private static func loadMoving(
    _ moving: any VolumeSource, for fixed: FixedSamples, resources: Resources
  ) throws(VoxelithError) -> WorkingImage {
    // A quarter of a fixed voxel is fine enough for the integral over it.
    let wanted = 0.25 * fixed.box.min()
    let spacing = moving.grid.spacing
    func factor(_ h: Double, _ spacing: Double) -> Int { max(1, Int(h / spacing + 1e-6)) }
    var h = wanted
    var cube = Shape(z: 1, y: 1, x: 1)
    repeat {
      cube = Shape(z: factor(h, spacing.z), y: factor(h, spacing.y), x: factor(h, spacing.x))
      h *= 1.25
    } while moving.grid.shape.count / cube.count > max(4096, resources.memory / 24)
    let view = BinnedVolume(moving, by: cube)
    var volume = try view.load(resources: resources, stage: "read moving")
    volume.withVoxels { voxels in
      for i in voxels.indices where !voxels[i].isFinite { voxels[i] = .nan }
    }
    try checkVaries(volume.voxels, moving.name)
    return WorkingImage(grid: volume.grid, voxels: volume.voxels)
  }

  private static func checkVaries(_ voxels: [Float], _ name: String) throws(VoxelithError) {
    var moments = Moments()
    for value in voxels { moments.add(Double(value)) }
    guard moments.count > 0 else {
      throw VoxelithError(.data, "every voxel is missing", file: name)
    }
    guard moments.minimum < moments.maximum,
      moments.variance > 1e-12 * moments.mean * moments.mean
    else {
      throw VoxelithError(
        .data, "the volume is constant (\(moments.mean)), so that nothing can be aligned", file: name)
    }
  }

  private struct FirstGuess {
    var transform: SpatialTransform
    var runnerUp: Double?
    var iterations = 0
  }

  private static func firstGuess(
    _ levels: Pyramid, samples: FixedSamples, image: WorkingImage, options: RegistrationOptions,
    resources: Resources
  ) throws(VoxelithError) -> FirstGuess {
    if let start = options.start { return FirstGuess(transform: start) }
    resources.progress.report("search", done: 0, of: 1, unit: "searches")
    let search = CoarseSearch(
      fixed: samples, moving: image,
      maximumAngle: options.maximumAngle, searchesFullTurn: options.searchesFullTurn,
      minimumOverlap: max(0.3, options.minimumOverlap), allowsInversion: options.metric != .model,
      resources: resources)
    var candidates = try search.candidates(.values, keep: options.metric == .mutualInformation ? 3 : 6)
    if options.metric == .mutualInformation { candidates += try search.candidates(.gradient, keep: 3) }
    let centred = SpatialTransform(translation: image.grid.middle - samples.lattice.middle)
    let starts = candidates.map(\.transform) + [centred]
    guard let solver = levels.solvers.first else { return FirstGuess(transform: centred) }
    var solutions: [Solver.Solution] = []
    for start in starts {
      try resources.cancellation.check()
      if let solution = solver.solve(from: start),
        Double(solution.evaluation.count) >= options.minimumOverlap * Double(solver.fixed.present)
      {
        solutions.append(solution)
      }
    }
    let ranked = solutions.indices.sorted {
      (solutions[$0].evaluation.cost, $0) < (solutions[$1].evaluation.cost, $1)
    }
    guard let first = ranked.first else {
      throw VoxelithError(
        .data, "no position was found at which the volumes overlap and both vary",
        advice: "check the voxel sizes, raise the angle of the search, or give a first guess")
    }
    let best = solutions[first]
    let voxel = solver.fixed.box.min()
    let other = ranked.dropFirst().first {
      solutions[$0].transform.meanError(against: best.transform, over: samples.lattice) > voxel
    }
    let value = metricValue(best.evaluation.cost, options.metric)
    return FirstGuess(
      transform: best.transform,
      runnerUp: other.map { metricValue(solutions[$0].evaluation.cost, options.metric) / value },
      iterations: solutions.reduce(0) { $0 + $1.iterations })
  }

  /// The quantity that a metric makes large, and that is zero without any relation.
  static func metricValue(_ cost: Double, _ metric: RegistrationMetric) -> Double {
    metric == .mutualInformation ? -cost - 1 : 1 - cost
  }
}
