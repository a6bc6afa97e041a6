public import Microstructure
public import Volumetry

/// What `pores` is told.
public struct PoresSettings: OperationSettings {
  public var phase: UInt32?
  public var outside: UInt32?
  public var connectivity = Connectivity.six
  public var correlationReach: Double?
  public var relativeError = 0.05
  public var thickness = true
  public var correlation = true
  public var localGrid: String?
  public var localVoxel: Double?
  public var copies: VolumeCopies?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case phase, outside, connectivity, thickness, correlation, copies
    case correlationReach = "correlation_reach_um"
    case relativeError = "relative_error"
    case localGrid = "local_grid"
    case localVoxel = "local_voxel_um"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .phase: "Label of the phase; in a pipeline that of the pores, else 0."
    case .outside:
      "Label of voxels outside the sample, which do not count; none, unless the labels say so (segment --mask)."
    case .connectivity: "Neighbours of a voxel: 6, 18 or 26."
    case .correlationReach:
      "Longest distance of the two-point correlation in µm; chosen by the volume if not given."
    case .relativeError: "Relative error of the porosity for the representative volume."
    case .thickness: "Measure the local thickness."
    case .correlation: "Measure the two-point correlation."
    case .localGrid: CellSettings.gridHelp
    case .localVoxel: CellSettings.sideHelp
    case .copies: VolumeCopies.help
    }
  }

  public func validate() throws(VoxelithError) {
    guard outside == nil || outside != phase ?? 0 else {
      throw VoxelithError(.usage, "outside: is the label of the phase itself")
    }
    try SettingsCheck.positive(CodingKeys.correlationReach, correlationReach)
    guard correlationReach == nil || correlation else {
      throw VoxelithError(.usage, "correlation_reach_um: the correlation is left out")
    }
    try SettingsCheck.range(CodingKeys.relativeError, relativeError, 1e-6...1)
    try CellSettings.validate(localGrid, localVoxel)
  }

  /// The same with the names of files as another function makes them.
  package func resolved(_ resolve: (String) -> String) -> PoresSettings {
    var result = self
    if CellSettings.file(localGrid) != nil { result.localGrid = localGrid.map(resolve) }
    return result
  }

  /// Files that the settings name.
  public var files: [String] { [CellSettings.file(localGrid)].compactMap { $0 } }

  /// Measures a phase and writes the folder.
  ///
  /// - Parameter file: path of the labels, which may tell what lies outside the sample.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the metrics.
  @discardableResult
  public func write(
    _ labels: any VolumeSource, file: String, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> PoreReport {
    try validate()
    var options = PoreFolder.Options()
    options.connectivity = connectivity
    options.measuresThickness = thickness
    options.measuresCorrelation = correlation
    options.relativeError = relativeError
    options.correlationReach = correlationReach
    options.cells = try CellSettings.choice(localGrid, localVoxel)
    options.copies = copies
    return try PoreFolder.write(
      PhaseLabels(labels, phase: phase ?? 0, outside: outside ?? SegmentationFile.outside(of: file)),
      options: options, to: folder,
      overwrite: overwrite, resources: resources)
  }
}
