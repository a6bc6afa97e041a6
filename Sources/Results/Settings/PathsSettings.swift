public import Microstructure
import Readers
public import Volumetry

/// The side of the volume that paths lead to.
public enum PathFace: String, Sendable, Hashable, Codable, CaseIterable {
  case lower, upper
}

/// What `paths` is told.
public struct PathsSettings: OperationSettings {
  public var phase: UInt32?
  public var axis = Axis.z
  public var face = PathFace.lower
  public var copies: VolumeCopies?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable { case phase, axis, face, copies }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .phase: "Label of the phase that the paths run through; 0 if not given."
    case .axis: "Axis across which the face lies: x, y or z."
    case .face: "The face that paths lead to: lower (index 0) or upper."
    case .copies: VolumeCopies.help
    }
  }

  public func validate() throws(VoxelithError) {}

  /// Names of the volumes that are written.
  public static let volumes = ["length.tif", "tortuosity.tif", "width.tif"]

  /// Finds the paths and writes the folder.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the search.
  @discardableResult
  public func write(
    _ labels: any VolumeSource, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> PathReport {
    try validate()
    try OutputFile.prepareFolder(folder)
    for name in Self.volumes + ["paths.json"] + (copies?.names(of: Self.volumes) ?? []) {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    let paths = try GeodesicPaths(
      PhaseLabels(labels, phase: phase ?? 0), to: GeodesicPaths.Face(axis, isUpper: face == .upper),
      resources: resources)
    let grid = labels.grid
    for (name, volume) in zip(Self.volumes, [paths.lengths, paths.tortuosity, paths.widths]) {
      let writer = try TIFFVolumeWriter(
        path: folder + "/" + name, grid: grid, type: .float32, overwrite: overwrite)
      try writer.write(.float32(volume.voxels), to: Region(whole: volume.shape))
      try writer.finish()
    }
    try copies?.write(
      Self.volumes.map { ($0, grid) }, in: folder, overwrite: overwrite, resources: resources)
    let report = PathReport(
      phase: phase ?? 0, axis: axis, face: face,
      voxelSize: grid.hasKnownSpacing ? Axis.allCases.map { grid.spacing(along: $0) } : nil,
      summary: paths.summary())
    try JSONOutput.write(report, to: folder + "/paths.json", overwrite: overwrite)
    return report
  }
}

/// The content of `paths.json`.
public struct PathReport: Codable, Sendable {
  public let phase: UInt32
  public let axis: Axis
  public let face: PathFace
  public let voxelSize: [Double]?
  public let summary: PathSummary

  enum CodingKeys: String, CodingKey {
    case phase, axis, face, summary
    case voxelSize = "voxel_size_um"
  }
}
