public import Microstructure
public import Volumetry

/// What `interfaces` is told.
public struct InterfacesSettings: OperationSettings {
  public var phases: LabelSet?
  public var outside: UInt32?
  public var connectivity = Connectivity.six

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable { case phases, outside, connectivity }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .phases: "Labels that count, as 0,1,2; all that the volume holds if not given, 16 at most."
    case .outside:
      "Label of voxels outside the sample, which do not count; none, unless the labels say so (segment --mask)."
    case .connectivity: "Neighbours of a voxel for the Euler number: 6 or 26."
    }
  }

  public func validate() throws(VoxelithError) {
    guard connectivity != .eighteen else {
      throw VoxelithError(.usage, "connectivity: an Euler number needs 6 or 26")
    }
    if let outside, phases?.labels.contains(outside) == true {
      throw VoxelithError(.usage, "outside: the label \(outside) is that of a phase")
    }
  }

  /// Measures.
  ///
  /// - Parameter file: path of the labels, which may tell what lies outside the sample.
  public func measure(
    _ labels: any VolumeSource, file: String, resources: Resources
  ) throws(VoxelithError) -> InterfaceReport {
    try validate()
    let grid = labels.grid
    let found = try PhaseInterfaces.measure(
      labels, phases: phases?.labels, outside: outside ?? SegmentationFile.outside(of: file),
      connectivity: connectivity, resources: resources)
    return InterfaceReport(
      file: file.split(separator: "/").last.map(String.init) ?? file,
      voxelSize: grid.hasKnownSpacing ? Axis.allCases.map { grid.spacing(along: $0) } : nil,
      missingAxes: grid.missingAxes.isEmpty ? nil : grid.missingAxes, interfaces: found)
  }
}

/// The content of what `interfaces` writes.
public struct InterfaceReport: Codable, Sendable {
  public let file: String
  /// Voxel size z, y, x in um; nil where nobody told it.
  public let voxelSize: [Double]?
  /// Why there is no value along an axis; nil in three dimensions. A single slice has outlines in um in place of areas, and no lines between
  /// three phases.
  public let missingAxes: [String: String]?
  public let interfaces: PhaseInterfaces

  enum CodingKeys: String, CodingKey {
    case file, interfaces
    case voxelSize = "voxel_size_um"
    case missingAxes = "missing_axes"
  }
}
