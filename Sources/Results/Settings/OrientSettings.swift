public import Microstructure
public import Volumetry

/// What `orient` is told.
public struct OrientSettings: OperationSettings {
  public var sigma: Double?
  public var rho: Double?
  public var sigmaVoxels = 1.5
  public var rhoVoxels = 4.0
  public var stride: CountsZYX?
  public var mask: String?
  public var maskLabel: Int?
  public var maskRole = StructureTensorOptions.MaskRole.sample
  public var direction = StructureTensorOptions.Direction.axis
  public var fill = false
  public var weighting = OrientationStatistics.Weighting.equal
  public var minimumAnisotropy = 0.0
  public var shape = false
  public var localGrid: String?
  public var localVoxel: Double?
  public var copies: VolumeCopies?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case stride, mask, direction, fill, weighting, shape, copies
    case sigma = "sigma_um"
    case rho = "rho_um"
    case sigmaVoxels = "sigma_voxels"
    case rhoVoxels = "rho_voxels"
    case maskLabel = "mask_label"
    case maskRole = "mask_role"
    case minimumAnisotropy = "minimum_anisotropy"
    case localGrid = "local_grid"
    case localVoxel = "local_voxel_um"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .sigma: "Width of the Gaussian derivatives in µm; overrides the width in voxels."
    case .rho: "Width of the Gaussian window in µm; overrides the width in voxels."
    case .sigmaVoxels: "Width of the Gaussian derivatives in smallest sides of the voxels."
    case .rhoVoxels: "Width of the Gaussian window in smallest sides of the voxels."
    case .stride: "Voxels from one direction to the next: one number, or z,y,x."
    case .mask: "Voxels to include: a volume of the same shape, above zero inside."
    case .maskLabel: "The label in the mask that counts, where the mask holds labels."
    case .maskRole: "What lies outside the mask: no usable grey (sample), or another phase (phase)."
    case .direction: "axis of pores and fibres, or normal of layers."
    case .fill: "Give voxels outside the mask the direction of the masked voxels around them."
    case .weighting: "How voxels count in the statistics: equal or anisotropy."
    case .minimumAnisotropy: "Leave voxels below this anisotropy out of the statistics."
    case .shape: "Write linearity.tif and planarity.tif as well."
    case .localGrid: CellSettings.gridHelp
    case .localVoxel: CellSettings.sideHelp
    case .copies: VolumeCopies.help
    }
  }

  public func validate() throws(VoxelithError) {
    try SettingsCheck.positive(CodingKeys.sigma, sigma)
    try SettingsCheck.positive(CodingKeys.rho, rho)
    try SettingsCheck.positive(CodingKeys.sigmaVoxels, sigmaVoxels)
    try SettingsCheck.positive(CodingKeys.rhoVoxels, rhoVoxels)
    try SettingsCheck.range(CodingKeys.minimumAnisotropy, minimumAnisotropy, 0...1)
    if let stride = stride?.shape, min(stride.z, stride.y, stride.x) < 1 {
      throw VoxelithError(.usage, "stride: must be 1 or more")
    }
    try CellSettings.validate(localGrid, localVoxel)
  }

  /// - Throws: `usage` where an option needs a mask and there is none.
  public func checkMask(given hasMask: Bool) throws(VoxelithError) {
    guard !hasMask else { return }
    for (key, isSet) in [
      (CodingKeys.maskLabel, maskLabel != nil), (.maskRole, maskRole != .sample), (.fill, fill),
    ] where isSet {
      throw VoxelithError(.usage, "\(key.rawValue): there is no mask", advice: "give one")
    }
  }

  /// - Throws: what ``validate()`` throws.
  public func options(for grid: Grid) throws(VoxelithError) -> StructureTensorOptions {
    try validate()
    let unit = grid.shortestSide
    return StructureTensorOptions(
      sigma: sigma ?? sigmaVoxels * unit, rho: rho ?? rhoVoxels * unit,
      stride: stride?.shape ?? Shape(z: 1, y: 1, x: 1), direction: direction, maskRole: maskRole,
      fillsOutsideMask: fill)
  }

  /// The mask, where one is named: above zero inside.
  public func openMask() throws(VoxelithError) -> (any VolumeSource)? {
    guard let mask else { return nil }
    let source = try VolumeInputSettings().open(mask)
    return maskLabel.map { PhaseIndicator(labels: source, phase: $0) } ?? source
  }

  /// The same with the names of files as another function makes them.
  package func resolved(_ resolve: (String) -> String) -> OrientSettings {
    var result = self
    if CellSettings.file(localGrid) != nil { result.localGrid = localGrid.map(resolve) }
    result.mask = mask.map(resolve)
    return result
  }

  /// Files that the settings name.
  public var files: [String] { [mask, CellSettings.file(localGrid)].compactMap { $0 } }

  /// Finds directions and writes the folder.
  ///
  /// - Parameter mask: voxels that count, above zero inside.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the tensor.
  @discardableResult
  public func write(
    _ source: any VolumeSource, mask: (any VolumeSource)?, to folder: String, overwrite: Bool,
    resources: Resources
  ) throws(VoxelithError) -> OrientationReport {
    try checkMask(given: mask != nil)
    // The gradients about one hot voxel would outweigh all others.
    let (usual, outliers) = try ClampedSource.of(source, resources: resources)
    let tensor = try StructureTensor(
      source: usual, mask: mask, options: try options(for: source.grid), resources: resources)
    return try OrientationFolder.write(
      tensor,
      statistics: OrientationStatistics.Options(
        weighting: weighting, minimumAnisotropy: Float(minimumAnisotropy)),
      to: folder, writesShape: shape, cells: try CellSettings.choice(localGrid, localVoxel),
      copies: copies, outliers: outliers, overwrite: overwrite, resources: resources)
  }
}
