import Volumetry

/// The sweeps over all voxels that the solver is made of. Every sweep writes one field slice by
/// slice; sums are formed per slice and added in slice order.
extension FineOperator {
  /// `output = A field`; returns the inner product of both.
  func apply(_ field: PagedArray<Float>, into output: PagedArray<Float>) -> Double {
    sweep(output) { z, y, range, start, rows, target in
      let span = field.span
      gather(span, z: z, y: y, range: range, into: &rows)
      return applyRow(
        span.extracting(start..<(start + range.count)), rows.sum.span, rows.diagonal.span, to: &target)
    }
  }

  /// `output = factor * residual / diagonal`: the first smoothing step from zero.
  func startSmoothing(_ residual: PagedArray<Float>, factor: Float, into output: PagedArray<Float>) {
    _ = sweep(output) { z, y, range, start, rows, target in
      gatherDiagonal(z: z, y: y, range: range, into: &rows)
      scaleRow(
        residual.span.extracting(start..<(start + range.count)), rows.diagonal.span, factor, to: &target)
      return 0
    }
  }

  /// `output = field + factor * (residual - A field) / diagonal`; returns residual . output.
  func smooth(
    _ field: PagedArray<Float>, residual: PagedArray<Float>, factor: Float,
    into output: PagedArray<Float>
  ) -> Double {
    sweep(output) { z, y, range, start, rows, target in
      let span = field.span
      gather(span, z: z, y: y, range: range, into: &rows)
      let run = start..<(start + range.count)
      return smoothRow(
        span.extracting(run), residual.span.extracting(run), rows.sum.span, rows.diagonal.span, factor,
        to: &target)
    }
  }

  /// `field -= factor * direction`; returns the square of its norm.
  func subtract(_ direction: PagedArray<Float>, times factor: Float, from field: PagedArray<Float>)
    -> Double
  {
    sweep(field) { _, _, range, start, _, target in
      subtractRow(direction.span.extracting(start..<(start + range.count)), factor, from: &target)
    }
  }

  /// `direction = field + factor * direction`.
  func advance(_ direction: PagedArray<Float>, from field: PagedArray<Float>, factor: Float) {
    _ = sweep(direction) { _, _, range, start, _, target in
      advanceRow(field.span.extracting(start..<(start + range.count)), factor, to: &target)
      return 0
    }
  }

  /// `solution += factor * direction`, in double precision.
  func accumulate(
    _ direction: PagedArray<Float>, times factor: Double, into solution: PagedArray<Double>
  ) {
    var whole = solution.mutableSpan
    Parallel.forEachSlab(of: &whole, stride: slice, threads: threads) { z, slab in
      for y in 0..<shape.y {
        forEachRun(z: z, y: y) { start, range in
          let local = start - z * slice
          var target = slab._mutatingExtracting(local..<(local + range.count))
          accumulateRow(direction.span.extracting(start..<(start + range.count)), factor, to: &target)
        }
      }
      memory.touched(12 * slab.count)
    }
  }

  /// Bytes of a voxel that a sweep touches at most: three vectors, the diagonal, and what belongs to the aggregates.
  private static var sweptBytes: Int { 18 }

  /// Runs `body(z, y, range of x, first voxel, scratch, run of the output)` over all runs and adds up
  /// what it returns.
  func sweep(
    _ output: PagedArray<Float>,
    _ body: @Sendable (Int, Int, Range<Int>, Int, inout RowScratch, inout MutableSpan<Float>) -> Double
  ) -> Double {
    var partial = [Double](repeating: 0, count: shape.z)
    var whole = output.mutableSpan
    var partials = partial.mutableSpan
    Parallel.forEachPiece(
      of: &whole, cuts: sliceCuts, and: &partials, cuts: Array(0...shape.z), threads: threads
    ) { z, slab, sums in
      var rows = RowScratch(length: shape.x)
      var sum = 0.0
      for y in 0..<shape.y {
        forEachRun(z: z, y: y) { start, range in
          let local = start - z * slice
          var target = slab._mutatingExtracting(local..<(local + range.count))
          sum += body(z, y, range, start, &rows, &target)
        }
      }
      sums[0] = sum
      memory.touched(Self.sweptBytes * slab.count)
    }
    return partial.reduce(0, +)
  }
}

/// Sums of products in double precision over four lanes.
private func dot(_ first: Span<Float>, _ second: Span<Float>) -> Double {
  var lanes = SIMD4<Double>.zero
  let whole = first.count & ~3
  var i = 0
  while i < whole {
    let a = SIMD4<Float>(first[i], first[i + 1], first[i + 2], first[i + 3])
    let b = SIMD4<Float>(second[i], second[i + 1], second[i + 2], second[i + 3])
    lanes += SIMD4<Double>(a) * SIMD4<Double>(b)
    i += 4
  }
  var sum = (lanes.x + lanes.y) + (lanes.z + lanes.w)
  while i < first.count {
    sum += Double(first[i]) * Double(second[i])
    i += 1
  }
  return sum
}

private func applyRow(
  _ field: Span<Float>, _ sum: Span<Float>, _ diagonal: Span<Float>, to target: inout MutableSpan<Float>
) -> Double {
  let sum = sum.extracting(0..<field.count)
  let diagonal = diagonal.extracting(0..<field.count)
  for i in field.indices {
    target[i] = diagonal[i] > 0 ? diagonal[i] * field[i] - sum[i] : 0
  }
  return dot(field, target.span)
}

private func scaleRow(
  _ residual: Span<Float>, _ diagonal: Span<Float>, _ factor: Float, to target: inout MutableSpan<Float>
) {
  let diagonal = diagonal.extracting(0..<residual.count)
  for i in residual.indices {
    target[i] = diagonal[i] > 0 ? factor * residual[i] / diagonal[i] : 0
  }
}

private func smoothRow(
  _ field: Span<Float>, _ residual: Span<Float>, _ sum: Span<Float>, _ diagonal: Span<Float>,
  _ factor: Float, to target: inout MutableSpan<Float>
) -> Double {
  let count = field.count
  let sum = sum.extracting(0..<count)
  let diagonal = diagonal.extracting(0..<count)
  let kept = 1 - factor
  for i in field.indices {
    let update = kept * field[i] + factor * (residual[i] + sum[i]) / diagonal[i]
    target[i] = diagonal[i] > 0 ? update : 0
  }
  return dot(residual, target.span)
}

private func subtractRow(
  _ direction: Span<Float>, _ factor: Float, from target: inout MutableSpan<Float>
) -> Double {
  for i in direction.indices { target[i] -= factor * direction[i] }
  return dot(target.span, target.span)
}

private func advanceRow(_ field: Span<Float>, _ factor: Float, to target: inout MutableSpan<Float>) {
  for i in field.indices { target[i] = field[i] + factor * target[i] }
}

private func accumulateRow(
  _ direction: Span<Float>, _ factor: Double, to target: inout MutableSpan<Double>
) {
  for i in direction.indices { target[i] += factor * Double(direction[i]) }
}
