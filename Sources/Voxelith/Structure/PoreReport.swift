public import Microstructure
import Readers
public import Volumetry

/// The pore metrics of one phase: the content of `pores.json`.
public struct PoreReport: Codable, Sendable {
  /// Pore sizes by volume.
  public struct Thickness: Codable, Sendable {
    public let mean: Double
    public let deviation: Double
    public let bin: Double
    public let shares: [Double]

    enum CodingKeys: String, CodingKey {
      case shares = "shares_by_volume"
      case mean = "mean_um"
      case deviation = "standard_deviation_um"
      case bin = "bin_um"
    }
  }

  public let phase: Int
  public let voxelSize: [Double]
  public let porosity: Porosity
  public let specificSurface: Double
  public let chords: ChordLengths
  public let thickness: Thickness?
  public let correlation: TwoPointCorrelation?
  public let representativeVolume: RepresentativeVolume

  enum CodingKeys: String, CodingKey {
    case phase, porosity, chords, thickness, correlation
    case voxelSize = "voxel_size_um"
    case specificSurface = "specific_surface_per_um"
    case representativeVolume = "representative_volume"
  }
}

/// Measures a phase and writes what was found.
public enum PoreFolder {
  /// What to leave out, and fields to add.
  public struct Options: Sendable {
    public var connectivity: Connectivity = .six
    /// The two that hold the volume in memory.
    public var measuresThickness = true
    public var measuresCorrelation = true
    public var relativeError = 0.05
    /// Voxels per cell of the fields; none are written where nil.
    public var cell: Shape?

    public init() {}
  }

  /// Writes `pores.json`, `thickness.tif` (local thickness in um, 0 outside the phase) and, on request,
  /// `porosity.tif surface.tif pore_size.tif chord_x.tif chord_y.tif chord_z.tif` on a coarser grid.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the metrics.
  @discardableResult
  public static func write(
    _ phase: PhaseLabels, options: Options, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> PoreReport {
    try OutputFile.prepareFolder(folder)
    try OutputFile.check(folder + "/pores.json", overwrite: overwrite)
    let grid = phase.grid
    let porosity = try Porosity.measure(
      phase, connectivity: options.connectivity, resources: resources)
    var thickness: LocalThickness?
    if options.measuresThickness && porosity.porosity < 1 {
      let found = try LocalThickness.measure(phase, resources: resources)
      try save(found.diameters, "thickness.tif", folder, overwrite)
      thickness = found
    }
    if let cell = options.cell {
      try writeFields(phase, thickness, cell, folder, overwrite, resources)
    }
    let bin = grid.spacing.min()
    let report = PoreReport(
      phase: Int(phase.phase), voxelSize: Axis.allCases.map { grid.spacing(along: $0) },
      porosity: porosity, specificSurface: try SpecificSurface.measure(phase, resources: resources),
      chords: try ChordLengths.measure(phase, resources: resources),
      thickness: thickness.map {
        PoreReport.Thickness(
          mean: $0.moments.mean, deviation: $0.moments.standardDeviation, bin: bin,
          shares: $0.distribution(binWidth: bin))
      },
      correlation: options.measuresCorrelation
        ? try TwoPointCorrelation.measure(phase, resources: resources) : nil,
      representativeVolume: try RepresentativeVolume.measure(
        phase, relativeError: options.relativeError, resources: resources))
    try JSONOutput.write(report, to: folder + "/pores.json", overwrite: overwrite)
    return report
  }

  private static func writeFields(
    _ phase: PhaseLabels, _ thickness: LocalThickness?, _ cell: Shape, _ folder: String,
    _ overwrite: Bool, _ resources: Resources
  ) throws(VoxelithError) {
    for axis in Axis.allCases where cell[axis] < 1 || cell[axis] > phase.grid.shape[axis] {
      throw VoxelithError(
        .usage, "cells of \(cell[axis]) voxels along \(axis) on \(phase.grid.shape[axis])",
        advice: "cells run from 1 voxel to the side of the volume")
    }
    let map = CellMap(fine: phase.grid, factor: cell)
    var fields: [(String, CellField)] = [
      ("porosity.tif", try Porosity.field(phase, cells: map, resources: resources)),
      ("surface.tif", try SpecificSurface.field(phase, cells: map, resources: resources)),
    ]
    let chords = try ChordLengths.fields(phase, cells: map, resources: resources)
    for (axis, field) in chords.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      fields.append(("chord_\(axis).tif", field))
    }
    if let thickness { fields.append(("pore_size.tif", thickness.field(cells: map))) }
    for (name, field) in fields { try save(field.volume, name, folder, overwrite) }
  }

  private static func save(
    _ volume: Volume<Float>, _ name: String, _ folder: String, _ overwrite: Bool
  ) throws(VoxelithError) {
    let writer = try TIFFVolumeWriter(
      path: folder + "/" + name, grid: volume.grid, type: .float32, overwrite: overwrite)
    try writer.write(.float32(volume.voxels), to: Region(whole: volume.shape))
    try writer.finish()
  }
}
