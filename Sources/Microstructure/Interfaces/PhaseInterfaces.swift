public import Volumetry

/// Where phases meet: contact areas, lines between three, and the topology of each.
public struct PhaseInterfaces: Sendable, Hashable, Codable {
  /// Two phases.
  public struct Contact: Sendable, Hashable, Codable {
    public let phases: [UInt32]
    /// Square micrometres; micrometres of outline in a single slice.
    public let area: Double
    /// The same over the volume (area) of the sample, in 1/um.
    public let specificArea: Double

    enum CodingKeys: String, CodingKey {
      case phases
      case area = "area_um2"
      case specificArea = "specific_area_per_um"
    }
  }

  /// Three phases.
  public struct TripleLine: Sendable, Hashable, Codable {
    public let phases: [UInt32]
    /// Micrometres.
    public let length: Double
    /// The same over the volume of the sample, in 1/um^2.
    public let density: Double

    enum CodingKeys: String, CodingKey {
      case phases
      case length = "length_um"
      case density = "density_per_um2"
    }
  }

  /// One phase.
  public struct Phase: Sendable, Hashable, Codable {
    public let label: UInt32
    public let voxels: Int
    /// Share of the sample.
    public let fraction: Double
    public let topology: EulerNumber
    /// Tunnels per volume of the sample, in 1/um^3.
    public let connectivityDensity: Double

    enum CodingKeys: String, CodingKey {
      case label, voxels, fraction, topology
      case connectivityDensity = "connectivity_density_per_um3"
    }
  }

  /// Phases that can be told apart at once.
  public static let mostPhases = 16

  public let sampleVoxels: Int
  /// Cubic micrometres of the sample.
  public let sampleVolume: Double
  public let phases: [Phase]
  public let contacts: [Contact]
  public let tripleLines: [TripleLine]

  enum CodingKeys: String, CodingKey {
    case phases, contacts
    case sampleVoxels = "sample_voxels"
    case sampleVolume = "sample_volume_um3"
    case tripleLines = "triple_lines"
  }

  /// Measures, block by block.
  ///
  /// - Parameters:
  ///   - wanted: labels that count; all that the volume holds where nil. Others, `outside` and NaN are no sample.
  /// - Throws: `usage` where there are fewer than one or more than ``mostPhases``, or a label stands twice; `data` where a phase has no voxel;
  ///   what reading throws.
  public static func measure(
    _ labels: any VolumeSource, phases wanted: [UInt32]? = nil, outside: UInt32? = nil,
    connectivity: Connectivity = .six, resources: Resources = Resources()
  ) throws(VoxelithError) -> PhaseInterfaces {
    let counts = try count(labels, resources: resources)
    let phases = (wanted ?? counts.keys.sorted()).filter { wanted != nil || $0 != outside }
    guard !phases.isEmpty, phases.count <= mostPhases, Set(phases).count == phases.count else {
      throw VoxelithError(
        .usage,
        "interfaces are measured between 1 to \(mostPhases) different phases; \(phases.count) are meant",
        file: labels.name, advice: "name the phases")
    }
    for phase in phases where (counts[phase] ?? 0) == 0 {
      throw VoxelithError(
        .data, "no voxel has the label \(phase)", file: labels.name,
        advice: "inspect the volume for the labels that it holds")
    }
    let grid = labels.grid
    let cells = InterfaceCells(phases: phases, outside: outside)
    let areas = ContactAreas(cells, grid: grid)
    let lines = TripleLines(cells, grid: grid)
    var halo = areas.normals.halo
    for axis in Axis.allCases { halo[axis] = max(halo[axis], phases.count > 2 ? lines.halo[axis] : 0) }
    let plan = try BlockPlan(
      shape: grid.shape, halo: halo, bytesPerVoxel: 110 + 12 * phases.count, memory: resources.memory / 2,
      inFlight: resources.threads + 1, chunk: labels.chunkShape, minimumBlocks: 4 * resources.threads)
    let sums = try BlockStream.reduce(
      plan.blocks, stage: "interfaces", resources: resources,
      into: (
        pairs: [SIMD3<Int64>](repeating: .zero, count: cells.pairs.count),
        lines: [[Int64]](
          repeating: [Int64](repeating: 0, count: TripleLines.widths.count), count: cells.triples.count)
      )
    ) { (block) throws(VoxelithError) in
      let classes = cells.classes(of: try labels.readLabels(block.padded))
      return (areas.sums(of: block, classes: classes), lines.sums(of: block, classes: classes))
    } combine: { total, part in
      for (index, sum) in part.0.enumerated() { total.pairs[index] &+= sum }
      for (index, sum) in part.1.enumerated() {
        for width in sum.indices { total.lines[index][width] += sum[width] }
      }
    }
    let sample = phases.reduce(0) { $0 + (counts[$1] ?? 0) }
    let s = grid.spacing
    let volume = Double(sample) * s.x * s.y * s.z
    // Of a single slice the outline is told, not the area of a thickness that it has not.
    let missing = Axis.allCases.filter { !grid.extends(along: $0) }.reduce(1.0) {
      $0 * grid.spacing(along: $1)
    }
    var found: [Phase] = []
    for phase in phases {
      let topology = try EulerNumber.measure(
        PhaseLabels(labels, phase: phase, outside: outside), connectivity: connectivity, resources: resources)
      found.append(
        Phase(
          label: phase, voxels: counts[phase] ?? 0, fraction: Double(counts[phase] ?? 0) / Double(sample),
          topology: topology,
          connectivityDensity: Double(topology.tunnels) / volume))
    }
    return PhaseInterfaces(
      sampleVoxels: sample, sampleVolume: volume, phases: found,
      contacts: zip(cells.pairs, sums.pairs).map { pair, sum in
        let area = ContactAreas.area(sum, grid: grid)
        return Contact(
          phases: [phases[pair.0], phases[pair.1]], area: area / missing, specificArea: area / volume)
      },
      tripleLines: grid.missingAxes.isEmpty
        ? zip(cells.triples, sums.lines).map { triple, sum in
          let length = lines.length(sum)
          return TripleLine(
            phases: [phases[triple.0], phases[triple.1], phases[triple.2]], length: length,
            density: length / volume)
        } : [])
  }

  /// Voxels of each label, those without one left out.
  private static func count(
    _ labels: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> [UInt32: Int] {
    try BlockStream.reduce(
      Block.slices(of: labels.grid.shape), stage: "count labels", resources: resources, into: [:]
    ) { (block) throws(VoxelithError) -> [UInt32: Int] in
      var counts: [UInt32: Int] = [:]
      var last = Labels.missing
      var run = 0
      for label in try labels.readLabels(block.core) {
        if label != last {
          if last != Labels.missing { counts[last, default: 0] += run }
          (last, run) = (label, 0)
        }
        run += 1
      }
      if last != Labels.missing { counts[last, default: 0] += run }
      return counts
    } combine: { total, part in
      total.merge(part, uniquingKeysWith: +)
    }
  }
}
