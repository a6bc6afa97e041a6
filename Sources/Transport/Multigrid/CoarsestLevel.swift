import Volumetry

/// The last level, solved by a Cholesky factor, or, where too many unknowns are left (many separate
/// channels), by a fixed number of smoothing steps.
struct CoarsestLevel: Sendable {
  static let largestFactored = 192
  private var level: CoarseLevel
  private let factor: Cholesky?

  var count: Int { level.graph.count }
  var solution: PagedArray<Float> { level.solution }
  var residual: PagedArray<Float> {
    get { level.residual }
    _modify { yield &level.residual }
  }

  /// - Parameter isSingular: the matrix leaves a constant open (no fixed faces); the factor then takes
  ///   a small multiple of the diagonal more.
  init(_ graph: SparseGraph, isSingular: Bool) throws(VoxelithError) {
    level = try CoarseLevel(graph)
    factor = graph.count <= Self.largestFactored ? Self.factor(graph, isSingular: isSingular) : nil
  }

  private static func factor(_ graph: SparseGraph, isSingular: Bool) -> Cholesky? {
    var matrix = Matrix(zeros: graph.count, graph.count)
    for row in 0..<graph.count {
      var diagonal = Double(graph.ground(ofRow: row))
      for entry in graph.entries(ofRow: row) {
        let weight = Double(graph.weights[entry])
        matrix[row, Int(graph.columns[entry])] -= weight
        diagonal += weight
      }
      if diagonal == 0 { diagonal = 1 }
      matrix[row, row] += isSingular ? diagonal * (1 + 1e-6) : diagonal
    }
    return Cholesky(matrix)
  }

  /// Solves for ``residual`` into ``solution``.
  mutating func solve(threads: Int) {
    if let factor {
      let solved = factor.solve(level.residual.indices.map { Double(level.residual[$0]) })
      for index in solved.indices { level.solution[index] = Float(solved[index]) }
      return
    }
    var isFirst = true
    for step in Chebyshev.steps(degree: 8, lower: 0.05) {
      level.smooth(factor: step, fromZero: isFirst, threads: threads)
      isFirst = false
    }
  }
}
