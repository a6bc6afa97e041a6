public import Volumetry

/// How a map compares with the truth of a twin.
public struct TruthComparison: Codable, Sendable {
  public var voxels: Int
  /// Mean of x - truth, and the standard error of that mean.
  public var bias: Double
  public var biasSigma: Double
  /// Standard deviation of x - truth.
  public var spread: Double
  /// Mean and standard deviation of (x - truth) / sigma: 0 and 1 where the error bars hold.
  public var pullMean: Double
  public var pullSpread: Double
  /// Part of the voxels whose truth lies within 1 and within 1.96 sigma.
  public var coverage68: Double
  public var coverage95: Double

  enum CodingKeys: String, CodingKey {
    case voxels, bias, spread
    case biasSigma = "bias_sigma"
    case pullMean = "error_over_sigma_mean"
    case pullSpread = "error_over_sigma_spread"
    case coverage68 = "coverage_68"
    case coverage95 = "coverage_95"
  }

  /// Compares voxel by voxel, slice by slice; voxels where one of the three is NaN are left out.
  ///
  /// - Parameter others: more volumes that must have a value in a voxel that counts.
  /// - Throws: `data` where the shapes differ or no voxel can be compared.
  public init(
    map: any VolumeSource, sigma: any VolumeSource, truth: any VolumeSource,
    within others: [any VolumeSource] = []
  ) throws(VoxelithError) {
    let shape = map.grid.shape
    for other in others where other.grid.shape != shape {
      throw VoxelithError(.data, "has \(other.grid.shape) voxels, the map \(shape)", file: other.name)
    }
    guard sigma.grid.shape == shape, truth.grid.shape == shape else {
      throw VoxelithError(
        .data, "map, error and truth have shapes \(shape), \(sigma.grid.shape) and \(truth.grid.shape)")
    }
    var errors = Moments()
    var pulls = Moments()
    var within68 = 0
    var within95 = 0
    for z in 0..<shape.z {
      try Cancellation.poll()
      let region = Region(slices: z..<(z + 1), of: shape)
      let x = try map.readFloats(region)
      let s = try sigma.readFloats(region)
      let t = try truth.readFloats(region)
      var isKnown = [Bool](repeating: true, count: x.count)
      for other in others {
        for (index, value) in try other.readFloats(region).enumerated() where value.isNaN {
          isKnown[index] = false
        }
      }
      for index in x.indices where isKnown[index] {
        let error = Double(x[index]) - Double(t[index])
        let pull = error / Double(s[index])
        guard pull.isFinite else { continue }
        errors.add(error)
        pulls.add(pull)
        if abs(pull) <= 1 { within68 += 1 }
        if abs(pull) <= 1.959964 { within95 += 1 }
      }
    }
    guard errors.count > 1 else { throw VoxelithError(.data, "no voxel has a value, an error and a truth") }
    voxels = errors.count
    bias = errors.mean
    spread = errors.standardDeviation
    biasSigma = spread / Double(errors.count).squareRoot()
    pullMean = pulls.mean
    pullSpread = pulls.standardDeviation
    coverage68 = Double(within68) / Double(errors.count)
    coverage95 = Double(within95) / Double(errors.count)
  }
}
