import Volumetry

/// One coarse level: its matrix, where its unknowns go on the next level, and its working vectors.
struct CoarseLevel: Sendable {
  let graph: SparseGraph
  /// Unknown of the next level for each unknown of this; empty on the coarsest level.
  let aggregate: PagedArray<Int32>
  var solution: PagedArray<Float>
  var residual: PagedArray<Float>
  private var scratch: PagedArray<Float>

  init(_ graph: SparseGraph, aggregate: PagedArray<Int32>? = nil) throws(VoxelithError) {
    self.graph = graph
    if let aggregate { self.aggregate = aggregate } else { self.aggregate = try PagedArray(in: graph.memory) }
    solution = try PagedArray(repeating: 0, count: graph.count, in: graph.memory)
    residual = try PagedArray(repeating: 0, count: graph.count, in: graph.memory)
    scratch = try PagedArray(repeating: 0, count: graph.count, in: graph.memory)
  }

  /// Bytes that a row with its entries takes, some.
  private static let rowBytes = 80

  /// Rows that one thread takes at a time.
  private static let chunk = 8192

  private func usefulThreads(_ threads: Int) -> Int { graph.count >= 4 * Self.chunk ? threads : 1 }

  /// One damped Jacobi step for `A solution = residual`; from zero it needs no neighbours.
  mutating func smooth(factor: Float, fromZero: Bool, threads: Int) {
    let (graph, old, residual) = (graph, solution, residual)
    let threads = usefulThreads(threads)
    var whole = scratch.mutableSpan
    Parallel.forEachSlab(of: &whole, stride: Self.chunk, threads: threads) {
      piece, target in
      let first = piece * Self.chunk
      if fromZero {
        startRows(graph, residual.span, first: first, factor: factor, to: &target)
      } else {
        smoothRows(graph, old.span, residual.span, first: first, factor: factor, to: &target)
      }
      graph.memory.touched((fromZero ? 12 : Self.rowBytes) * target.count)
    }
    swap(&solution, &scratch)
  }

  /// Sums what is left of the residual over the unknowns of the next level.
  mutating func restrict(into coarse: PagedArray<Float>, threads: Int) {
    let (graph, solution, residual) = (graph, solution, residual)
    let threads = usefulThreads(threads)
    var whole = scratch.mutableSpan
    Parallel.forEachSlab(of: &whole, stride: Self.chunk, threads: threads) {
      piece, target in
      residualRows(graph, solution.span, residual.span, first: piece * Self.chunk, to: &target)
      graph.memory.touched(Self.rowBytes * target.count)
    }
    var target = coarse.mutableSpan
    let (values, aggregate) = (scratch.span, aggregate.span)
    graph.memory.inBlocks(of: target.count, bytes: 4) { block in
      for i in block { target[i] = 0 }
    }
    graph.memory.inBlocks(of: values.count, bytes: 12) { block in
      scatter(values.extracting(block), aggregate.extracting(block), to: &target)
    }
  }

  mutating func addCorrection(_ coarse: PagedArray<Float>) {
    let (aggregate, memory) = (aggregate, graph.memory)
    var target = solution.mutableSpan
    memory.inBlocks(of: aggregate.count, bytes: 12) { block in
      for i in block { target[i] += coarse[Int(aggregate[i])] }
    }
  }
}

private func scatter(
  _ values: Span<Float>, _ aggregate: Span<Int32>, to target: inout MutableSpan<Float>
) {
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
