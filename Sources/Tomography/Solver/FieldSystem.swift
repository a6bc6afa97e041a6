import Volumetry

/// Finds fields u from sinograms d = A (g u) + noise, eight at once: penalised weighted least squares, which is the mean of the posterior.
///
/// Modes are divided by their standard deviations (u = B sqrt(S) w), so that the equations
/// `(1 + sqrt(S) B^T g A^T W A g B sqrt(S)) w = sqrt(S) B^T g A^T W d` are solved by conjugate gradients. What views all around tell of a mode falls with its frequency: the matrix is close
/// to `1 + c S / sqrt(l)`, which preconditions the steps so that some twenty suffice.
struct FieldSystem {
  private(set) var projector: SliceProjector
  let prior: FieldPrior
  /// Standard deviations of the modes.
  var deviations: [Float]
  /// What multiplies the field in every voxel before it is projected.
  let gain: [Float]
  /// 1 / variance of every ray.
  var weights: [Float]
  /// One over what the matrix is close to in each mode.
  private var preconditioner: [Float] = []

  init(
    _ projector: SliceProjector, _ prior: FieldPrior, deviations: [Float], gain: [Float], weights: [Float]
  ) {
    self.projector = projector
    self.prior = prior
    self.deviations = deviations
    self.gain = gain
    self.weights = weights
    self.projector.filled = gain.indices.filter { gain[$0] > 0 }.map { Int32($0) }
    preconditioner = makePreconditioner()
  }

  /// The constant c comes from the trace of the data's part, found with one vector of signs in each lane.
  private func makePreconditioner() -> [Float] {
    var scratch = Scratch(projector)
    var generator = SeededGenerator(seed: 7, stream: 7)
    let signs = (0..<projector.voxels).map { _ in
      let bits = generator.next()
      var lanes = Lanes.zero
      for lane in 0..<8 { lanes[lane] = bits >> UInt64(lane) & 1 == 0 ? -1 : 1 }
      return lanes
    }
    scratch.field = signs
    prior.synthesize(&scratch.field, scratch: &scratch.other)
    for index in gain.indices { scratch.field[index] *= gain[index] }
    var image = scratch.field
    projector.backProject(weights: weights, projectionOf: scratch.field, into: &image, &scratch.view)
    for index in image.indices { image[index] *= gain[index] }
    prior.analyze(&image, scratch: &scratch.other)
    var trace = 0.0
    var shape = 0.0
    for mode in image.indices.dropFirst() {
      trace += Double((image[mode] * signs[mode]).sum()) / 8
      shape += 1 / prior.frequency(mode)
    }
    let constant = shape > 0 ? max(0, trace / shape) : 0
    return deviations.indices.map { mode in
      Float(1 / (1 + constant * Double(deviations[mode] * deviations[mode]) / prior.frequency(mode)))
    }
  }

  private static let largestIterations = 200
  /// Square of the residual, in the measure of the inverse, over that of the right side at which steps end, and at most: it bounds the
  /// sum of the squares of what the modes are off by, which are about 1 each. At more the choice of the scale takes what unfinished
  /// steps leave for roughness, and runs away: the rougher the sampled fields, the more of them an unfinished solution misses.
  private static let tolerance = 1e-6
  private static let largestError = 1.0

  /// Working space.
  struct Scratch {
    var field: [Lanes]
    var other: [Lanes]
    var sinogram: [Lanes]
    var view: SliceProjector.View

    init(_ projector: SliceProjector) {
      field = [Lanes](repeating: .zero, count: projector.voxels)
      other = field
      sinogram = [Lanes](repeating: .zero, count: projector.rays)
      view = SliceProjector.View(projector)
    }
  }

  /// Fields in voxels from modes in units of their standard deviations.
  func fields(_ modes: [Lanes], _ scratch: inout Scratch) -> [Lanes] {
    var field = modes
    for index in field.indices { field[index] *= deviations[index] }
    prior.synthesize(&field, scratch: &scratch.other)
    return field
  }

  /// Sinograms of fields.
  func sinograms(_ fields: [Lanes], _ scratch: inout Scratch) -> [Lanes] {
    for index in fields.indices { scratch.field[index] = gain[index] * fields[index] }
    var sinogram = [Lanes](repeating: .zero, count: projector.rays)
    projector.project(scratch.field, into: &sinogram, &scratch.view)
    return sinogram
  }

  /// sqrt(S) B^T g of an image of back projection.
  private func pull(_ image: inout [Lanes], _ scratch: inout Scratch) {
    for index in image.indices { image[index] *= gain[index] }
    prior.analyze(&image, scratch: &scratch.other)
    for index in image.indices { image[index] *= deviations[index] }
  }

  private func apply(_ modes: [Lanes], into result: inout [Lanes], _ scratch: inout Scratch) {
    for index in modes.indices { scratch.field[index] = deviations[index] * modes[index] }
    prior.synthesize(&scratch.field, scratch: &scratch.other)
    for index in gain.indices { scratch.field[index] *= gain[index] }
    projector.backProject(weights: weights, projectionOf: scratch.field, into: &result, &scratch.view)
    pull(&result, &scratch)
    for index in modes.indices { result[index] += modes[index] }
  }

  /// Modes, in units of their standard deviations, of the fields that fit sinograms best.
  ///
  /// - Throws: `cancelled`, within a step of being asked to.
  func solve(_ sinograms: [Lanes], _ scratch: inout Scratch) throws(VoxelithError) -> [Lanes] {
    for ray in weights.indices { scratch.sinogram[ray] = weights[ray] * sinograms[ray] }
    var residual = [Lanes](repeating: .zero, count: projector.voxels)
    projector.backProject(scratch.sinogram, into: &residual, &scratch.view)
    pull(&residual, &scratch)
    var modes = [Lanes](repeating: .zero, count: projector.voxels)
    var direction = zip(residual, preconditioner).map { $0 * $1 }
    var image = residual
    var size = Self.dot(residual, direction)
    let goal = pointwiseMin(Self.tolerance * size, SIMD8(repeating: Self.largestError))
    for _ in 0..<Self.largestIterations {
      if all(size .<= goal) { break }
      try Cancellation.poll()
      apply(direction, into: &image, &scratch)
      let curvature = Self.dot(direction, image)
      var step = size / curvature
      step.replace(with: 0, where: (size .<= goal) .| (curvature .<= 0))
      let s = Lanes(step)
      for index in modes.indices {
        modes[index] += s * direction[index]
        residual[index] -= s * image[index]
      }
      let next = dot(preconditioned: residual)
      var ratio = next / size
      ratio.replace(with: 0, where: size .<= goal)
      let r = Lanes(ratio)
      for index in modes.indices {
        direction[index] = preconditioner[index] * residual[index] + r * direction[index]
      }
      size = next.replacing(with: size, where: size .<= goal)
    }
    return modes
  }

  private func dot(preconditioned residual: [Lanes]) -> SIMD8<Double> {
    var sum = SIMD8<Double>.zero
    for index in residual.indices {
      let value = SIMD8<Double>(residual[index])
      sum += Double(preconditioner[index]) * value * value
    }
    return sum
  }

  /// Sums of products of each lane, in double precision.
  static func dot(_ a: [Lanes], _ b: [Lanes]) -> SIMD8<Double> {
    var sum = SIMD8<Double>.zero
    for index in a.indices { sum += SIMD8<Double>(a[index]) * SIMD8<Double>(b[index]) }
    return sum
  }
}
