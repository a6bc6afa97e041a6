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
    let (fixed, hotFixed) = try ClampedSource.of(fixed, resources: resources)
    let (moving, hotMoving) = try ClampedSource.of(moving, resources: resources)
    var samples = try loadFixed(fixed, variance: variance, options: options, resources: resources)
    var image = try loadMoving(moving, for: samples, resources: resources)
    let hadRings = removeRings(&samples, &image, threads: resources.threads)
    let (search, found) = try StartSearch(
      pyramid: Pyramid(fixed: samples, moving: image, options: options, threads: resources.threads),
      options: options, resources: resources
    ).best()
    let pyramid = search.pyramid
    guard !found.trials.isEmpty else {
      throw VoxelithError(
        .data, "no position was found at which \(moving.name) and \(fixed.name) overlap and both vary",
        advice: "check the voxel sizes, raise the angle of the search, or give a first guess")
    }
    let refined = try refine(found, pyramid, search, resources: resources)
    let needed = Verdict.neededSignificance(positions: found.positions)
    let repeats = try Repeats(of: refined.trial, beside: refined.others, search, needed: needed)
    let polish = try Polish(repeats.trial, search)
    let trial = polish.trial
    var result = try Verdict(
      trial: trial, observed: polish.covariance, drift: polish.drift,
      previous: repeats.isMoved ? repeats.trial : refined.previous, pyramid: pyramid, options: options,
      rivals: options.start == nil
        ? try Rivals(
          search, beside: found.trials[0], aligned: trial, isFine: repeats.isMoved, needed: needed) : nil,
      runnerUp: refined.runnerUp, equal: repeats.equal?.solution.transform, positions: found.positions,
      iterations: refined.iterations,
      whole: fixed.grid, hadRings: hadRings
    ).result(moving: moving.name, fixed: fixed.name)
    for (name, outliers) in [(fixed.name, hotFixed), (moving.name, hotMoving)] {
      if let outliers { result.warnings.append(outliers.words(name)) }
    }
    return result
  }

  /// Takes rings off where both volumes have them, which would match whatever the object does.
  private static func removeRings(
    _ fixed: inout FixedSamples, _ moving: inout WorkingImage, threads: Int
  ) -> Bool {
    guard let a = RingPattern(fixed.values, shape: fixed.lattice.shape, threads: threads),
      let b = RingPattern(moving.voxels, shape: moving.grid.shape, threads: threads)
    else { return false }
    fixed = FixedSamples(
      lattice: fixed.lattice, box: fixed.box, values: a.removed(from: fixed.values), weights: fixed.weights)
    moving = WorkingImage(grid: moving.grid, voxels: b.removed(from: moving.voxels), sigma: moving.sigma)
    return true
  }

  private struct Refined {
    var trial: Trial
    /// The same place a level coarser.
    var previous: Trial
    var runnerUp: Double?
    /// Other places that came near at any level.
    var others: [SpatialTransform]
    var iterations: Int
  }

  /// Carries the best places from level to level, fewer at every one.
  private static func refine(
    _ found: StartSearch.Result, _ pyramid: Pyramid, _ search: StartSearch, resources: Resources
  ) throws(VoxelithError) -> Refined {
    let levels = pyramid.factors.count
    var trials = found.trials
    var previous = trials[0]
    var iterations = found.iterations
    let first = trials[0]
    let next = trials.dropFirst().first {
      $0.solution.transform.meanError(against: first.solution.transform, over: pyramid.fixed.lattice)
        > first.solver.fixed.box.min()
    }
    let runnerUp = next.map { max(0, $0.agreement.significance) / max(1, first.agreement.significance) }
    for index in min(1, levels - 1)..<levels {
      try resources.cancellation.check()
      resources.progress.report("register", done: index, of: levels, unit: "levels")
      let best = trials[0].agreement.significance
      let kept = trials.prefix(index == levels - 1 ? 2 : 4).enumerated()
        .filter {
          $0.offset == 0 || $0.element.agreement.significance > (index == levels - 1 ? 0.75 : 0.6) * best
        }.map(\.element)
      var next: [(Trial, Trial)] = []
      for trial in kept {
        var metric = trial.metric
        if search.options.metric == .auto { metric = trial.isLinear ? .model : .mutualInformation }
        if next.contains(where: {
          $0.0.metric == metric
            && $0.0.solution.transform.meanError(
              against: trial.solution.transform, over: pyramid.fixed.lattice)
              < 0.7 * trial.solver.fixed.box.min()
        }) {
          continue
        }
        let level = try pyramid.level(
          index, blur: pyramid.blur(metric), near: trial.solution.transform)
        let solver = try pyramid.solver(level, metric: metric)
        if let refined = Trial(
          solver, metric: metric, from: trial.solution.transform, least: search.least(solver))
        {
          iterations += refined.solution.iterations
          next.append((refined, trial))
        }
      }
      guard !next.isEmpty else { break }
      next.sort { $0.0.agreement.significance > $1.0.agreement.significance }
      trials = next.map(\.0)
      previous = next[0].1
    }
    resources.progress.report("register", done: levels, of: levels, unit: "levels")
    var others = trials.dropFirst().map(\.solution.transform)
    if let next, runnerUp ?? 0 > 0.9 { others.append(next.solution.transform) }
    return Refined(
      trial: trials[0], previous: previous, runnerUp: runnerUp, others: others, iterations: iterations)
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

}
