import Foundation
public import Volumetry

/// Density and contrast of a sample from its projections, by penalised weighted least squares, with the error of every voxel.
///
/// The density comes first (``AmplitudeProjections/first``); with it known, the second number is linear in the contrast, and the
/// regularisation smooths the contrast itself and not its product with the density, so that borders of the sample stay sharp. Both are
/// means of Gaussian fields whose strength the data choose by their own likelihood (restricted maximum likelihood). The estimate of the
/// contrast then smooths less than would be best on average, as far as its expected error stays within
/// ``ReconstructionOptions/errorMargin`` of the least: the noise is known, what a field does between voxels is not.
/// Errors are those of samples: a field drawn from the prior, noise and errors of the density, reconstructed in the same way.
public struct StatisticalReconstruction: Sendable {
  let solver: SliceSolver
  let data: AmplitudeProjections
  public let geometry: ParallelGeometry
  /// Column of the axis at each row.
  private let centers: [Double]
  /// What was found of the strength of the regularisation.
  public private(set) var strength = Strength()
  private var density = DensityModel(scale: 1, misfit: 0.01)
  private var scale = 1.0
  private var truth = 1.0
  private var level = 0.0

  /// How strongly fields are smoothed, and what says so.
  public struct Strength: Sendable, Hashable {
    /// Root mean square change of the contrast from voxel to voxel: of the prior that the data are likeliest under, and of that which
    /// the estimate is made with.
    public var likeliest = 0.0
    public var taken = 0.0
    /// Part of the variance that the regularisation leaves.
    public var biasShare = 0.0
    /// Misfit of the density over the largest ray.
    public var densityMisfit = 0.0
    /// Rows that the strength was chosen on.
    public var rows: [Int] = []
  }

  /// - Parameter centers: column of the axis at each row; that of the geometry if nil.
  /// - Throws: `data` where projections and geometry do not fit.
  public init(
    _ data: AmplitudeProjections, geometry: ParallelGeometry, centers: [Double]? = nil,
    options: ReconstructionOptions, resources: Resources
  ) throws(VoxelithError) {
    guard data.angles == geometry.angles.count, data.columns == geometry.columns else {
      throw VoxelithError(
        .data,
        "\(data.angles) projections of \(data.columns) columns do not fit the geometry's \(geometry.angles.count) of \(geometry.columns)"
      )
    }
    self.data = data
    self.centers = centers ?? [Double](repeating: geometry.center, count: data.rows)
    self.geometry = geometry
    solver = SliceSolver(
      projector: SliceProjector(geometry), prior: FieldPrior(side: data.columns), options: options)
    try choose(resources)
  }

  /// Rows that the strength is chosen on: up to four with at least half of the counts of the richest.
  private func typicalRows() -> [Int] {
    let totals = (0..<data.rows).map { row in
      data.first[data.range(row: row)].reduce(0.0) { $0 + Double(max(0, $1)) }
    }
    let most = totals.max() ?? 0
    let rich = totals.indices.filter { totals[$0] > 0 && totals[$0] >= 0.5 * most }
    guard rich.count > 4 else { return rich }
    return (0..<4).map { rich[(2 * $0 + 1) * rich.count / 8] }
  }

  private mutating func choose(_ resources: Resources) throws(VoxelithError) {
    let rows = typicalRows()
    guard !rows.isEmpty else {
      throw VoxelithError(.data, "the projections hold no counts of the active material")
    }
    strength.rows = rows
    let solver = solver
    let centers = centers
    let works = rows.map { SliceWork(data, row: $0) }
    var densities: [SliceSolver.Density] = []
    var steps = 0
    while true {
      let model = density
      densities = try Parallel.map(rows.count, threads: resources.threads) { (index) throws(VoxelithError) in
        try resources.cancellation.check()
        return solver.centered(centers[rows[index]]).density(works[index], model)
      }
      let own = densities.reduce(0) { $0 + $1.modes }
      let known = max(densities.reduce(0) { $0 + $1.known }, 1)
      let rays = densities.reduce(0) { $0 + $1.rays }
      let rest = densities.reduce(0) { $0 + $1.residuals } / max(rays - known, 1)
      let change = min(max(log(max(own, 1e-12) / known), -1.5), 1.5)
      steps += 1
      if steps > 10 || (abs(change) < 0.1 && abs(log(max(rest, 1e-6))) < 0.1) { break }
      density.scale = min(max(density.scale * exp(change), 1e-8), 1e4)
      density.misfit = min(max(density.misfit * min(max(rest, 0.1), 10).squareRoot(), Self.leastMisfit), 0.2)
    }
    strength.densityMisfit = density.misfit
    level = densities.map { Self.level($0.values) }.max() ?? 0
    let model = density
    let height = level
    let contrasts = zip(works, densities).map {
      solver.contrastData($0, $1, model, level: height)
    }
    if let given = solver.options.roughness {
      scale = solver.prior.scale(roughness: given)
      truth = scale
    } else {
      truth = try likeliest(works, contrasts, resources)
      scale = truth
    }
    try loosen(works, contrasts, resources)
    strength.likeliest = solver.prior.roughness(scale: truth)
    strength.taken = solver.prior.roughness(scale: scale)
  }

  /// Restricted maximum likelihood by the fixed point of MacKay (Neural Comput. 4 (1992) 415): squares of the modes over the number of modes
  /// that the data tell.
  private func likeliest(
    _ works: [SliceWork], _ contrasts: [ContrastData], _ resources: Resources
  ) throws(VoxelithError) -> Double {
    let solver = solver
    let centers = centers
    var scale = 1e-3
    for _ in 0..<14 {
      let tried = scale
      let sums = try Parallel.map(works.count, threads: resources.threads) { (index) throws(VoxelithError) in
        try resources.cancellation.check()
        return solver.centered(centers[works[index].row]).balance(
          works[index], contrasts[index], scale: tried)
      }
      let own = sums.reduce(0) { $0 + $1.modes }
      let known = max(sums.reduce(0) { $0 + $1.known }, 0.5)
      let change = min(max(log(max(own, 1e-12) / known), -2), 2)
      scale = min(max(scale * exp(change), 1e-8), 100)
      if abs(change) < 0.05 || scale <= 1e-8 { break }
    }
    return scale
  }

  /// Loosens the regularisation step by step as long as the expected error stays within the margin of the least.
  private mutating func loosen(
    _ works: [SliceWork], _ contrasts: [ContrastData], _ resources: Resources
  ) throws(VoxelithError) {
    let solver = solver
    let centers = centers
    let truth = truth
    let limit = (1 + solver.options.errorMargin) * (1 + solver.options.errorMargin)
    var least = Double.infinity
    for step in 0..<14 {
      let tried = truth * exp2(0.5 * Double(step))
      let sums = try Parallel.map(works.count, threads: resources.threads) {
        (index) throws(VoxelithError) in
        try resources.cancellation.check()
        return solver.centered(centers[works[index].row]).parts(
          works[index], contrasts[index], scale: tried, truth: truth)
      }
      let noise = sums.reduce(0) { $0 + $1.noise }
      let bias = sums.reduce(0) { $0 + $1.bias }
      if step > 0, noise + bias > limit * least { return }
      scale = tried
      least = min(least, noise + bias)
      strength.biasShare = noise + bias > 0 ? bias / (noise + bias) : 0
      if solver.options.roughness != nil { return }
    }
  }

  /// A picture of voxels tells the largest ray no better than this part of it.
  private static let leastMisfit = 3e-3

  /// The ninetieth percentile of the voxels that hold more than a tenth of the densest.
  private static func level(_ density: [Float]) -> Double {
    let most = density.max() ?? 0
    let filled = density.filter { $0 > 0.1 * most }.sorted()
    return filled.isEmpty ? 0 : Double(filled[min(filled.count - 1, filled.count * 9 / 10)])
  }

  /// Reconstructs one row. Rows have nothing in common but the strength, so they can be made in any order.
  public func slice(row: Int) -> SliceResult {
    let work = SliceWork(data, row: row)
    let solver = solver.centered(centers[row])
    let found = solver.density(work, density)
    let prepared = solver.contrastData(work, found, density, level: level)
    return solver.contrast(work, found, prepared, scale: scale, truth: truth)
  }
}
