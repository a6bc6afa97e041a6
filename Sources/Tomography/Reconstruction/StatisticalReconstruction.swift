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
  private(set) var solver: SliceSolver
  let data: AmplitudeProjections
  public let geometry: ProjectionGeometry
  /// Column of the axis at each row.
  private let centers: [Double]
  /// What reaches the detector from the voxels of a row (angle, z, x); nil where nothing is absorbed.
  private let transmission: (@Sendable (Int) throws(VoxelithError) -> [Float])?
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
    /// The power of the Laplacian that variances of the contrast fall with.
    public var exponent = FieldPrior.usualExponent
    /// Misfit of the density over the largest ray.
    public var densityMisfit = 0.0
    /// Rows that the strength was chosen on.
    public var rows: [Int] = []
  }

  /// - Parameters:
  ///   - centers: column of the axis at each row; that of the geometry if nil.
  ///   - transmission: for a row, the part of its photons that reaches the detector from each voxel (angle, z, x); nil for all.
  /// - Throws: `data` where projections and geometry do not fit; `cancelled`; what `transmission` throws.
  public init(
    _ data: AmplitudeProjections, geometry: ProjectionGeometry, centers: [Double]? = nil,
    transmission: (@Sendable (_ row: Int) throws(VoxelithError) -> [Float])? = nil,
    options: ReconstructionOptions,
    resources: Resources
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
    self.transmission = transmission
    var projector = SliceProjector(geometry)
    projector.spreadOfPoint = SliceProjector.spreadOfPoint(width: options.pointSpread)
    solver = SliceSolver(projector, FieldPrior(side: data.columns), options: options)
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

  private func placed(_ row: Int) throws(VoxelithError) -> SliceSolver {
    solver.placed(center: centers[row], transmission: try transmission?(row) ?? [])
  }

  private mutating func choose(_ resources: Resources) throws(VoxelithError) {
    let rows = typicalRows()
    guard !rows.isEmpty else {
      throw VoxelithError(.data, "the projections hold no counts of the active material")
    }
    strength.rows = rows
    let solvers = try rows.map { (row) throws(VoxelithError) in try placed(row) }
    let works = rows.map { SliceWork(data, row: $0) }
    var densities: [SliceSolver.Density] = []
    var steps = 0
    while true {
      let model = density
      densities = try Parallel.map(rows.count, threads: resources.threads) { (index) throws(VoxelithError) in
        try solvers[index].density(works[index], model)
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
    var slices = rows.indices.map { index in
      Prepared(
        solver: solvers[index], work: works[index],
        contrast: solvers[index].contrastData(works[index], densities[index], model, level: height))
    }
    if let given = solver.options.roughness {
      truth = solver.contrastPrior.scale(roughness: given)
    } else {
      let start = try likeliest(slices, from: 1e-3, resources).scale
      (truth, solver.contrastPrior.exponent) = try smoothness(&slices, from: start, resources)
    }
    strength.exponent = solver.contrastPrior.exponent
    (scale, strength.biasShare) = try loosen(slices, truth: truth, guess: Self.firstRatio, resources)
    strength.likeliest = solver.contrastPrior.roughness(scale: truth)
    strength.taken = solver.contrastPrior.roughness(scale: scale)
  }

  /// A slice whose density is known.
  private struct Prepared: Sendable {
    var solver: SliceSolver
    let work: SliceWork
    let contrast: ContrastData
  }

  /// Modes a slice that the data must tell at least: a field that they cannot tell from a single number may still have so many.
  private static let leastModes = 2.0
  /// Modes that what is known of all rows stands for where a row has a strength of its own.
  private static let sharedModes = 10.0

  /// Restricted maximum likelihood by the fixed point of MacKay (Neural Comput. 4 (1992) 415): squares of the modes over the number of modes
  /// that the data tell. The steps of the logarithm are lengthened by Aitken's rule.
  private func likeliest(
    _ slices: [Prepared], from start: Double, _ resources: Resources
  ) throws(VoxelithError) -> (scale: Double, known: Double) {
    var scale = start
    var known = 0.0
    var last: (step: Double, change: Double)?
    for _ in 0..<14 {
      let tried = scale
      let sums = try Parallel.map(slices.count, threads: resources.threads) { (index) throws(VoxelithError) in
        try slices[index].solver.balance(slices[index].work, slices[index].contrast, scale: tried)
      }
      let own = max(sums.reduce(0) { $0 + $1.modes }, Self.leastModes * Double(slices.count))
      known = max(sums.reduce(0) { $0 + $1.known }, 0.5)
      let change = log(own / known)
      var factor = 1.0
      if let last, last.change != change { factor = min(max(last.step / (last.change - change), 1), 4) }
      let step = min(max(factor * change, -2), 2)
      last = (step, change)
      scale = min(max(scale * exp(step), 1e-8), 100)
      if abs(change) < 0.05 || scale <= 1e-8 { break }
    }
    return (scale, known)
  }

  /// The exponent may rise to this, where borders between pieces are taken to be none, and is known so well before there are data.
  private static let largestExponent = 2.5
  private static let exponentDeviation = 0.4

  /// Scale and exponent by the same likelihood, with steps of Fisher's scoring. The exponent never falls below the usual one: what voxels
  /// cannot draw of sharp borders looks like a field rougher than the sample's.
  private func smoothness(
    _ slices: inout [Prepared], from start: Double, _ resources: Resources
  ) throws(VoxelithError) -> (scale: Double, exponent: Double) {
    var place = log(start)
    var exponent = FieldPrior.usualExponent
    for _ in 0..<10 {
      let (tried, prepared) = (exp(place), slices)
      let sum = try Parallel.map(slices.count, threads: resources.threads) { (index) throws(VoxelithError) in
        try prepared[index].solver.balance(prepared[index].work, prepared[index].contrast, scale: tried)
      }.reduce(SliceSolver.Balance(), +)
      let known = max(sum.known, 0.5)
      let own = max(sum.modes, Self.leastModes * Double(slices.count))
      let belief = 1 / (Self.exponentDeviation * Self.exponentDeviation)
      let gradient = SIMD2(
        0.5 * (own - known),
        0.5 * (sum.knownByLogarithm - sum.modesByLogarithm) - belief * (exponent - FieldPrior.usualExponent))
      let mixed = -0.5 * sum.knownByLogarithm
      let determinant = 0.5 * known * (0.5 * sum.knownBySquare + belief) - mixed * mixed
      guard determinant > 0 else { break }
      let wanted = (0.5 * known * gradient.y - mixed * gradient.x) / determinant
      let next = min(
        max(exponent + min(max(wanted, -0.5), 0.5), FieldPrior.usualExponent), Self.largestExponent)
      let turn = next - exponent
      let step = min(max((gradient.x - mixed * turn) / (0.5 * known), -1.5), 1.5)
      exponent = next
      place = min(max(place + step, log(1e-8)), log(100))
      for index in slices.indices { slices[index].solver.contrastPrior.exponent = exponent }
      if abs(turn) < 0.02, abs(step) < 0.05 { break }
    }
    return (exp(place), exponent)
  }

  /// Loosens the regularisation as far as the expected error stays within the margin of the least, which is that of the true prior.
  ///
  /// - Parameter guess: ratio of the scales that the search starts from.
  /// - Returns: the scale, and the part of the variance that the regularisation leaves.
  private func loosen(
    _ slices: [Prepared], truth: Double, guess: Double, _ resources: Resources
  ) throws(VoxelithError) -> (scale: Double, biasShare: Double) {
    func parts(_ ratio: Double) throws(VoxelithError) -> (variance: Double, biasShare: Double) {
      let sums = try Parallel.map(slices.count, threads: resources.threads) { (index) throws(VoxelithError) in
        try slices[index].solver.parts(
          slices[index].work, slices[index].contrast, scale: truth * ratio, truth: truth)
      }
      let noise = sums.reduce(0) { $0 + $1.noise }
      let bias = sums.reduce(0) { $0 + $1.bias }
      return (noise + bias, noise + bias > 0 ? bias / (noise + bias) : 0)
    }
    let least = try parts(1)
    let limit = 2 * log(1 + solver.options.errorMargin)
    guard solver.options.roughness == nil, limit > 0, least.variance > 0 else {
      return (truth, least.biasShare)
    }
    // The logarithm of the variance over the least grows about as the 1.5th power of that of the ratio.
    var place = log(guess)
    var share = least.biasShare
    for _ in 0..<4 {
      let tried = try parts(exp(place))
      share = tried.biasShare
      let excess = max(log(tried.variance / least.variance), 0) / limit
      if excess > 0.95, excess < 1.05 { break }
      let next = min(place * min(max(pow(max(excess, 1e-3), -1 / 1.5), 0.4), 2.5), Self.largestRatio)
      if next == place { break }
      place = next
    }
    return (truth * exp(place), share)
  }

  /// Logarithm of the largest ratio of scales that the regularisation is loosened by, and of the one that is tried first.
  private static let largestRatio = log(90.0)
  private static let firstRatio = 6.0

  /// A picture of voxels tells the largest ray no better than this part of it.
  private static let leastMisfit = 3e-3

  /// The ninetieth percentile of the voxels that hold more than a tenth of the densest.
  private static func level(_ density: [Float]) -> Double {
    let most = density.max() ?? 0
    let filled = density.filter { $0 > 0.1 * most }.sorted()
    return filled.isEmpty ? 0 : Double(filled[min(filled.count - 1, filled.count * 9 / 10)])
  }

  /// Reconstructs one row, with a strength of its own that leans on that of the typical rows as far as the row tells little.
  ///
  /// Rows have nothing else in common, so they can be made in any order.
  ///
  /// - Throws: `cancelled`; what `transmission` throws.
  public func slice(row: Int, resources: Resources) throws(VoxelithError) -> SliceResult {
    let work = SliceWork(data, row: row)
    let solver = try placed(row)
    let found = try solver.density(work, density)
    let prepared = solver.contrastData(work, found, density, level: level)
    guard data.rows > 1, solver.options.roughness == nil, prepared.isEmpty.contains(false) else {
      return try solver.contrast(work, found, prepared, scale: scale, truth: truth)
    }
    var alone = resources
    alone.threads = 1
    let slices = [Prepared(solver: solver, work: work, contrast: prepared)]
    let own = try likeliest(slices, from: truth, alone)
    let share = own.known / (own.known + Self.sharedModes)
    let ownTruth = exp(share * log(own.scale) + (1 - share) * log(truth))
    return try solver.contrast(work, found, prepared, scale: ownTruth * scale / truth, truth: ownTruth)
  }
}
