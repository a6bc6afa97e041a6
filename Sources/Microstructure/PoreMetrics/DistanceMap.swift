import CMicrostructureKernels
public import Volumetry

/// Exact Euclidean distance from the centre of each voxel to the nearest voxel centre of another
/// kind, with a spacing for each axis (P. Felzenszwalb and D. Huttenlocher, Theory Comput. 8 (2012)
/// 415: one lower envelope of parabolas for each line). The cost is linear in the voxels.
public enum DistanceMap {
  /// What is taken off the distance to the nearest centre outside, for the radius of a ball: right on average over even and
  /// odd widths.
  static func inset(_ grid: Grid) -> Float { 0.25 * Float(grid.shortestSide) }

  /// Squared distances in square micrometres, z, y, x order: zero outside, infinity where there is
  /// no outside. Beyond the border of the volume nothing is known, so it is no outside.
  ///
  /// - Parameters:
  ///   - isInside: one value for each voxel.
  public static func squared(
    _ isInside: [Bool], grid: Grid, threads: Int = Parallel.availableThreads
  ) -> [Float] {
    precondition(isInside.count == grid.shape.count)
    let slices = inSlices(isInside, grid: grid, threads: threads)
    let lines = alongLines(slices, grid: grid, threads: threads)
    return turn(lines, outer: grid.shape.y, inner: grid.shape.z, row: grid.shape.x, threads: threads)
  }

  /// Squared distances to what is outside in the same slice.
  private static func inSlices(_ isInside: [Bool], grid: Grid, threads: Int) -> [Float] {
    let shape = grid.shape
    let slice = shape.y * shape.x
    var map = [Float](repeating: 0, count: shape.count)
    Parallel.forEachSlab(of: &map, stride: slice, threads: threads) { z, span in
      for y in 0..<shape.y {
        alongRow(
          isInside, from: z * slice + y * shape.x, count: shape.x, step: grid.spacing.x, into: &span,
          at: y * shape.x)
      }
      var envelope = ParabolaEnvelope(length: shape.y, step: grid.spacing.y)
      envelope.apply(to: &span, lines: shape.x)
    }
    return map
  }

  /// Squared distances from those of the slices, in the order y, z, x.
  private static func alongLines(_ slices: [Float], grid: Grid, threads: Int) -> [Float] {
    let shape = grid.shape
    var map = [Float](repeating: 0, count: shape.count)
    Parallel.forEachSlab(of: &map, stride: shape.z * shape.x, threads: threads) { y, span in
      var envelope = ParabolaEnvelope(length: shape.z, step: grid.spacing.z)
      envelope.apply(
        slices.span, from: y * shape.x, stride: shape.y * shape.x, into: &span, lines: shape.x)
    }
    return map
  }

  /// Exchanges the two outer axes.
  private static func turn(
    _ values: [Float], outer: Int, inner: Int, row: Int, threads: Int
  ) -> [Float] {
    var result = [Float](repeating: 0, count: values.count)
    Parallel.forEachSlab(of: &result, stride: outer * row, threads: threads) { i, span in
      for o in 0..<outer {
        RowKernels.copy(
          values.span, at: (o * inner + i) * row, count: row, into: &span, at: o * row)
      }
    }
    return result
  }

  private static func alongRow(
    _ isInside: [Bool], from start: Int, count: Int, step: Double,
    into map: inout MutableSpan<Float>, at target: Int
  ) {
    var distance = Double.infinity
    for x in 0..<count {
      distance = isInside[start + x] ? distance + step : 0
      map[target + x] = Float(distance * distance)
    }
    distance = .infinity
    for x in (0..<count).reversed() {
      distance = isInside[start + x] ? distance + step : 0
      map[target + x] = min(map[target + x], Float(distance * distance))
    }
  }
}

/// Lower envelope of the parabolas that stand on lines of squared distances.
private struct ParabolaEnvelope {
  private let length: Int
  private let step: Double
  private var heights: [Double]
  private var vertices: [Int]
  private var borders: [Double]

  /// Lines that are taken at once, and how far each of their places is looked at before their envelopes are made: where
  /// what is outside lies near, that is less work.
  private static let lanes = 8
  private static let most = 24

  init(length: Int, step: Double) {
    self.length = length
    self.step = step
    heights = [Double](repeating: 0, count: Self.lanes * length)
    vertices = [Int](repeating: 0, count: length)
    borders = [Double](repeating: 0, count: length + 1)
  }

  /// Lines side by side, the places of each `lines` apart.
  mutating func apply(to values: inout MutableSpan<Float>, lines: Int) {
    precondition(values.count == length * lines)
    for line in stride(from: 0, to: lines, by: Self.lanes) {
      if line + Self.lanes <= lines {
        let isDone = unsafe values.withUnsafeMutableBufferPointer { values in
          unsafe near(
            values.baseAddress?.advanced(by: line), lines, values.baseAddress?.advanced(by: line), lines)
        }
        if isDone { continue }
      }
      for own in line..<min(lines, line + Self.lanes) { apply(&values, at: own, stride: lines) }
    }
  }

  /// The same from lines that begin at `start` and whose places lie `stride` apart.
  mutating func apply(
    _ source: Span<Float>, from start: Int, stride: Int, into values: inout MutableSpan<Float>, lines: Int
  ) {
    precondition(
      values.count == length * lines && start >= 0 && start + (length - 1) * stride + lines <= source.count)
    for line in Swift.stride(from: 0, to: lines, by: Self.lanes) {
      if line + Self.lanes <= lines {
        let isDone = unsafe source.withUnsafeBufferPointer { source in
          unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe near(
              source.baseAddress?.advanced(by: start + line), stride, values.baseAddress?.advanced(by: line),
              lines)
          }
        }
        if isDone { continue }
      } else {
        for i in 0..<length {
          for own in line..<lines { values[i * lines + own] = source[start + i * stride + own] }
        }
      }
      for own in line..<min(lines, line + Self.lanes) { apply(&values, at: own, stride: lines) }
    }
  }

  /// Eight lines where what is outside lies near; false where the values were only copied.
  private mutating func near(
    _ values: UnsafePointer<Float>?, _ stride: Int, _ target: UnsafeMutablePointer<Float>?,
    _ targetStride: Int
  ) -> Bool {
    unsafe vmk_parabolas(values, stride, length, step, Self.most, &heights, target, targetStride) != 0
  }

  private mutating func apply(_ values: inout MutableSpan<Float>, at start: Int, stride: Int) {
    Self.apply(&values, at: start, stride: stride, length, step, &heights, &vertices, &borders)
  }

  private static func apply(
    _ values: inout MutableSpan<Float>, at start: Int, stride: Int, _ length: Int, _ step: Double,
    _ ownHeights: inout [Double], _ ownVertices: inout [Int], _ ownBorders: inout [Double]
  ) {
    var heights = ownHeights.mutableSpan
    var vertices = ownVertices.mutableSpan
    var borders = ownBorders.mutableSpan
    var isTrivial = true
    for i in 0..<length {
      heights[i] = Double(values[start + i * stride])
      isTrivial = isTrivial && heights[i] == 0
    }
    if isTrivial { return }
    var count = 0
    for i in 0..<length where heights[i].isFinite {
      let position = Double(i) * step
      let lifted = heights[i] + position * position
      while count > 0 {
        let v = vertices[count - 1]
        let p = Double(v) * step
        let border = (lifted - heights[v] - p * p) / (2 * (position - p))
        if count > 1 && border <= borders[count - 1] {
          count -= 1
          continue
        }
        borders[count] = border
        break
      }
      if count == 0 { borders[0] = -.infinity }
      vertices[count] = i
      count += 1
    }
    guard count > 0 else { return }
    // Height of the k-th parabola over a place.
    func square(_ i: Int, _ vertex: Int, _ height: Double) -> Double {
      let d = Double(i - vertex) * step
      return height + d * d
    }
    var k = 0
    // What is zero stays: no parabola lies lower than the one that stands there.
    for i in 0..<length where heights[i] != 0 {
      let position = Double(i) * step
      while k + 1 < count && borders[k + 1] < position { k += 1 }
      // Rounding may prefer a neighbour that is as near; the least of them never depends on where the
      // line begins.
      var least = square(i, vertices[k], heights[vertices[k]])
      if k > 0 { least = min(least, square(i, vertices[k - 1], heights[vertices[k - 1]])) }
      if k + 1 < count { least = min(least, square(i, vertices[k + 1], heights[vertices[k + 1]])) }
      values[start + i * stride] = Float(least)
    }
  }
}
