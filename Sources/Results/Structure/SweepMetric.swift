import Microstructure
import Transport
import Volumetry

/// What a sweep of the threshold measures of the darker phase: the later numbers that the choice moves.
public enum SweepMetric: String, Sendable, Hashable, Codable, CaseIterable {
  case porosity, surface, chords, thickness, correlation, transport

  /// The numbers by the name that they have in later results, the axis at the end.
  func values(
    of pores: PhaseLabels, resources: Resources
  ) throws(VoxelithError) -> [String: Double] {
    switch self {
    case .porosity:
      let porosity = try Porosity.measure(pores, resources: resources)
      return Self.named("percolating_porosity", porosity.percolating.compactMapValues { $0 })
        .merging(["porosity": porosity.porosity]) { $1 }
    case .surface:
      return ["specific_surface_per_um": try SpecificSurface.measure(pores, resources: resources)]
    case .chords:
      let chords = try ChordLengths.measure(pores, resources: resources)
      return Self.named(
        "mean_chord_um", ["x": chords.x.mean, "y": chords.y.mean, "z": chords.z.mean].compactMapValues { $0 })
    case .thickness:
      let sizes = try LocalThickness.run(pores, into: DiscardingSink(), resources: resources).sizes
      return ["mean_pore_size_um": sizes.mean]
    case .correlation:
      return Self.named(
        "correlation_length_um",
        try TwoPointCorrelation.measure(pores, resources: resources).lengths.compactMapValues { $0 })
    case .transport:
      return try Self.transport(pores, resources)
    }
  }

  /// Along an axis of one voxel there is nothing. Of axes that nothing percolates along there is a diffusivity, zero, and no tortuosity factor.
  private static func transport(
    _ pores: PhaseLabels, _ resources: Resources
  ) throws(VoxelithError) -> [String: Double] {
    var solver = try TransportSolver(
      labels: pores.labels, conductivity: Conductivity(phase: pores.phase), resources: resources)
    var values: [String: Double] = [:]
    for axis in Axis.allCases {
      let result = try solver.transport(along: axis)
      guard !result.effectiveDiffusivity.isNaN else { continue }
      values["effective_diffusivity_\(axis)"] = result.effectiveDiffusivity
      values["tortuosity_factor_\(axis)"] = result.tortuosityFactor
    }
    return values
  }

  private static func named(_ name: String, _ byAxis: [String: Double]) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: byAxis.map { ("\(name)_\($0.key)", $0.value) })
  }
}

/// Takes voxels of which only the sums are wanted.
private final class DiscardingSink: VolumeSink {
  func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {}
  func finish() throws(VoxelithError) {}
  func abandon() {}
}
