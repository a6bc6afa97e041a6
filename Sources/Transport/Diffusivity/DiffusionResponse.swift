import Volumetry

/// The linear problem at fixed diffusivities: best values of all linear unknowns, chi-squared, and how both answer to the parameters.
struct DiffusionResponse: Sendable {
  let unknowns: LinearUnknowns
  /// Of the matrix K, and its vectors in columns; all below is in their basis.
  let eigenvalues: [Double]
  let vectors: Matrix
  let start: Matrix
  let constant: [Double]
  let source: [Double]
  let decays: [TimeFunction]
  /// By state, then by source.
  let sources: [[TimeFunction]]
  /// By state: columns of sources and offsets.
  let columns: [[[Double]]]
  let information: [Matrix]
  let projections: [[Double]]
  let factor: Cholesky
  let solution: [Double]
  /// Sum of squared deviations over their variances, priors included.
  let chiSquared: Double

  var count: Int { eigenvalues.count }

  /// - Parameter source: of the boundary, in the orthonormal basis.
  /// - Throws: `data` where the maps do not determine the linear unknowns.
  init(
    _ matrix: Matrix, source plainSource: [Double], modes: DiffusionModes, evidence: [StateEvidence],
    unknowns: LinearUnknowns
  ) throws(VoxelithError) {
    let threads = modes.sums.threads
    let system = try EigenSystem(matrix)
    let eigenvalues = system.values.map { max(0, $0) }
    let vectors = system.vectors
    let transposed = vectors.transposed
    let start = transposed.times(modes.initial, threads: threads)
    let constant = transposed * modes.constant
    let source = transposed * plainSource
    let times = unknowns.times
    let decays = times.map { TimeFunction(.decay($0), eigenvalues) }
    let sources = times.map { time in
      unknowns.sources.map { span in
        TimeFunction(
          .source(from: max(0, time - span.to), to: max(0, time - span.from)), eigenvalues)
      }
    }
    let columns = times.indices.map { state in
      sources[state].map { function in zip(function.values, source).map { $0 * $1 } }
        + unknowns.offsets.map {
          $0.state == state ? constant : [Double](repeating: 0, count: constant.count)
        }
    }
    let information = try Parallel.map(evidence.count, threads: threads) { state in
      transposed.times(evidence[state].information.times(vectors, threads: 1), threads: 1)
    }
    let projections = evidence.map { transposed * $0.projection }
    let (n, m, first) = (eigenvalues.count, unknowns.count, unknowns.initialCount)
    var middle = [Double](repeating: 0, count: n * n)
    var right = [Double](repeating: 0, count: n)
    var normal = Matrix(zeros: m, m)
    var b = [Double](repeating: 0, count: m)
    var cross = [[Double]](repeating: right, count: unknowns.extraCount)
    for state in times.indices {
      let decay = decays[state].values
      let table = information[state].elements
      for i in 0..<n {
        right[i] += decay[i] * projections[state][i]
        for j in 0..<n { middle[i * n + j] += decay[i] * table[i * n + j] * decay[j] }
      }
      let images = columns[state].map { information[state] * $0 }
      for (i, image) in images.enumerated() {
        for k in 0..<n { cross[i][k] += decay[k] * image[k] }
        b[first + i] += Self.dot(columns[state][i], projections[state])
        for (j, other) in columns[state].enumerated() {
          normal[first + i, first + j] += Self.dot(image, other)
        }
      }
    }
    let initial = start.transposed
    let block = initial.times(
      Matrix(rows: n, columns: n, elements: middle).times(start, threads: threads), threads: threads)
    for i in 0..<first { for j in 0..<first { normal[i, j] = block[i, j] } }
    // Coefficients of x are of the order of 1: this holds those that no voxel sees.
    for i in 0..<first { normal[i, i] += 1e-2 }
    for (index, image) in cross.enumerated() {
      let side = initial * image
      for i in 0..<first {
        normal[i, first + index] = side[i]
        normal[first + index, i] = side[i]
      }
    }
    let left = initial * right
    for i in 0..<first { b[i] = left[i] }
    var square = evidence.reduce(0) { $0 + $1.square }
    for (index, span) in unknowns.sources.enumerated() {
      let weight = 1 / (span.priorSigma * span.priorSigma)
      normal[first + index, first + index] += weight
      b[first + index] += weight * span.prior
      square += weight * span.prior * span.prior
    }
    for (index, offset) in unknowns.offsets.enumerated() {
      let place = first + unknowns.sources.count + index
      normal[place, place] += 1 / (offset.sigma * offset.sigma)
    }
    guard let factor = Cholesky(normal, tolerance: 1e-15) else {
      throw VoxelithError(.data, "the maps do not determine the first state and what happens at the boundary")
    }
    let solution = factor.solve(b)
    self.unknowns = unknowns
    self.eigenvalues = eigenvalues
    self.vectors = vectors
    self.start = start
    self.constant = constant
    self.source = source
    self.decays = decays
    self.sources = sources
    self.columns = columns
    self.information = information
    self.projections = projections
    self.factor = factor
    self.solution = solution
    chiSquared = square - Self.dot(b, solution)
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  var initialSolution: [Double] { Array(solution[..<unknowns.initialCount]) }

  /// Coefficients of the field of a state, with or without its offset.
  func state(_ state: Int, withOffset: Bool = true) -> [Double] {
    let first = start * initialSolution
    var result = zip(decays[state].values, first).map { $0 * $1 }
    for (index, column) in columns[state].enumerated() where withOffset || index < unknowns.sources.count {
      let value = solution[unknowns.initialCount + index]
      for i in result.indices { result[i] += value * column[i] }
    }
    return result
  }

  /// What is left of a state: the projection of its map less that of the model.
  func residual(_ index: Int) -> [Double] {
    zip(projections[index], information[index] * state(index)).map { $0 - $1 }
  }

  /// How a state's coefficients answer to a parameter.
  ///
  /// - Parameters:
  ///   - slope: derivative of K in the basis of its vectors.
  ///   - sourceSlope: derivative of the source there.
  func answer(_ state: Int, slope: Matrix, sourceSlope: [Double]) -> [Double] {
    let table = slope.elements
    var result = [Double](repeating: 0, count: count)
    func add(_ function: TimeFunction, _ vector: [Double], times value: Double) {
      for a in 0..<count {
        var sum = 0.0
        for b in 0..<count { sum += table[a * count + b] * function.difference(a, b) * vector[b] }
        result[a] += value * sum
      }
    }
    add(decays[state], start * initialSolution, times: 1)
    for (index, function) in sources[state].enumerated() {
      let value = solution[unknowns.initialCount + index]
      add(function, source, times: value)
      for i in 0..<count { result[i] += value * function.values[i] * sourceSlope[i] }
    }
    return result
  }

  /// The same for every linear unknown, in columns.
  func answers(_ state: Int, slope: Matrix, sourceSlope: [Double], threads: Int) -> Matrix {
    let (n, first, m) = (count, unknowns.initialCount, unknowns.count)
    func weighted(_ function: TimeFunction) -> Matrix {
      let table = slope.elements
      var elements = [Double](repeating: 0, count: n * n)
      for a in 0..<n {
        for b in 0..<n { elements[a * n + b] = table[a * n + b] * function.difference(a, b) }
      }
      return Matrix(rows: n, columns: n, elements: elements)
    }
    let block = weighted(decays[state]).times(start, threads: threads)
    var result = [Double](repeating: 0, count: n * m)
    for i in 0..<n { for j in 0..<first { result[i * m + j] = block[i, j] } }
    for (index, function) in sources[state].enumerated() {
      let column = weighted(function) * source
      for i in 0..<n { result[i * m + first + index] = column[i] + function.values[i] * sourceSlope[i] }
    }
    return Matrix(rows: n, columns: m, elements: result)
  }

  /// All columns of a state.
  func design(_ state: Int) -> Matrix {
    let (n, first, m) = (count, unknowns.initialCount, unknowns.count)
    var result = [Double](repeating: 0, count: n * m)
    let decay = decays[state].values
    for i in 0..<n {
      for j in 0..<first { result[i * m + j] = decay[i] * start[i, j] }
      for (index, column) in columns[state].enumerated() { result[i * m + first + index] = column[i] }
    }
    return Matrix(rows: n, columns: m, elements: result)
  }
}
