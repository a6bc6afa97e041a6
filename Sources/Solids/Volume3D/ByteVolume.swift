import Volumetry

/// A volume in 255 grey steps and one for missing voxels, small enough to be looked through quickly.
struct ByteVolume: Sendable {
  let grid: Grid
  /// 0 for a missing voxel, 1 to 255 from `lower` to `upper`.
  let voxels: [UInt8]
  let grey: Grey

  /// What the grey steps mean.
  struct Grey: Sendable {
    let lower: Double
    let upper: Double
    let hasMissing: Bool

    func value(of step: Double) -> Double { lower + (upper - lower) * (step - 1) / 254 }
  }

  /// Reads a volume, with blocks of voxels averaged where it has more than `limit` of them.
  ///
  /// - Throws: `usage` where the voxels and their copy in bricks do not fit the memory, and what reading throws.
  init(
    _ source: any VolumeSource, lower: Double, upper: Double, limit: Int, resources: Resources
  ) throws(VoxelithError) {
    let shape = source.grid.shape
    var factor = 1
    func reduced(_ factor: Int) -> Shape {
      Shape(
        z: (shape.z + factor - 1) / factor, y: (shape.y + factor - 1) / factor,
        x: (shape.x + factor - 1) / factor)
    }
    while reduced(factor).count > limit { factor += 1 }
    let small = reduced(factor)
    // These, and their copy in bricks.
    guard small.count <= resources.memory / 2 else {
      throw VoxelithError(
        .usage,
        "a picture of the volume holds \(small) of its voxels: \(2 * small.count / 1_000_000 + 1) MB",
        file: source.name, advice: "raise --memory, or coarsen the volume (voxelith resample)")
    }
    let step = factor
    let all = try Self.layers(small, resources) { (z) throws(VoxelithError) -> [UInt8] in
      let slices = (z * step)..<min(shape.z, (z + 1) * step)
      let values = try source.readFloats(Region(slices: slices, of: shape))
      return quantised(values, slices: slices.count, shape: shape, factor: step, small: small, lower, upper)
    }
    grid = Grid(
      shape: small, spacing: source.grid.spacing * Double(factor), origin: source.grid.origin,
      hasKnownSpacing: source.grid.hasKnownSpacing)
    voxels = all
    grey = Grey(lower: lower, upper: upper, hasMissing: all.contains(0))
  }

  private static func layers(
    _ shape: Shape, _ resources: Resources, _ work: @Sendable (Int) throws(VoxelithError) -> [UInt8]
  ) throws(VoxelithError) -> [UInt8] {
    var voxels: [UInt8] = []
    voxels.reserveCapacity(shape.count)
    let step = max(1, 4 * resources.threads)
    for start in stride(from: 0, to: shape.z, by: step) {
      try resources.cancellation.check()
      let layers = try Parallel.map(min(step, shape.z - start), threads: resources.threads) {
        (offset) throws(VoxelithError) in try work(start + offset)
      }
      for layer in layers { voxels.append(contentsOf: layer) }
      resources.progress.report("loading", done: min(shape.z, start + step), of: shape.z, unit: "slices")
    }
    return voxels
  }
}

private func quantised(
  _ values: [Float], slices: Int, shape: Shape, factor: Int, small: Shape, _ lower: Double, _ upper: Double
) -> [UInt8] {
  let scale = Float(254 / (upper - lower))
  let low = Float(lower)
  var result = [UInt8](repeating: 0, count: small.y * small.x)
  func byte(_ value: Float) -> UInt8 {
    value.isNaN ? 0 : UInt8(min(max((value - low) * scale, 0), 254) + 1.5)
  }
  if factor == 1 {
    for i in result.indices { result[i] = byte(values[i]) }
    return result
  }
  for y in 0..<small.y {
    var sums = [Float](repeating: 0, count: small.x)
    var counts = [Float](repeating: 0, count: small.x)
    for z in 0..<slices {
      for row in (y * factor)..<min(shape.y, (y + 1) * factor) {
        let start = (z * shape.y + row) * shape.x
        for x in 0..<shape.x where !values[start + x].isNaN {
          sums[x / factor] += values[start + x]
          counts[x / factor] += 1
        }
      }
    }
    for x in 0..<small.x where counts[x] > 0 { result[y * small.x + x] = byte(sums[x] / counts[x]) }
  }
  return result
}
