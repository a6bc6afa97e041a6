public import Volumetry

/// Solves steady diffusion through the conducting phases of a label volume.
///
/// ```swift
/// var solver = try TransportSolver(labels: source, conductivity: Conductivity(phase: 0))
/// let through = try solver.transport(along: .z)
/// print(through.tortuosityFactor ?? .infinity)
/// ```
///
/// Definitions: the relative effective diffusivity is the mean flux over the box relative to that
/// through an empty box of the same size and diffusivity D0; the tortuosity factor is the total
/// porosity divided by it (with several conducting phases: the mean relative diffusivity divided by
/// it). Concentrations are fixed on the faces of the box, half a voxel outside the centres of the
/// first and last layer, so an open box gives exactly 1. Anisotropic voxels are allowed for.
///
/// Cost: linear in the number of voxels; memory as ``TransportMemory`` says, of which what does not fit
/// the budget is paged from disk. Results do not depend on `resources`.
public struct TransportSolver: Sendable {
  /// Phases, porosity and classes; the solver writes its piece numbers into the spare bits.
  var map: PhaseMap
  let runs: RunTable
  let memory: WorkingMemory
  let options: TransportOptions
  let resources: Resources
  let name: String

  /// Reads the labels once, block by block.
  ///
  /// - Throws: `usage` for options out of range; `input/output` where the volume does not fit the memory
  ///   budget and the folder of page files has no room (see `WorkingMemory`); `data` where no voxel carries a conducting label, or the labels are no labels; what the source throws; `cancelled`.
  public init(
    labels source: any VolumeSource, conductivity: Conductivity,
    options: TransportOptions = TransportOptions(), resources: Resources = Resources()
  ) throws(VoxelithError) {
    try options.validate()
    let shape = source.grid.shape
    guard Axis.allCases.allSatisfy({ shape[$0] <= Int(UInt16.max) }) else {
      throw VoxelithError(.data, "a side of \(shape) is longer than 65535 voxels", file: source.name)
    }
    guard let count = shape.checkedCount else {
      throw VoxelithError(.data, "the shape \(shape) holds too many voxels", file: source.name)
    }
    // The map takes a byte a voxel: kept in memory where that is an eighth of the budget at most.
    map = try PhaseMap(
      reading: source, conductivity: conductivity,
      memory: WorkingMemory.holding(8 * count, budget: resources.memory), resources: resources)
    let needed = TransportMemory.estimate(
      shape: shape, conducting: map.counts.dropFirst().reduce(0, +), diffusivities: map.isUniform ? 1 : 2)
    memory = WorkingMemory.holding(needed, budget: resources.memory)
    runs = try RunTable(conducting: map, memory: memory, threads: resources.threads)
    self.options = options
    self.resources = resources
    name = source.name
  }

  /// The grid of the volume.
  public var grid: Grid { map.grid }
  /// Voxels without a label (NaN): they insulate.
  public var missingVoxels: Int { map.missing }
  /// Share of the voxels that conduct.
  public var porosity: Double { map.porosity }
  /// Mean relative diffusivity over the box; the porosity where one phase conducts like the free medium.
  public var meanDiffusivity: Double { map.meanDiffusivity }

  /// Steady diffusion between two opposite faces, the other four insulated, or joined where the options say so.
  ///
  /// - Returns: nil where no cluster joins the two faces, or the volume is a single slice across the axis.
  /// - Throws: `data` where the iteration limit is reached; `cancelled`.
  public mutating func field(along axis: Axis) throws(VoxelithError) -> DiffusionField? {
    guard grid.extends(along: axis) else { return nil }
    return try solve(.through(axis, sides: options.sides))
  }

  /// Effective diffusivity and tortuosity factor along one axis.
  ///
  /// A phase that does not percolate gives nil and a reason, and so does an axis along which a volume is a single slice.
  /// Throws as ``field(along:)``.
  public mutating func transport(along axis: Axis) throws(VoxelithError) -> AxisTransport {
    guard grid.extends(along: axis) else {
      return AxisTransport(missing: axis, porosity: porosity, meanDiffusivity: meanDiffusivity)
    }
    guard let field = try field(along: axis) else {
      return AxisTransport(notPercolatingAlong: axis, porosity: porosity, meanDiffusivity: meanDiffusivity)
    }
    return try field.transport()
  }

  mutating func solve(
    _ boundary: BoundaryConditions, charge: SurfaceCharge? = nil
  ) throws(VoxelithError) -> DiffusionField? {
    try resources.cancellation.check()
    let percolation = try Percolation(runs: runs, map: map, boundary: boundary)
    if percolation.isEmpty { return nil }
    let fine = try FineOperator(
      map: map, runs: runs, percolation: percolation, boundary: boundary, memory: memory,
      threads: resources.threads)
    // A field of an earlier solve may still read them.
    if !isKnownUniquelyReferenced(&map.cells) { map.cells = try map.cells.copied() }
    var multigrid = try Multigrid(operator: fine, cells: map.cells)
    let resistivity = map.valueByClass.map { $0 > 0 ? 1 / $0 : .infinity }
    let gradients = ConjugateGradients(
      tolerance: options.tolerance, maximumIterations: options.maximumIterations,
      stage: "diffusion along \(boundary.driven.rawValue)", resources: resources, charge: charge)
    let outcome: ConjugateGradients.Outcome
    do throws(VoxelithError) {
      outcome = try gradients.solve(
        &multigrid, cells: multigrid.aggregates.cells, resistivity: resistivity)
    } catch {
      throw error.located(file: name)
    }
    return DiffusionField(
      grid: map.grid, conductivity: map.conductivity, counts: map.counts,
      percolatingCounts: percolation.counts, iterations: outcome.iterations, residual: outcome.residual,
      flows: FaceFlows(
        fine: fine, cells: map.cells, resistivity: resistivity, concentration: outcome.concentration))
  }
}
