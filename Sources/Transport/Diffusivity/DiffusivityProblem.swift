import Foundation
import Volumetry

/// The inverse problem: maps in, best parameters and their covariance out.
struct DiffusivityProblem: Sendable {
  let modes: DiffusionModes
  let evidence: [StateEvidence]
  let unknowns: LinearUnknowns
  let parameters: DiffusionParameters
  let model: DiffusionModel
  let thickness: Double

  /// A point of the search with all that belongs to it.
  struct Point: Sendable {
    var values: [Double]
    var response: DiffusionResponse
  }

  var duration: Double { unknowns.times[unknowns.times.count - 1] }

  private func exchange(_ values: [Double]) -> Double {
    switch model.boundary {
    case .exchange: return parameters.exchange(values) ?? 0
    case .concentration:
      let elements = (0..<parameters.regions).map { region in
        parameters.elements(values, region: region)[Axis.allCases.firstIndex(of: model.depth) ?? 0]
      }
      // In steps, so that it does not vary with the parameters.
      let level = (log(elements.max() ?? 1) / log(10)).rounded()
      return DiffusionModel.fastBiot * pow(10, level) / thickness
    case .flux, .closed: return 0
    }
  }

  /// The source of the boundary in the orthonormal basis, for x = 1 outside or a mean x that rises by 1 a second.
  private func source(_ exchange: Double) -> [Double] {
    let image = modes.face * modes.constant
    switch model.boundary {
    case .exchange, .concentration: return image.map { exchange * $0 }
    case .flux:
      let scale =
        DiffusionResponse.dot(modes.constant, modes.constant) / DiffusionResponse.dot(modes.constant, image)
      return image.map { scale * $0 }
    case .closed: return image.map { _ in 0 }
    }
  }

  func point(_ values: [Double], withOffsets: Bool = true) throws(VoxelithError) -> Point {
    let exchange = exchange(values)
    var unknowns = unknowns
    if !withOffsets { unknowns = unknowns.withoutOffsets }
    return Point(
      values: values,
      response: try DiffusionResponse(
        parameters.matrix(values, modes, exchange: exchange), source: source(exchange), modes: modes,
        evidence: evidence, unknowns: unknowns))
  }

  /// Derivatives of K and of the source by a parameter, in the basis of the vectors.
  func slopes(_ point: Point, _ index: Int) -> (matrix: Matrix, source: [Double]) {
    let threads = modes.sums.threads
    let plain = parameters.slope(point.values, index, modes)
    let vectors = point.response.vectors
    let matrix = vectors.transposed.times(plain.times(vectors, threads: threads), threads: threads)
    let isExchange = index == parameters.diffusivityCount
    return (matrix, isExchange ? point.response.source : [Double](repeating: 0, count: modes.count))
  }

  /// Half the slope of chi-squared downwards, and the curvature of Gauss and Newton, after the linear unknowns have followed.
  func normal(_ point: Point, _ active: [Int]) -> (score: [Double], curvature: Matrix) {
    let response = point.response
    let states = unknowns.times.indices
    let slopes = active.map { self.slopes(point, $0) }
    let residuals = states.map { response.residual($0) }
    let p = active.count
    var score = [Double](repeating: 0, count: p)
    var curvature = Matrix(zeros: p, p)
    var pulls = [[Double]](repeating: [Double](repeating: 0, count: response.unknowns.count), count: p)
    for state in states {
      let answers = slopes.map { response.answer(state, slope: $0.matrix, sourceSlope: $0.source) }
      let design = response.design(state)
      for i in 0..<p {
        score[i] += DiffusionResponse.dot(residuals[state], answers[i])
        let image = response.information[state] * answers[i]
        for j in 0..<p { curvature[i, j] += DiffusionResponse.dot(image, answers[j]) }
        let back = design.transposedTimes(image)
        for k in back.indices { pulls[i][k] += back[k] }
      }
    }
    let solved = pulls.map { response.factor.solve($0) }
    for i in 0..<p { for j in 0..<p { curvature[i, j] -= DiffusionResponse.dot(pulls[i], solved[j]) } }
    return (score, curvature)
  }

  /// How much of the curvature the errors of the linear unknowns feign.
  ///
  /// With B for the curvature as a form of these unknowns and C for their covariance it is the trace of B C: the best values hold noise that
  /// looks like a signal that decays.
  func feigned(_ point: Point, _ active: [Int]) -> Matrix {
    let response = point.response
    let threads = modes.sums.threads
    let covariance = response.factor.inverse
    let p = active.count
    var result = Matrix(zeros: p, p)
    let slopes = active.map { self.slopes(point, $0) }
    var sums: [Matrix?] = Array(repeating: nil, count: p)
    for state in unknowns.times.indices {
      let design = response.design(state).transposed
      let answers = slopes.map {
        response.answers(state, slope: $0.matrix, sourceSlope: $0.source, threads: threads)
      }
      let images = answers.map { response.information[state].times($0, threads: threads) }
      let spread = answers.map { $0.times(covariance, threads: threads) }
      for i in 0..<p {
        let sum = design.times(images[i], threads: threads)
        sums[i] = sums[i].map { $0 + sum } ?? sum
        for j in 0..<p { result[i, j] += images[i].elementwiseSum(spread[j]) }
      }
    }
    let whole = sums.compactMap { $0 }
    let left = whole.map { covariance.times($0, threads: threads) }
    for i in 0..<p {
      for j in 0..<p {
        result[i, j] -= left[j].elementwiseSum(whole[i].times(covariance, threads: threads))
      }
    }
    return result
  }

  /// The best point, by Gauss and Newton with the damping of Levenberg and Marquardt.
  func best(from start: Point, active: [Int], resources: Resources) throws(VoxelithError) -> Point {
    var point = start
    guard !active.isEmpty else { return point }
    var damping = 1e-3
    for _ in 0..<60 {
      try resources.cancellation.check()
      let (score, curvature) = normal(point, active)
      var next: Point?
      while damping < 1e7 {
        var damped = curvature
        for i in active.indices { damped[i, i] += damping * curvature[i, i] + 1e-6 }
        guard let factor = Cholesky(damped) else {
          damping *= 10
          continue
        }
        var trial = point.values
        for (index, step) in zip(active, factor.solve(score)) {
          trial[index] += max(-1.5, min(1.5, step))
        }
        for index in active {
          trial[index] = max(start.values[index] - 12, min(start.values[index] + 12, trial[index]))
        }
        let candidate = try self.point(trial)
        if candidate.response.chiSquared <= point.response.chiSquared + 1e-9 {
          next = candidate
          break
        }
        damping *= 10
      }
      guard let next else { break }
      let gain = point.response.chiSquared - next.response.chiSquared
      point = next
      damping = max(1e-9, damping / 10)
      if gain < 1e-5 { break }
    }
    return point
  }

  /// The best of a few points far from each other.
  func start(_ resources: Resources) throws(VoxelithError) -> Point {
    let scale = thickness * thickness / duration
    let shares: [Double] = parameters.hasExchange ? [1, 30] : [1]
    var best: Point?
    for level in [0.03, 0.3, 3] {
      for share in shares {
        try resources.cancellation.check()
        let diffusivity = level * scale
        let point = try point(parameters.uniform(diffusivity, exchange: share * diffusivity / thickness))
        if point.response.chiSquared < best?.response.chiSquared ?? .infinity { best = point }
      }
    }
    guard let best else { throw VoxelithError(.internal, "no diffusivity could be tried") }
    return best
  }
}

extension LinearUnknowns {
  /// The same with the offsets known.
  var withoutOffsets: LinearUnknowns {
    LinearUnknowns(times: times, initialCount: initialCount, sources: sources, offsets: [])
  }

  init(times: [Double], initialCount: Int, sources: [Source], offsets: [(state: Int, sigma: Double)]) {
    self.times = times
    self.initialCount = initialCount
    self.sources = sources
    self.offsets = offsets
  }
}
