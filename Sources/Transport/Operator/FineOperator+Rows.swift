import Volumetry

/// Working rows of one slab.
struct RowScratch {
  /// Sum over the neighbours of conductance times value.
  var sum: [Float]
  /// Sum of the conductances: the diagonal of the matrix; 0 where inactive.
  var diagonal: [Float]

  init(length: Int) {
    sum = [Float](repeating: 0, count: length)
    diagonal = [Float](repeating: 0, count: length)
  }
}

extension FineOperator {
  /// For one run: the neighbours' weighted sum and the diagonal, in `rows` from index 0.
  ///
  /// Neighbours beyond an insulated or fixed face count nothing in the sum; a fixed face counts in
  /// the diagonal.
  func gather(
    _ field: Span<Float>, z: Int, y: Int, range: Range<Int>, into rows: inout RowScratch
  ) {
    gather(field, z: z, y: y, range: range, sum: &rows.sum, diagonal: &rows.diagonal)
  }

  private func gather(
    _ field: Span<Float>, z: Int, y: Int, range: Range<Int>, sum: inout [Float],
    diagonal: inout [Float]
  ) {
    let count = range.count
    let start = shape.index(z: z, y: y, x: range.lowerBound)
    var sum = sum.mutableSpan
    var diagonal = diagonal.mutableSpan
    var sumRun = sum._mutatingExtracting(0..<count)
    var diagonalRun = diagonal._mutatingExtracting(0..<count)
    if isUniform {
      diagonals.decode(codes.span.extracting(start..<(start + count)), to: &diagonalRun)
      gatherUniform(field, z: z, y: y, range: range, start: start, sum: &sumRun)
    } else {
      gatherLayered(
        field, medium.span, z: z, y: y, range: range, start: start, sum: &sumRun, diagonal: &diagonalRun)
    }
  }

  /// As ``gather(_:z:y:range:into:)``, the diagonal alone.
  func gatherDiagonal(z: Int, y: Int, range: Range<Int>, into rows: inout RowScratch) {
    if isUniform {
      let start = shape.index(z: z, y: y, x: range.lowerBound)
      var diagonal = rows.diagonal.mutableSpan
      var diagonalRun = diagonal._mutatingExtracting(0..<range.count)
      diagonals.decode(codes.span.extracting(start..<(start + range.count)), to: &diagonalRun)
    } else {
      gather(medium.span, z: z, y: y, range: range, into: &rows)
    }
  }

  /// First voxel of the neighbouring row at offset `dz` or `dy`, nil beyond a closed face.
  private func neighbour(_ axis: Axis, _ step: Int, z: Int, y: Int, x: Int) -> Int? {
    let (position, count) = axis == .z ? (z, shape.z) : (y, shape.y)
    var moved = position + step
    if moved < 0 || moved >= count {
      guard boundary[axis] == .periodic else { return nil }
      moved = moved < 0 ? count - 1 : 0
    }
    return axis == .z ? shape.index(z: moved, y: y, x: x) : shape.index(z: z, y: moved, x: x)
  }

  private func gatherUniform(
    _ field: Span<Float>, z: Int, y: Int, range: Range<Int>, start: Int, sum: inout MutableSpan<Float>
  ) {
    gatherAcross(.z, weights.z, field, z: z, y: y, x: range.lowerBound, isFirst: true, sum: &sum)
    gatherAcross(.y, weights.y, field, z: z, y: y, x: range.lowerBound, isFirst: false, sum: &sum)
    let count = range.count
    let head = range.lowerBound == 0 ? 1 : 0
    let tail = range.upperBound == shape.x ? 1 : 0
    if head + tail < count {
      var inner = sum._mutatingExtracting(head..<(count - tail))
      let first = start + head
      let last = start + count - tail
      addRows(
        field.extracting((first - 1)..<(last - 1)), field.extracting((first + 1)..<(last + 1)),
        weight: weights.x, to: &inner)
    }
    if head == 1 { addEnd(field, x: 0, range: range, start: start, sum: &sum) }
    if tail == 1 && count > head { addEnd(field, x: shape.x - 1, range: range, start: start, sum: &sum) }
  }

  /// Adds the two neighbouring rows across z or y; the first call sets the sum.
  private func gatherAcross(
    _ axis: Axis, _ weight: Float, _ field: Span<Float>, z: Int, y: Int, x: Int, isFirst: Bool,
    sum: inout MutableSpan<Float>
  ) {
    let count = sum.count
    let lower = neighbour(axis, -1, z: z, y: y, x: x)
    let upper = neighbour(axis, 1, z: z, y: y, x: x)
    if let lower, let upper {
      let first = field.extracting(lower..<(lower + count))
      let second = field.extracting(upper..<(upper + count))
      if isFirst {
        setRows(first, second, weight: weight, to: &sum)
      } else {
        addRows(first, second, weight: weight, to: &sum)
      }
      return
    }
    if isFirst { clearRow(&sum) }
    if let only = lower ?? upper {
      addRow(field.extracting(only..<(only + count)), weight: weight, to: &sum)
    }
  }

  /// Voxels below and above one that lies at a face across x; nil beyond a closed face.
  private func endNeighbours(x: Int, rowStart: Int) -> (lower: Int?, upper: Int?) {
    let wraps = boundary.x == .periodic
    let lower = x > 0 ? rowStart + x - 1 : (wraps ? rowStart + shape.x - 1 : nil)
    let upper = x < shape.x - 1 ? rowStart + x + 1 : (wraps ? rowStart : nil)
    return (lower, upper)
  }

  private func addEnd(
    _ field: Span<Float>, x: Int, range: Range<Int>, start: Int, sum: inout MutableSpan<Float>
  ) {
    let (lower, upper) = endNeighbours(x: x, rowStart: start - range.lowerBound)
    let i = x - range.lowerBound
    if let lower { sum[i] += weights.x * field[lower] }
    if let upper { sum[i] += weights.x * field[upper] }
  }

  private func gatherLayered(
    _ field: Span<Float>, _ medium: Span<Float>, z: Int, y: Int, range: Range<Int>, start: Int,
    sum: inout MutableSpan<Float>, diagonal: inout MutableSpan<Float>
  ) {
    let count = range.count
    let own = medium.extracting(start..<(start + count))
    clearRow(&sum)
    clearRow(&diagonal)
    for step in stride(from: -1, through: 1, by: 2) {
      conductAcross(
        .z, step, 2 * weights.z, field, medium, own, z: z, y: y, x: range.lowerBound, &sum, &diagonal)
      conductAcross(
        .y, step, 2 * weights.y, field, medium, own, z: z, y: y, x: range.lowerBound, &sum, &diagonal)
    }
    let head = range.lowerBound == 0 ? 1 : 0
    let tail = range.upperBound == shape.x ? 1 : 0
    if head + tail < count {
      var innerSum = sum._mutatingExtracting(head..<(count - tail))
      var innerDiagonal = diagonal._mutatingExtracting(head..<(count - tail))
      let inner = own.extracting(head..<(count - tail))
      let first = start + head
      let last = start + count - tail
      for step in stride(from: -1, through: 1, by: 2) {
        let other = (first + step)..<(last + step)
        addConducted(
          field.extracting(other), inner, medium.extracting(other), weight: 2 * weights.x,
          to: &innerSum, &innerDiagonal)
      }
    }
    if head == 1 { conductEnd(field, medium, x: 0, range: range, start: start, &sum, &diagonal) }
    if tail == 1 && count > head {
      conductEnd(field, medium, x: shape.x - 1, range: range, start: start, &sum, &diagonal)
    }
  }

  private func conductAcross(
    _ axis: Axis, _ step: Int, _ weight: Float, _ field: Span<Float>, _ medium: Span<Float>,
    _ own: Span<Float>, z: Int, y: Int, x: Int, _ sum: inout MutableSpan<Float>,
    _ diagonal: inout MutableSpan<Float>
  ) {
    if let other = neighbour(axis, step, z: z, y: y, x: x) {
      let voxels = other..<(other + own.count)
      addConducted(
        field.extracting(voxels), own, medium.extracting(voxels), weight: weight, to: &sum, &diagonal)
    } else if boundary[axis].isFixed(upper: step > 0) {
      addFixed(own, weight: weight, to: &diagonal)
    }
  }

  private func conductEnd(
    _ field: Span<Float>, _ medium: Span<Float>, x: Int, range: Range<Int>, start: Int,
    _ sum: inout MutableSpan<Float>, _ diagonal: inout MutableSpan<Float>
  ) {
    let (lower, upper) = endNeighbours(x: x, rowStart: start - range.lowerBound)
    let i = x - range.lowerBound
    let own = medium[start + i]
    conduct(lower, isUpper: false, own, field, medium, i, &sum, &diagonal)
    conduct(upper, isUpper: true, own, field, medium, i, &sum, &diagonal)
  }

  private func conduct(
    _ other: Int?, isUpper: Bool, _ own: Float, _ field: Span<Float>, _ medium: Span<Float>, _ i: Int,
    _ sum: inout MutableSpan<Float>, _ diagonal: inout MutableSpan<Float>
  ) {
    if let other {
      let conductance = 2 * weights.x / (own + medium[other])
      sum[i] += conductance * field[other]
      diagonal[i] += conductance
    } else if boundary.x.isFixed(upper: isUpper) {
      diagonal[i] += 2 * weights.x / own
    }
  }
}

private func clearRow(_ row: inout MutableSpan<Float>) {
  for i in row.indices { row[i] = 0 }
}

private func setRows(
  _ first: Span<Float>, _ second: Span<Float>, weight: Float, to sum: inout MutableSpan<Float>
) {
  for i in first.indices { sum[i] = weight * (first[i] + second[i]) }
}

private func addRow(_ row: Span<Float>, weight: Float, to sum: inout MutableSpan<Float>) {
  for i in row.indices { sum[i] += weight * row[i] }
}

private func addRows(
  _ first: Span<Float>, _ second: Span<Float>, weight: Float, to sum: inout MutableSpan<Float>
) {
  for i in first.indices { sum[i] += weight * (first[i] + second[i]) }
}

/// Inactive voxels have infinite resistivity, so their conductance is zero.
private func addConducted(
  _ field: Span<Float>, _ own: Span<Float>, _ other: Span<Float>, weight: Float,
  to sum: inout MutableSpan<Float>, _ diagonal: inout MutableSpan<Float>
) {
  for i in field.indices {
    let conductance = weight / (own[i] + other[i])
    sum[i] += conductance * field[i]
    diagonal[i] += conductance
  }
}

private func addFixed(_ own: Span<Float>, weight: Float, to diagonal: inout MutableSpan<Float>) {
  for i in own.indices { diagonal[i] += weight / own[i] }
}
