import Volumetry

/// A multigrid cycle over the voxels: the preconditioner of the conjugate gradients.
///
/// Symmetric and positive definite: the same polynomial smooths before and after the coarse
/// correction. W-cycles from the first coarse level on; see the README for the measured choices.
struct Multigrid: Sendable {
  let fine: FineOperator
  let aggregates: FineAggregates
  private var levels: [CoarseLevel] = []
  private var coarsest: CoarsestLevel
  private let steps = Chebyshev.steps(degree: 2, lower: 1.0 / 3)

  init(operator fine: FineOperator, cells: PagedArray<UInt8>) throws(VoxelithError) {
    self.fine = fine
    let spacing = (SIMD3<Double>.one / fine.exactWeights).squareRoot()
    aggregates = try FineAggregates(operator: fine, cells: cells, spacing: spacing)
    var lattice = aggregates.coarse
    let noCells = try PagedArray<Cell>(in: .unpaged)
    var graph = try SparseGraph(aggregates, operator: fine)
    while graph.count > CoarsestLevel.largestFactored && !lattice.isCoarsest {
      let (aggregate, next) = try graph.coarsened(
        on: lattice, driven: fine.boundary.driven, strength: Self.strength, threads: fine.threads)
      lattice = lattice.coarser
      if Double(next.count) > 0.95 * Double(graph.count) && lattice.isCoarsest { break }
      graph.cells = noCells
      levels.append(try CoarseLevel(graph, aggregate: aggregate))
      graph = next
    }
    graph.cells = noCells
    coarsest = try CoarsestLevel(graph, isSingular: fine.boundary.isPeriodic)
  }

  /// Edges weaker than this share of the strongest of both ends do not join unknowns.
  private static let strength: Float = 0.02

  /// One cycle: `correction` approximates the solution of `A correction = residual`.
  ///
  /// - Returns: residual . correction.
  mutating func cycle(
    _ residual: PagedArray<Float>, into correction: PagedArray<Float>, scratch: PagedArray<Float>
  ) -> Double {
    fine.startSmoothing(residual, factor: steps[0], into: scratch)
    _ = fine.smooth(scratch, residual: residual, factor: steps[1], into: correction)
    if levels.isEmpty {
      aggregates.restrict(correction, residual: residual, operator: fine, into: coarsest.residual)
      coarsest.solve(threads: fine.threads)
      aggregates.prolong(coarsest.solution, operator: fine, addingTo: correction)
    } else {
      aggregates.restrict(correction, residual: residual, operator: fine, into: levels[0].residual)
      descend(0, fromZero: true)
      aggregates.prolong(levels[0].solution, operator: fine, addingTo: correction)
    }
    _ = fine.smooth(correction, residual: residual, factor: steps[1], into: scratch)
    return fine.smooth(scratch, residual: residual, factor: steps[0], into: correction)
  }

  private mutating func descend(_ index: Int, fromZero: Bool) {
    let threads = fine.threads
    levels[index].smooth(factor: steps[0], fromZero: fromZero, threads: threads)
    levels[index].smooth(factor: steps[1], fromZero: false, threads: threads)
    if index + 1 < levels.count {
      levels[index].restrict(into: levels[index + 1].residual, threads: threads)
      descend(index + 1, fromZero: true)
      if 3 * levels[index + 1].graph.count <= levels[index].graph.count {
        descend(index + 1, fromZero: false)
      }
      levels[index].addCorrection(levels[index + 1].solution)
    } else {
      levels[index].restrict(into: coarsest.residual, threads: threads)
      coarsest.solve(threads: threads)
      levels[index].addCorrection(coarsest.solution)
    }
    levels[index].smooth(factor: steps[1], fromZero: false, threads: threads)
    levels[index].smooth(factor: steps[0], fromZero: false, threads: threads)
  }
}
