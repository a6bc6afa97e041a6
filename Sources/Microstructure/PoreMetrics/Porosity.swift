public import Volumetry

/// How much of the sample a phase takes, and how much of that leads through it.
public struct Porosity: Sendable, Hashable, Codable {
  public let phaseVoxels: Int
  public let sampleVoxels: Int
  /// Share of the sample.
  public let porosity: Double
  /// Share of the sample in components that reach from face to face along z, y, x; nil along an axis of one voxel.
  public let percolating: [String: Double?]
  public let components: Int
  /// Share of the phase in its largest component.
  public let largestComponent: Double

  enum CodingKeys: String, CodingKey {
    case porosity, components
    case phaseVoxels = "phase_voxels"
    case sampleVoxels = "sample_voxels"
    case percolating = "percolating_porosity"
    case largestComponent = "largest_component_share"
  }

  /// - Throws: `data` where the sample is empty or the phase does not exist.
  public static func measure(
    _ phase: PhaseLabels, connectivity: Connectivity = .six, resources: Resources = Resources()
  ) throws(VoxelithError) -> Porosity {
    let counts = try phase.counts(in: CellMap(whole: phase.grid), resources: resources)
    guard counts.sample[0] > 0 else {
      throw VoxelithError(.data, "no voxel belongs to the sample", file: phase.labels.name)
    }
    guard counts.phase[0] > 0 else {
      throw VoxelithError(
        .data, "no voxel has the label \(phase.phase)", file: phase.labels.name,
        advice: "inspect the volume for the labels that it holds")
    }
    let found = try RunComponents(
      phase.labels, label: phase.phase, connectivity: connectivity, resources: resources)
    let sample = Double(counts.sample[0])
    var percolating: [String: Double?] = [:]
    for axis in Axis.allCases {
      guard phase.grid.extends(along: axis) else {
        percolating[axis.rawValue] = .some(nil)
        continue
      }
      let through = found.components.filter { $0.faces.percolates(axis) }
      percolating[axis.rawValue] = Double(through.reduce(0) { $0 + $1.size }) / sample
    }
    let largest = found.components.map(\.size).max() ?? 0
    return Porosity(
      phaseVoxels: counts.phase[0], sampleVoxels: counts.sample[0],
      porosity: Double(counts.phase[0]) / sample, percolating: percolating,
      components: found.components.count,
      largestComponent: Double(largest) / Double(counts.phase[0]))
  }

  /// Porosity in each cell of a coarser grid; NaN where a cell holds no sample.
  public static func field(
    _ phase: PhaseLabels, cells map: CellMap, resources: Resources = Resources()
  ) throws(VoxelithError) -> CellField {
    let counts = try phase.counts(in: map, resources: resources)
    return CellField(
      grid: map.coarse, sums: counts.phase.map(Double.init), weights: counts.sample.map(Double.init))
  }

  /// Porosity of the components that reach from face to face of the whole volume along each axis, in each
  /// cell of a coarser grid; NaN where a cell holds no sample, and everywhere along an axis of one voxel.
  public static func percolatingFields(
    _ phase: PhaseLabels, cells map: CellMap, connectivity: Connectivity = .six,
    resources: Resources = Resources()
  ) throws(VoxelithError) -> [Axis: CellField] {
    let sample = try phase.counts(in: map, resources: resources).sample.map(Double.init)
    let found = try RunComponents(
      phase.labels, label: phase.phase, connectivity: connectivity, resources: resources)
    let through = found.components.map { component in
      Axis.allCases.map { component.faces.percolates($0) }
    }
    var sums = [[Double]](repeating: [Double](repeating: 0, count: map.count), count: 3)
    let columns = map.columns
    for row in 0..<(found.rows.count - 1) {
      guard let cells = map.row(z: row / phase.grid.shape.y, y: row % phase.grid.shape.y) else { continue }
      for run in found.runs[found.rows[row]..<found.rows[row + 1]] {
        let percolates = through[Int(run.component)]
        guard percolates.contains(true) else { continue }
        for x in Int(run.start)..<Int(run.end) where columns[x] >= 0 {
          for axis in 0..<3 where percolates[axis] { sums[axis][cells + columns[x]] += 1 }
        }
      }
    }
    var fields: [Axis: CellField] = [:]
    for axis in Axis.allCases {
      let weights = phase.grid.extends(along: axis) ? sample : sample.map { _ in 0 }
      fields[axis] = CellField(grid: map.coarse, sums: sums[axis.number], weights: weights)
    }
    return fields
  }
}
