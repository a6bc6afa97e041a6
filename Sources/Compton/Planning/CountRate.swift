public import Volumetry

/// The count rate that measured spectra have.
public struct CountRate: Sendable, Hashable {
  /// Net counts per second of a voxel within the fit's window: the mean over the voxels that have a value.
  public let rate: Double
  /// Background counts over net counts within the window.
  public let backgroundFraction: Double
  /// Volume of a voxel in um3, where its size is known.
  public let volume: Double?

  /// - Throws: `data` where the spectra have no live time, do not fit the calibration or hold no lithium.
  public init(
    spectra: any SpectralSource, calibration: Calibration, resources: Resources
  ) throws(VoxelithError) {
    guard let time = spectra.acquisition.liveTime, time > 0 else {
      throw VoxelithError(
        .data, "the live time of the voxels is missing, so there is no rate", file: spectra.name,
        advice: "give the net counts per second of a voxel instead")
    }
    let map = try LithiumMap(source: spectra, calibration: calibration)
    var net = Moments()
    _ = try map.run(resources: resources) { (_, result) throws(VoxelithError) in
      for (value, x) in zip(result.intensity, result.x) where x.isFinite { net.add(Double(value)) }
    }
    guard net.count > 0, net.mean > 0 else {
      throw VoxelithError(.data, "no voxel has counts above the background", file: spectra.name)
    }
    let basis = calibration.methods.profile
    let background = basis.fitRange.reduce(0.0) { $0 + basis.background.rate[$1] } * time
    rate = net.mean / time
    backgroundFraction = max(0, background) / net.mean
    let grid = spectra.grid
    volume = grid.hasKnownSpacing ? grid.spacing.x * grid.spacing.y * grid.spacing.z : nil
  }
}
