import Volumetry

/// One coarse level: its matrix, where its unknowns go on the next level, and its working vectors.
struct CoarseLevel: Sendable {
  let graph: SparseGraph
  /// Unknown of the next level for each unknown of this; empty on the coarsest level.
  var aggregate: [Int32] = []
  var solution: [Float]
  var residual: [Float]
  private var scratch: [Float]

  init(_ graph: SparseGraph) {
    self.graph = graph
    solution = [Float](repeating: 0, count: graph.count)
    residual = solution
    scratch = solution
  }

  /// Rows that one thread takes at a time.
  private static let chunk = 8192

  private func usefulThreads(_ threads: Int) -> Int { graph.count >= 4 * Self.chunk ? threads : 1 }

  /// One damped Jacobi step for `A solution = residual`; from zero it needs no neighbours.
  mutating func smooth(factor: Float, fromZero: Bool, threads: Int) {
    let (graph, old, residual) = (graph, solution, residual)
    Parallel.forEachSlab(of: &scratch, stride: Self.chunk, threads: usefulThreads(threads)) {
      piece, target in
      let first = piece * Self.chunk
      if fromZero {
        startRows(graph, residual.span, first: first, factor: factor, to: &target)
      } else {
        smoothRows(graph, old.span, residual.span, first: first, factor: factor, to: &target)
      }
    }
    swap(&solution, &scratch)
  }

  /// Sums what is left of the residual over the unknowns of the next level.
  mutating func restrict(into coarse: inout [Float], threads: Int) {
    let (graph, solution, residual) = (graph, solution, residual)
    Parallel.forEachSlab(of: &scratch, stride: Self.chunk, threads: usefulThreads(threads)) {
      piece, target in
      residualRows(graph, solution.span, residual.span, first: piece * Self.chunk, to: &target)
    }
    for i in coarse.indices { coarse[i] = 0 }
    scatter(scratch.span, aggregate.span, to: &coarse)
  }

  mutating func addCorrection(_ coarse: [Float]) {
    gatherCorrection(coarse, aggregate, addingTo: &solution)
  }
}

private func gatherCorrection(
  _ coarse: [Float], _ aggregate: [Int32], addingTo solution: inout [Float]
) {
  let (coarse, aggregate) = (coarse.span, aggregate.span)
  var target = solution.mutableSpan
  for i in aggregate.indices { target[i] += coarse[Int(aggregate[i])] }
}

private func scatter(_ values: Span<Float>, _ aggregate: Span<Int32>, to coarse: inout [Float]) {
  var target = coarse.mutableSpan
  for i in values.indices { target[Int(aggregate[i])] += values[i] }
}

private func startRows(
  _ graph: SparseGraph, _ residual: Span<Float>, first: Int, factor: Float,
  to target: inout MutableSpan<Float>
) {
  let inverse = graph.inverseDiagonal.span.extracting(first..<(first + target.count))
  let residual = residual.extracting(first..<(first + target.count))
  for i in inverse.indices { target[i] = factor * residual[i] * inverse[i] }
}

private func neighbourSum(
  _ columns: Span<Int32>, _ weights: Span<Float>, _ solution: Span<Float>, _ entries: Range<Int>
) -> Float {
  var sum: Float = 0
  for entry in entries { sum += weights[entry] * solution[Int(columns[entry])] }
  return sum
}

private func smoothRows(
  _ graph: SparseGraph, _ old: Span<Float>, _ residual: Span<Float>, first: Int, factor: Float,
  to target: inout MutableSpan<Float>
) {
  let (offsets, columns, weights) = (graph.offsets.span, graph.columns.span, graph.weights.span)
  let inverse = graph.inverseDiagonal.span
  var start = Int(offsets[first])
  for i in target.indices {
    let row = first + i
    let end = Int(offsets[row + 1])
    let sum = neighbourSum(columns, weights, old, start..<end)
    target[i] = (1 - factor) * old[row] + factor * inverse[row] * (residual[row] + sum)
    start = end
  }
}

private func residualRows(
  _ graph: SparseGraph, _ solution: Span<Float>, _ residual: Span<Float>, first: Int,
  to target: inout MutableSpan<Float>
) {
  let (offsets, columns, weights) = (graph.offsets.span, graph.columns.span, graph.weights.span)
  let inverse = graph.inverseDiagonal.span
  var start = Int(offsets[first])
  for i in target.indices {
    let row = first + i
    let end = Int(offsets[row + 1])
    let sum = neighbourSum(columns, weights, solution, start..<end)
    target[i] = inverse[row] > 0 ? residual[row] + sum - solution[row] / inverse[row] : 0
    start = end
  }
}
