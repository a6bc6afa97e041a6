import Volumetry

/// Reconstructs single slices; everything that slices share is prepared once.
struct SliceSolver: Sendable {
  var projector: SliceProjector
  let prior: FieldPrior
  /// Of the contrast: with an exponent of its own.
  var contrastPrior: FieldPrior
  let options: ReconstructionOptions

  /// The density of a slice with samples of its error.
  struct Density {
    /// Never negative.
    var values: [Float]
    /// Lane 0 is of no use; the others are errors (estimate less truth).
    var errors: [Lanes]
    /// What the density projects to.
    var expected: [Float]
    /// For the choice of the model: squares of the modes, their number that the data tell, weighted residuals, rays.
    var modes: Double
    var known: Double
    var residuals: Double
    var rays: Double
  }

  init(_ projector: SliceProjector, _ prior: FieldPrior, options: ReconstructionOptions) {
    self.projector = projector
    self.prior = prior
    self.options = options
    contrastPrior = prior
  }

  /// The same for a row whose axis falls on another column, and which absorbs.
  func placed(center: Double, transmission: [Float]) -> SliceSolver {
    var result = self
    result.projector.center = center
    result.projector.transmission = transmission
    return result
  }

  /// The first number's field at a model.
  func density(_ work: SliceWork, _ model: DensityModel) throws(VoxelithError) -> Density {
    var scratch = FieldSystem.Scratch(projector)
    var expected = work.first.map { max(0, $0) }
    var result = Density(
      values: [], errors: [], expected: expected, modes: 0, known: 0, residuals: 0, rays: 0)
    let unit = Float(work.unit)
    var gain = [Float](repeating: unit, count: projector.voxels)
    // Weights by the counts first, and everywhere; then by what the model expects, and where there is something.
    for pass in 0..<2 {
      if pass > 0 {
        let isFilled = support(result.values)
        for index in gain.indices where !isFilled[index] { gain[index] = 0 }
      }
      let weights = work.densityWeights(expected: expected, misfit: model.misfit)
      let system = FieldSystem(
        projector, prior, deviations: prior.deviations(scale: model.scale),
        gain: gain, weights: weights)
      var normals = NormalLanes(seed: options.seed, row: work.row, purpose: 0)
      var modes = normals.draw(projector.voxels)
      let kicks = normals.draw(projector.rays)
      for index in modes.indices { modes[index][0] = 0 }
      modes[0] = .zero
      let fields = system.fields(modes, &scratch)
      var data = system.sinograms(fields, &scratch)
      for ray in data.indices {
        let deviation: Float = weights[ray] > 0 ? 1 / weights[ray].squareRoot() : 0
        data[ray] += deviation * kicks[ray]
        data[ray][0] = work.first[ray]
      }
      let found = try system.solve(data, &scratch)
      let estimate = system.fields(found, &scratch)
      let projected = system.sinograms(estimate, &scratch)
      result.values = zip(estimate, gain).map { max(0, $0[0] * $1) }
      result.errors = estimate.indices.map { index in
        var error = gain[index] * (estimate[index] - fields[index])
        error[0] = 0
        return error
      }
      expected = projected.map { max(0, $0[0]) }
      result.expected = expected
      (result.modes, result.known) = Self.balance(found, modes)
      result.residuals = 0
      result.rays = 0
      for ray in data.indices where weights[ray] > 0 {
        let residual = Double(work.first[ray] - projected[ray][0])
        result.residuals += residual * residual * Double(weights[ray])
        result.rays += 1
      }
    }
    return result
  }

  /// Part of the dense voxels' density; where the mean over a voxel and its eight neighbours is less, there is nothing.
  private static let leastFilled: Float = 0.04

  /// Voxels that hold something or have such a neighbour: the others are known to be empty. Without it, a field that few
  /// views leave open would be shared between sample and surroundings, and errors would seem larger than they are.
  private func support(_ density: [Float]) -> [Bool] {
    let side = projector.side
    let most = density.max() ?? 0
    let filled = density.filter { $0 > 0.1 * most }.sorted()
    let level = filled.isEmpty ? 0 : filled[filled.count / 2]
    var result = [Bool](repeating: false, count: density.count)
    for z in 0..<side {
      for x in 0..<side {
        var sum: Float = 0
        for a in max(0, z - 1)...min(side - 1, z + 1) {
          for b in max(0, x - 1)...min(side - 1, x + 1) { sum += density[a * side + b] }
        }
        result[z * side + x] = sum > 9 * Self.leastFilled * level
      }
    }
    return result
  }

  /// Sum of the squares of the data's modes (lane 0), and the number of modes that data tell, by samples (lanes 1 to 7): the prior's
  /// variance less what is left of it. The mean is no part of either.
  private static func balance(_ found: [Lanes], _ drawn: [Lanes]) -> (Double, Double) {
    var own = 0.0
    var known = 0.0
    for index in found.indices.dropFirst() {
      let error = found[index] - drawn[index]
      own += Double(found[index][0] * found[index][0])
      let gain = drawn[index] * drawn[index] - error * error
      for lane in 1..<8 { known += Double(gain[lane]) / 7 }
    }
    return (own, known)
  }
}
