import Volumetry

/// The second number of a slice's rays, freed of what it has in common with the errors of the first.
struct ContrastData: Sendable {
  var values: [Float]
  /// 1 / variance; 0 for rays without numbers.
  var weights: [Float]
  /// Rays that expect enough of the sample for their scatter to be judged.
  var isSeen: [Bool]
  /// Density of the voxels that count, 0 in the others.
  var gain: [Float]
  var isEmpty: [Bool]
}

extension SliceSolver {
  /// Rays are taken to expect at least this part of the largest: less tells nothing of the sample, and its variance is not known.
  private static let leastRay = 0.005
  /// Rays below this part of the largest may show no sample at all, and do not judge the scatter.
  private static let leastSeen = 0.05

  /// Prepares the contrast of a slice whose density is known.
  ///
  /// The conditional of the second number given the first: its mean moves by `C01 / C00` times the residual of the first, its variance
  /// is `C11 - C01^2 / C00`. This is what the full 2 x 2 weights amount to where the density is known far better than the contrast.
  ///
  /// - Parameters:
  ///   - level: density that ``ReconstructionOptions/minimumShare`` is a part of.
  func contrastData(
    _ work: SliceWork, _ density: Density, _ model: DensityModel, level: Double
  ) -> ContrastData {
    var data = ContrastData(
      values: work.second, weights: [Float](repeating: 0, count: projector.rays),
      isSeen: [Bool](repeating: false, count: projector.rays), gain: density.values,
      isEmpty: density.values.map { Double($0) < options.minimumShare * level })
    // Voxels with a trace of density are no part of the sample; those between are, and hold the borders.
    for index in data.gain.indices where Double(data.gain[index]) < 0.25 * options.minimumShare * level {
      data.gain[index] = 0
    }
    let excess = model.misfit * work.largest * model.misfit * work.largest
    var shown = [Lanes](repeating: .zero, count: projector.rays)
    var view = SliceProjector.View(projector)
    projector.project(data.gain.map { Lanes(repeating: $0) }, into: &shown, &view)
    for ray in work.second.indices where !work.isMissing[ray] {
      let expected = Double(density.expected[ray])
      data.isSeen[ray] = Double(shown[ray][0]) > Self.leastSeen * work.largest
      let covariance = work.covariance(
        ray, first: max(Double(shown[ray][0]), Self.leastRay * work.largest))
      let pull = covariance.y / (covariance.x + excess)
      data.values[ray] -= Float(pull * (Double(work.first[ray]) - expected))
      data.weights[ray] = Float(1 / max(covariance.z - pull * covariance.y, 0.1 * covariance.z))
    }
    return data
  }

  private func system(_ data: ContrastData, scale: Double) -> FieldSystem {
    FieldSystem(
      projector, contrastPrior, deviations: contrastPrior.deviations(scale: scale), gain: data.gain,
      weights: data.weights)
  }

  private func noise(_ data: ContrastData, _ normals: inout NormalLanes) -> [Lanes] {
    var kicks = normals.draw(projector.rays)
    for ray in kicks.indices {
      kicks[ray] *= data.weights[ray] > 0 ? 1 / data.weights[ray].squareRoot() : 0
    }
    return kicks
  }

  /// What a prior's scale and exponent are judged by: sums over the modes of the data's squares, and of the parts that data tell.
  struct Balance {
    /// Squares of the modes over their variances, and the same times the logarithm of the eigenvalue.
    var modes = 0.0
    var modesByLogarithm = 0.0
    /// Number of modes that the data tell, and the same times the logarithm and its square.
    var known = 0.0
    var knownByLogarithm = 0.0
    var knownBySquare = 0.0

    static func + (a: Balance, b: Balance) -> Balance {
      Balance(
        modes: a.modes + b.modes, modesByLogarithm: a.modesByLogarithm + b.modesByLogarithm,
        known: a.known + b.known, knownByLogarithm: a.knownByLogarithm + b.knownByLogarithm,
        knownBySquare: a.knownBySquare + b.knownBySquare)
    }
  }

  func balance(_ work: SliceWork, _ data: ContrastData, scale: Double) throws(VoxelithError) -> Balance {
    var scratch = FieldSystem.Scratch(projector)
    let system = system(data, scale: scale)
    var normals = NormalLanes(seed: options.seed, row: work.row, purpose: 1)
    var modes = normals.draw(projector.voxels)
    let kicks = noise(data, &normals)
    for index in modes.indices { modes[index][0] = 0 }
    modes[0] = .zero
    let fields = system.fields(modes, &scratch)
    var rays = system.sinograms(fields, &scratch)
    for ray in rays.indices {
      rays[ray] += kicks[ray]
      rays[ray][0] = data.values[ray]
    }
    let found = try system.solve(rays, &scratch)
    var result = Balance()
    for index in found.indices.dropFirst() {
      let error = found[index] - modes[index]
      let own = Double(found[index][0] * found[index][0])
      let gain = modes[index] * modes[index] - error * error
      var known = 0.0
      for lane in 1..<8 { known += Double(gain[lane]) / 7 }
      let place = contrastPrior.logarithms[index]
      result.modes += own
      result.modesByLogarithm += own * place
      result.known += known
      result.knownByLogarithm += known * place
      result.knownBySquare += known * place * place
    }
    return result
  }

  /// Sums of the variance by noise (four samples) and by regularisation (four samples) over the voxels that count, where the estimate takes
  /// a prior of `scale` and the field has one of `truth`.
  func parts(
    _ work: SliceWork, _ data: ContrastData, scale: Double, truth: Double
  ) throws(VoxelithError) -> (noise: Double, bias: Double) {
    var scratch = FieldSystem.Scratch(projector)
    let system = system(data, scale: scale)
    var normals = NormalLanes(seed: options.seed, row: work.row, purpose: 2)
    var modes = normals.draw(projector.voxels)
    let kicks = noise(data, &normals)
    let factor = Float((truth / scale).squareRoot())
    for index in modes.indices {
      modes[index] *= factor
      modes[index].lowHalf = .zero
    }
    modes[0] = .zero
    let fields = system.fields(modes, &scratch)
    var rays = system.sinograms(fields, &scratch)
    for ray in rays.indices { rays[ray].lowHalf = kicks[ray].lowHalf }
    let estimate = system.fields(try system.solve(rays, &scratch), &scratch)
    var noise = 0.0
    var bias = 0.0
    for index in estimate.indices where !data.isEmpty[index] {
      let error = estimate[index] - fields[index]
      let square = error * error
      noise += Double(square.lowHalf.sum())
      bias += Double(square.highHalf.sum())
    }
    return (noise, bias)
  }

  /// The contrast of a slice with its errors.
  ///
  /// - Parameters:
  ///   - scale: of the prior that the estimate takes; `truth`: of the field.
  func contrast(
    _ work: SliceWork, _ density: Density, _ data: ContrastData, scale: Double, truth: Double
  ) throws(VoxelithError) -> SliceResult {
    var scratch = FieldSystem.Scratch(projector)
    let system = system(data, scale: scale)
    let (first, points) = pointData(data)
    var rays = system.sinograms(points, &scratch)
    for ray in rays.indices { rays[ray][0] = data.values[ray] }
    let estimate = system.fields(try system.solve(rays, &scratch), &scratch)
    let contrast = estimate.map { $0[0] }
    var result = SliceResult(
      density: density.values, densitySigma: [], contrast: contrast, contrastSigma: [], biasVariance: [],
      misfit: [], meanErrors: [], isEmpty: data.isEmpty,
      resolution: Self.resolution(estimate, points: first), chiSquared: 0, degreesOfFreedom: 0)
    result.densitySigma = density.errors.map { error in
      let square = error * error
      return ((square.sum() - square[0] * square[0]) / 7).squareRoot()
    }
    let projected = system.sinograms(estimate, &scratch)
    var squares = [Lanes](repeating: .zero, count: projector.rays)
    for ray in squares.indices where data.isSeen[ray] {
      let rest = Double(data.values[ray] - projected[ray][0])
      let value = rest * rest * Double(data.weights[ray])
      result.chiSquared += value
      squares[ray][0] = Float(value)
      squares[ray][1] = 1
    }
    let shift = try densityShift(density, data, contrast: contrast, system, &scratch)
    var shiftShare: Float = 1

    var square = [Double](repeating: 0, count: projector.voxels)
    let factor = Float((truth / scale).squareRoot())
    let sets = max(1, options.sampleSets)
    let mapped = data.isEmpty.count { !$0 }
    var spare = 0.0
    for set in 0..<sets {
      var normals = NormalLanes(seed: options.seed, row: work.row, purpose: 16 + set)
      var modes = normals.draw(projector.voxels)
      let kicks = noise(data, &normals)
      for index in modes.indices { modes[index] *= factor }
      modes[0] = .zero
      let fields = system.fields(modes, &scratch)
      var rays = system.sinograms(fields, &scratch)
      for ray in rays.indices { rays[ray] += kicks[ray] }
      let found = system.fields(try system.solve(rays, &scratch), &scratch)
      if set == 0 {
        // What the fit takes of the noise: rays less the residuals' share.
        spare = residuals(rays, of: found, data, system, &scratch).sum() / 8
        // Residuals tell how large the errors of the density are; where these matter little, they are taken as they are.
        let doubt = 2 * (2 * max(spare, 1)).squareRoot()
        let share = (result.chiSquared - spare + doubt) / (shift.residuals + doubt)
        shiftShare = Float(min(1, max(0, share)).squareRoot())
        spare += Double(shiftShare * shiftShare) * shift.residuals
      }
      var sums = SIMD8<Double>.zero
      for index in found.indices {
        let error = found[index] - fields[index] + shiftShare * Self.turned(shift.fields[index], by: set)
        square[index] += Double((error * error).sum())
        if !data.isEmpty[index] { sums += SIMD8<Double>(error) }
      }
      for lane in 0..<8 where mapped > 0 { result.meanErrors.append(sums[lane] / Double(mapped)) }
    }
    let number = Double(8 * sets)
    result.contrastSigma = smoothed(square.map { $0 / number }, data)
    result.degreesOfFreedom = spare
    var spread = [Lanes](repeating: .zero, count: projector.voxels)
    projector.backProject(squares, into: &spread, &scratch.view)
    let rate = spare > 0 ? Float(Double(squares.reduce(Float(0)) { $0 + $1[1] }) / spare) : 1
    result.misfit = spread.map { $0[1] > 0 ? rate * $0[0] / $0[1] : .nan }
    return result
  }

  /// What the sampled errors of the density do to the contrast (lanes 1 to 7), and the weighted squares that they leave in the residuals.
  private func densityShift(
    _ density: Density, _ data: ContrastData, contrast: [Float], _ system: FieldSystem,
    _ scratch: inout FieldSystem.Scratch
  ) throws(VoxelithError) -> (fields: [Lanes], residuals: Double) {
    var shifts = [Lanes](repeating: .zero, count: projector.voxels)
    for index in shifts.indices where data.gain[index] > 0 {
      shifts[index] = -contrast[index] * density.errors[index]
    }
    var rays = [Lanes](repeating: .zero, count: projector.rays)
    projector.project(shifts, into: &rays, &scratch.view)
    let found = system.fields(try system.solve(rays, &scratch), &scratch)
    return (found, residuals(rays, of: found, data, system, &scratch).sum() / 7)
  }

  /// Weighted squares of what fields leave of rays that are seen, lane by lane.
  private func residuals(
    _ rays: [Lanes], of fields: [Lanes], _ data: ContrastData, _ system: FieldSystem,
    _ scratch: inout FieldSystem.Scratch
  ) -> SIMD8<Double> {
    let again = system.sinograms(fields, &scratch)
    var sums = SIMD8<Double>.zero
    for ray in rays.indices where data.isSeen[ray] {
      let rest = rays[ray] - again[ray]
      sums += SIMD8<Double>(rest * rest * data.weights[ray])
    }
    return sums
  }

  /// Lanes in another order, so that sets take the errors of the density in another one.
  private static func turned(_ lanes: Lanes, by step: Int) -> Lanes {
    var result = lanes
    for lane in 1..<8 { result[lane] = lanes[1 + (lane - 1 + step) % 7] }
    return result
  }

  /// Standard deviations: variances, of few samples, are averaged over a voxel and its neighbours.
  private func smoothed(_ variances: [Double], _ data: ContrastData) -> [Float] {
    let side = projector.side
    var result = [Float](repeating: .nan, count: variances.count)
    for z in 0..<side {
      for x in 0..<side where !data.isEmpty[z * side + x] {
        var sum = 0.0
        var weight = 0.0
        for (dz, dx) in [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)] {
          let (a, b) = (z + dz, x + dx)
          guard a >= 0, b >= 0, a < side, b < side, !data.isEmpty[a * side + b] else { continue }
          let own = dz == 0 && dx == 0 ? 2.0 : 1.0
          sum += own * variances[a * side + b]
          weight += own
        }
        result[z * side + x] = Float((sum / weight).squareRoot())
      }
    }
    return result
  }

  /// Seven voxels spread over those that count, each alone in a lane from 1 on.
  private func pointData(_ data: ContrastData) -> ([Int], [Lanes]) {
    let filled = data.isEmpty.indices.filter { !data.isEmpty[$0] }
    var fields = [Lanes](repeating: .zero, count: projector.voxels)
    var places: [Int] = []
    guard !filled.isEmpty else { return ([], fields) }
    for lane in 1..<8 {
      let place = filled[(2 * lane - 1) * filled.count / 14]
      fields[place][lane] = 1
      places.append(place)
    }
    return (places, fields)
  }

  /// Median width at half height of responses to points, in voxels: of the Gaussian with the same (sum)^2 / sum of squares.
  private static func resolution(_ responses: [Lanes], points: [Int]) -> Double {
    guard !points.isEmpty else { return .nan }
    var sum = SIMD8<Double>.zero
    var squares = SIMD8<Double>.zero
    for response in responses {
      sum += SIMD8<Double>(response)
      squares += SIMD8<Double>(response * response)
    }
    let widths = (1..<8).map { lane in
      squares[lane] > 0 ? 0.6643 * abs(sum[lane]) / squares[lane].squareRoot() : .infinity
    }.sorted()
    return widths[3]
  }
}
