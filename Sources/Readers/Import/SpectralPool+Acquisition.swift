import Volumetry

/// Several files of spectra as one source.
public protocol PooledSpectra: DescribedSpectra {
  /// The files, in the order in which they were given.
  var parts: [any DescribedSpectra] { get }
}

/// What the files of a pool must have in common, and how their times add up.
enum PoolRules {
  /// - Throws: `data` where the files have other energies, or only some have places; `usage` where there is none.
  static func check(_ parts: [any DescribedSpectra]) throws(VoxelithError) {
    guard let first = parts.first else {
      throw VoxelithError(.usage, "there is no file of spectra to import")
    }
    for part in parts.dropFirst() {
      guard part.energy.matches(first.energy) else {
        throw VoxelithError(
          .data, "the energies are not those of \(first.name)", file: part.name,
          advice: "import the files one by one, or give all the same --energy-coefficients")
      }
      guard part.grid.hasKnownSpacing == first.grid.hasKnownSpacing else {
        throw VoxelithError(
          .data,
          "one of \(first.name) and this file gives the positions of its voxels and the other does not",
          file: part.name, advice: "give --voxel-size, or --positions none")
      }
    }
  }

  static func name(_ parts: [any DescribedSpectra]) -> String {
    parts[0].name + (parts.count > 1 ? " and \(parts.count - 1) more" : "")
  }

  /// How far those files have come that were not closed.
  static func writingNotice(_ parts: [any DescribedSpectra]) -> String? {
    let notices = parts.compactMap { ($0 as? any GrowingSource)?.writingNotice }
    return notices.isEmpty ? nil : notices.joined(separator: "\n")
  }

  static func origins(
    _ parts: [any DescribedSpectra], grid: Grid, scan: ScanReport, options: SpectralOpenOptions,
    time: GeometryOrigin?
  ) -> [GeometryOrigin] {
    parts[0].origins.filter { !["live time", "voxel size", "origin"].contains($0.quantity) }
      + grid.origins(source: options.voxelSize == nil ? "the grids of \(parts.count) files" : "--voxel-size")
      + [
        GeometryOrigin(
          "places of the voxels", scan.shown, "the grids of \(parts.count) files, put together")
      ] + [time].compactMap { $0 }
  }

  /// Beam, angle and times of all files together.
  ///
  /// - Parameter seconds: the time that a voxel of the common grid was counted, from the times of the files' voxels; NaN where no file
  ///   saw it.
  /// - Throws: `data` where the geometries differ, angles do not fit the grid, or only some files tell a live time.
  static func acquisition(
    _ parts: [any DescribedSpectra], on grid: Grid, seconds: (Int) -> Double
  ) throws(VoxelithError) -> (acquisition: Acquisition, origin: GeometryOrigin?) {
    var acquisition = parts[0].acquisition
    for part in parts.dropFirst() {
      let other = part.acquisition
      guard
        other.incidentEnergy == acquisition.incidentEnergy
          && other.energyResolution == acquisition.energyResolution
          && other.scatteringAngle == acquisition.scatteringAngle
      else {
        throw VoxelithError(
          .data, "the beam, angle or resolution is not that of \(parts[0].name)", file: part.name,
          advice: "import files of one geometry, or give --incident-energy and --scattering-angle")
      }
    }
    if case .perPixel(let height, let width, _)? = acquisition.scatteringAngle,
      height != grid.shape.y || width != grid.shape.x
    {
      throw VoxelithError(
        .data, "angles of \(height)x\(width) pixels do not fit the common grid of \(grid.shape)",
        file: parts[0].name,
        advice: "give one with --scattering-angle")
    }
    acquisition.liveTime = nil
    acquisition.voxelLiveTimes = nil
    guard parts.allSatisfy({ $0.acquisition.liveTime != nil }) else {
      if let told = parts.first(where: { $0.acquisition.liveTime != nil }),
        let bare = parts.first(where: { $0.acquisition.liveTime == nil })
      {
        throw VoxelithError(
          .data,
          "the file gives no live time, and \(told.name) tells one: how long both counted together is not known",
          file: bare.name,
          advice: "give the live time of each exposure with --live-time, or write it into the file")
      }
      return (acquisition, nil)
    }
    let origin = acquisition.setLiveTimes(
      (0..<grid.shape.count).map(seconds), source: "sum over the files that saw the voxel")
    return (acquisition, origin)
  }

  /// Seconds that a file counted one of its voxels.
  static func seconds(_ part: any DescribedSpectra, voxel: Int) -> Double {
    let own = part.acquisition
    return own.voxelLiveTimes.map { Double($0[voxel]) } ?? own.liveTime ?? .nan
  }
}
