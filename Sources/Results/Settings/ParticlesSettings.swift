import Microstructure
public import Volumetry

/// What `particles` is told.
public struct ParticlesSettings: OperationSettings {
  public var phase: UInt32?
  public var outside: UInt32?
  public var numbered = false
  public var relativeDepth = 0.1
  public var minimumDepth: Double?
  public var copies: VolumeCopies?

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case phase, outside, numbered, copies
    case relativeDepth = "relative_depth"
    case minimumDepth = "minimum_depth_um"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .phase:
      "Label of the phase to separate: the particles, or the pores for their network; 1 if not given."
    case .outside:
      "Label of voxels outside the sample, which do not count; none, unless the labels say so (segment --mask)."
    case .numbered: "The labels number the particles already: nothing is separated, and 0 means no particle."
    case .relativeDepth:
      "How much narrower than the smaller of two particles the neck between them must be, as a share of its radius."
    case .minimumDepth: "The same in µm, as a least value; three quarters of a voxel if not given."
    case .copies: VolumeCopies.help
    }
  }

  public func validate() throws(VoxelithError) {
    let cannot: VoxelithError? =
      numbered && (phase != nil || minimumDepth != nil || relativeDepth != ParticlesSettings().relativeDepth)
      ? VoxelithError(
        .usage, "phase, relative_depth and minimum_depth_um are for particles that have no numbers yet") : nil
    if let cannot { throw cannot }
    guard numbered || outside == nil || outside != phase ?? 1 else {
      throw VoxelithError(.usage, "outside: is the label of the phase itself")
    }
    try SettingsCheck.positive(CodingKeys.minimumDepth, minimumDepth)
    try SettingsCheck.range(CodingKeys.relativeDepth, relativeDepth, 0...0.99)
  }

  /// Parts, measures and writes the folder.
  ///
  /// - Parameter file: path of the labels, which may tell what lies outside the sample.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the separation.
  @discardableResult
  public func write(
    _ labels: any VolumeSource, file: String, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> ParticleReport {
    try validate()
    let outside = outside ?? SegmentationFile.outside(of: file)
    if numbered {
      let found = try ParticleSeparation.numbered(labels, outside: outside, resources: resources)
      return try ParticleFolder.write(
        found.separation, numbers: found.numbers, phase: nil, copies: copies, to: folder,
        overwrite: overwrite, resources: resources)
    }
    let phase = PhaseLabels(labels, phase: phase ?? 1, outside: outside)
    var options = ParticleSeparation.Options()
    options.relativeDepth = relativeDepth
    options.minimumDepth = minimumDepth
    let separation = try ParticleSeparation(phase, options: options, resources: resources)
    return try ParticleFolder.write(
      separation, numbers: nil, phase: phase, copies: copies, to: folder, overwrite: overwrite,
      resources: resources)
  }
}
