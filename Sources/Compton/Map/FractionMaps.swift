import Volumetry

/// Volume fractions of every voxel: the active material's, then the components'.
struct FractionMaps: Sendable {
  private let sources: [any VolumeSource]
  private let restIsEmpty: Bool
  /// How far fractions and their sum may lie outside of what is possible: noise takes them there.
  private let tolerance: Float
  var count: Int { sources.count }

  /// - Throws: `data` where their number is not that of the phases or they lie on another grid.
  init(
    _ sources: [any VolumeSource], grid: Grid, components: [String], restIsEmpty: Bool,
    sigma: Double = 0
  ) throws(VoxelithError) {
    guard sources.count == components.count + 1 else {
      throw VoxelithError(
        .data,
        "there are fractions of \(sources.count) phases, but the calibration has the active material and "
          + "\(components.count) components", file: sources.first?.name,
        advice: components.isEmpty
          ? "name the components' spectra in standards.yaml and calibrate again"
          : "the channels are: active, " + components.joined(separator: ", "))
    }
    for source in sources {
      guard source.grid.shape == grid.shape else {
        throw VoxelithError(
          .data, "the fractions have \(source.grid.shape) voxels, the spectra \(grid.shape)",
          file: source.name,
          advice: "put the fractions on the grid of the spectra")
      }
      guard source.grid.hasSameSpacing(as: grid) else {
        throw VoxelithError(
          .data,
          "the fractions have voxels of \(source.grid.spacing.x) µm along x, the spectra \(grid.spacing.x)",
          file: source.name, advice: "put the fractions on the grid of the spectra")
      }
    }
    self.sources = sources
    self.restIsEmpty = restIsEmpty
    tolerance = Float(max(0.02, 5 * sigma))
  }

  /// Fractions of a box, phase fastest. A voxel without any holds no active material; of one with a fraction that is not a
  /// number, as where the XCT does not see it whole, the first is NaN and the others 0.
  ///
  /// - Throws: `data` where a fraction is not within 0 to 1 or they do not add up to one, with a tolerance of 0.02 or
  ///   five of their standard deviations;
  ///   less than one passes where the rest of a voxel is said to be empty, or where the active material is alone.
  func read(_ region: Region) throws(VoxelithError) -> [Float] {
    var sums = [Float](repeating: 0, count: region.count)
    var result = [Float](repeating: 0, count: region.count * count)
    for (phase, source) in sources.enumerated() {
      for (voxel, value) in try source.readFloats(region).enumerated() {
        guard value.isNaN || (value >= -tolerance && value <= 1 + tolerance) else {
          throw VoxelithError(
            .data, "the fraction \(value) is not within 0 to 1", file: source.name,
            place: "phase \(phase), \(place(voxel, region))")
        }
        result[voxel * count + phase] = value.isNaN ? value : max(0, value)
        sums[voxel] += value
      }
    }
    for voxel in 0..<region.count {
      let sum = sums[voxel]
      if sum.isNaN || sum == 0 {
        for phase in 0..<count { result[voxel * count + phase] = 0 }
        if sum.isNaN { result[voxel * count] = .nan }
        continue
      }
      let isShort = sum < 1 - tolerance && !restIsEmpty && count > 1
      guard sum <= 1 + tolerance, !isShort else {
        throw VoxelithError(
          .data, "the fractions of a voxel add up to \(sum), not to one", file: sources.first?.name,
          place: place(voxel, region),
          advice: isShort ? "if the rest of a voxel is empty space, say so with --rest-is-empty" : nil)
      }
    }
    return result
  }

  private func place(_ voxel: Int, _ region: Region) -> String {
    let at = region.shape
    let z = region.lower.z + voxel / (at.y * at.x)
    let y = region.lower.y + voxel / at.x % at.y
    return "voxel z \(z), y \(y), x \(region.lower.x + voxel % at.x)"
  }
}

extension Grid {
  /// Whether voxel sizes agree within a part in a thousand, as far as both are known.
  fileprivate func hasSameSpacing(as other: Grid) -> Bool {
    guard hasKnownSpacing, other.hasKnownSpacing else { return true }
    return (0..<3).allSatisfy { abs(spacing[$0] - other.spacing[$0]) <= 1e-3 * other.spacing[$0] }
  }
}
