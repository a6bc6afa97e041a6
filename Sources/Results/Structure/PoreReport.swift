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
  /// Why there is no value along an axis, by axis; nil in three dimensions.
  public let missingAxes: [String: String]?
  public let porosity: Porosity
  public let specificSurface: Double
  public let chords: ChordLengths
  public let thickness: Thickness?
  public let correlation: TwoPointCorrelation?
  public let representativeVolume: RepresentativeVolume

  enum CodingKeys: String, CodingKey {
    case phase, porosity, chords, thickness, correlation
    case voxelSize = "voxel_size_um"
    case missingAxes = "missing_axes"
    case specificSurface = "specific_surface_per_um"
    case representativeVolume = "representative_volume"
  }
}

/// Measures a phase and writes what was found.
public enum PoreFolder {
  /// What to leave out, and fields to add.
  public struct Options: Sendable {
    public var connectivity: Connectivity = .six
    /// The two that take longest.
    public var measuresThickness = true
    public var measuresCorrelation = true
    public var relativeError = 0.05
    /// Longest distance of the two-point correlation in micrometres; chosen by the volume where nil.
    public var correlationReach: Double?
    /// Cells of the fields; none are written where nil.
    public var cells: CellChoice?
    /// Adds every volume in another format.
    public var copies: VolumeCopies?

    public init() {}
  }

  /// Fields on the coarser grid: mean values over the cells, NaN in cells without data.
  public static let fieldFiles =
    ["porosity.tif", "surface.tif", "pore_size.tif"]
    + ["percolating", "chord", "correlation"].flatMap { name in ["x", "y", "z"].map { "\(name)_\($0).tif" } }

  /// Writes `pores.json`, `thickness.tif` (local thickness in um, 0 outside the phase) and, on request,
  /// ``fieldFiles`` on a coarser grid.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the metrics.
  @discardableResult
  public static func write(
    _ phase: PhaseLabels, options: Options, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> PoreReport {
    try OutputFile.prepareFolder(folder)
    let names = ["pores.json", "thickness.tif"] + (options.cells == nil ? [] : fieldFiles)
    for name in names + (options.copies?.names(of: names) ?? []) {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    var written: [(name: String, grid: Grid)] = []
    func keep(_ volume: Volume<Float>, _ name: String) throws(VoxelithError) {
      try save(volume, name, folder, overwrite)
      written.append((name, volume.grid))
    }
    let grid = phase.grid
    let map = try options.cells.map { (cells) throws(VoxelithError) in try cells.map(on: grid) }
    if let map, options.measuresCorrelation {
      try TwoPointCorrelation.checkFields(
        phase, cells: map, reach: options.correlationReach, resources: resources)
    }
    let porosity = try Porosity.measure(
      phase, connectivity: options.connectivity, resources: resources)
    // First: what the thickness leaves behind is in pieces too small for it.
    let correlation =
      options.measuresCorrelation
      ? try TwoPointCorrelation.measure(phase, reach: options.correlationReach, resources: resources) : nil
    var sizes: PoreSizes?
    if options.measuresThickness && porosity.phaseVoxels < grid.shape.count {
      let writer = try TIFFVolumeWriter(
        path: folder + "/thickness.tif", grid: grid, type: .float32, overwrite: overwrite)
      let made = try LocalThickness.run(phase, into: writer, cells: map, resources: resources)
      sizes = made.0
      written.append(("thickness.tif", grid))
      if let field = made.1 { try keep(field.volume, "pore_size.tif") }
    }
    if let map {
      try writeFields(phase, options, map, resources) { (name, field) throws(VoxelithError) in
        try keep(field.volume, name)
      }
    }
    try options.copies?.write(written, in: folder, overwrite: overwrite, resources: resources)
    let bin = grid.shortestSide
    let report = PoreReport(
      phase: Int(phase.phase), voxelSize: Axis.allCases.map { grid.spacing(along: $0) },
      missingAxes: grid.missingAxes.isEmpty ? nil : grid.missingAxes,
      porosity: porosity, specificSurface: try SpecificSurface.measure(phase, resources: resources),
      chords: try ChordLengths.measure(phase, resources: resources),
      thickness: sizes.map {
        PoreReport.Thickness(
          mean: $0.mean, deviation: $0.standardDeviation, bin: bin, shares: $0.distribution(binWidth: bin))
      },
      correlation: correlation,
      representativeVolume: try RepresentativeVolume.measure(
        phase, relativeError: options.relativeError, resources: resources))
    try JSONOutput.write(report, to: folder + "/pores.json", overwrite: overwrite)
    return report
  }

  /// Makes all fields but that of the local thickness, and hands each on before the next is made.
  private static func writeFields(
    _ phase: PhaseLabels, _ options: Options, _ map: CellMap, _ resources: Resources,
    save: (String, CellField) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    func add(_ name: String, _ byAxis: [Axis: CellField]) throws(VoxelithError) {
      for (axis, field) in byAxis { try save("\(name)_\(axis).tif", field) }
    }
    try save("porosity.tif", try Porosity.field(phase, cells: map, resources: resources))
    try save("surface.tif", try SpecificSurface.field(phase, cells: map, resources: resources))
    try add(
      "percolating",
      try Porosity.percolatingFields(
        phase, cells: map, connectivity: options.connectivity, resources: resources))
    try add("chord", try ChordLengths.fields(phase, cells: map, resources: resources))
    if options.measuresCorrelation {
      try add(
        "correlation",
        try TwoPointCorrelation.lengthFields(
          phase, cells: map, reach: options.correlationReach, resources: resources))
    }
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
