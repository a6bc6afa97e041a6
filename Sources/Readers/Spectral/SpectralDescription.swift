public import Volumetry

/// What a file of spectra holds, for people and for JSON.
public struct SpectralDescription: Sendable, Hashable, Codable {
  public var file: String
  public var format: SpectralFile.Format
  /// Path of the array of counts within an HDF5 file.
  public var dataset: String?
  /// Voxels along z, y, x.
  public var shape: [Int]
  public var bins: Int
  /// Voxels along z, y, x that are read at once.
  public var chunk: [Int]
  /// Along z, y, x; nil where nobody told it.
  public var voxelSize: [Double]?
  /// Centre of the first and of the last bin.
  public var energyRange: [Double]
  public var meanBinWidth: Double
  public var incidentEnergy: Double?
  /// Mean over the pixels where it differs among them.
  public var scatteringAngle: Double?
  public var hasAnglePerPixel: Bool
  public var energyResolution: Double?
  public var liveTime: Double?
  /// Where every number of the geometry came from.
  public var origins: [GeometryOrigin]
  /// Which points fell where, for a file that stores points and no grid.
  public var scan: ScanReport?

  enum CodingKeys: String, CodingKey {
    case file, format, dataset, shape, bins, chunk, origins, scan
    case voxelSize = "voxel_size_um"
    case energyRange = "energy_range_keV"
    case meanBinWidth = "mean_bin_width_keV"
    case incidentEnergy = "incident_energy_keV"
    case scatteringAngle = "scattering_angle_deg"
    case hasAnglePerPixel = "angle_per_pixel"
    case energyResolution = "energy_resolution_keV"
    case liveTime = "live_time_s"
  }
}

extension SpectralFile {
  /// Describes a file without reading its counts.
  ///
  /// - Throws: as ``open(_:options:)`` does.
  public static func describe(
    _ path: String, options: SpectralOpenOptions = SpectralOpenOptions()
  ) throws(VoxelithError) -> SpectralDescription {
    let format = try format(of: path)
    let source = try open(path, options: options)
    let (grid, axis, acquisition) = (source.grid, source.energy, source.acquisition)
    let centers = axis.centers
    var perPixel = false
    if case .perPixel = acquisition.scatteringAngle { perPixel = true }
    return SpectralDescription(
      file: path, format: format, dataset: (source as? HDF5SpectralSource)?.dataset,
      shape: [grid.shape.z, grid.shape.y, grid.shape.x], bins: axis.count,
      chunk: [source.chunkShape.z, source.chunkShape.y, source.chunkShape.x],
      voxelSize: grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil,
      energyRange: [centers[0], centers[axis.count - 1]],
      meanBinWidth: (centers[axis.count - 1] - centers[0]) / Double(axis.count - 1),
      incidentEnergy: acquisition.incidentEnergy, scatteringAngle: acquisition.scatteringAngle?.mean,
      hasAnglePerPixel: perPixel, energyResolution: acquisition.energyResolution,
      liveTime: acquisition.liveTime, origins: (source as? any DescribedSpectra)?.origins ?? [],
      scan: (source as? any DescribedSpectra)?.scan)
  }
}
