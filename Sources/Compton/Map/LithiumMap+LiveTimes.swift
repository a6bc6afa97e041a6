import Volumetry

extension LithiumMap {
  /// Part of their mean by which live times of voxels may differ where background and components scale with them: the fit
  /// knows one live time, and a part of 0.02 of a background moves x by less than its sigma.
  private static var liveTimeSpread: Float { 0.02 }

  /// - Throws: `data` where the live times of the voxels differ and something scales with them.
  static func checkLiveTimes(_ source: any SpectralSource, areNeeded: Bool) throws(VoxelithError) {
    guard areNeeded, let times = source.acquisition.voxelLiveTimes, let mean = source.acquisition.liveTime
    else {
      return
    }
    let known = times.filter(\.isFinite)
    guard let low = known.min(), let high = known.max(), high - low > liveTimeSpread * Float(mean) else {
      return
    }
    throw VoxelithError(
      .data,
      "the live time of the voxels differs, \(low) to \(high) s, and background and components scale with one for all",
      file: source.name, advice: "measure with one live time, or take a mean for all with --live-time SECONDS"
    )
  }
}
