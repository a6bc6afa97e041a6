import Volumetry

/// Volume fractions of every voxel: the active material's, then the components'.
struct FractionMaps: Sendable {
  private let sources: [any VolumeSource]
  var count: Int { sources.count }

  /// - Throws: `data` where their number is not that of the phases or they lie on another grid.
  init(
    _ sources: [any VolumeSource], shape: Shape, components: [String]
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
    for source in sources where source.grid.shape != shape {
      throw VoxelithError(
        .data, "the fractions have \(source.grid.shape) voxels, the spectra \(shape)", file: source.name,
        advice: "put the fractions on the grid of the spectra")
    }
    self.sources = sources
  }

  /// Fractions of a box, phase fastest; NaN where nobody knows them, so that the voxel is masked.
  ///
  /// - Throws: `data` where a fraction is not within 0 to 1 or their sum exceeds 1, with a tolerance of 0.02.
  func read(_ region: Region) throws(VoxelithError) -> [Float] {
    var result = [Float](repeating: 0, count: region.count * count)
    for (phase, source) in sources.enumerated() {
      for (voxel, value) in try source.readFloats(region).enumerated() {
        guard value.isNaN || (value >= -0.02 && value <= 1.02) else {
          throw VoxelithError(
            .data, "the fraction \(value) is not within 0 to 1", file: source.name,
            place: "phase \(phase), voxel \(voxel) of \(region)")
        }
        result[voxel * count + phase] = value.isNaN ? value : max(0, value)
      }
    }
    for voxel in 0..<region.count {
      let sum = (0..<count).reduce(Float(0)) { $0 + result[voxel * count + $1] }
      guard sum.isNaN || sum <= 1.02 else {
        throw VoxelithError(
          .data, "the fractions of a voxel add up to \(sum), not to one", file: sources.first?.name,
          place: "voxel \(voxel) of \(region)")
      }
    }
    return result
  }
}
