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
    let slices = SlicePair(fixed: fixed, moving: moving)
    let (fixed, hotFixed) = try ClampedSource.of(slices?.fixed ?? fixed, resources: resources)
    let (moving, hotMoving) = try ClampedSource.of(slices?.moving ?? moving, resources: resources)
    let samples = try loadFixed(fixed, variance: variance, options: options, resources: resources)
    let image = try loadMoving(moving, for: samples, resources: resources)
    let pair = "\(moving.name) and \(fixed.name)"
    var bare = try BareAttempt(samples, image, options: options, pair: pair, resources: resources)
    try bare.askInformation()
    try Cancellation.poll()
    var verdict = Verdict(bare, options: options, whole: fixed.grid, pair: pair)
    if options.metric == .auto, verdict.asksForInformation {
      // Grey values that seem to follow a line may be told apart all the same by what goes with what.
      var other = options
      other.metric = .mutualInformation
      if let found = try? BareAttempt(samples, image, options: other, pair: pair, resources: resources),
        !found.attempt.trial.isLinear
      {
        let next = Verdict(found, options: other, whole: fixed.grid, pair: pair)
        if !next.isUncertain { verdict = next }
      }
      try Cancellation.poll()
    }
    var result = try verdict.result()
    for (name, outliers) in [(fixed.name, hotFixed), (moving.name, hotMoving)] {
      if let outliers { result.warnings.append(outliers.words(name)) }
    }
    return result
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
    for start in stride(from: 0, to: voxels.count, by: 1 << 20) {
      try Cancellation.poll()
      for value in voxels[start..<min(voxels.count, start + (1 << 20))] { moments.add(Double(value)) }
    }
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
