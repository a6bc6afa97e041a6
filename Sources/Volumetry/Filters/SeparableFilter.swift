/// Convolution of a block with one-dimensional kernels, one axis after the other.
///
/// Beyond the border the nearest voxel is repeated, which is scipy's mode `nearest`.
public enum SeparableFilter {
  /// Filters along one axis.
  ///
  /// - Parameters:
  ///   - input: voxels of the block in z, y, x order.
  ///   - threads: used across rows; the result does not depend on it.
  public static func convolve(
    _ input: [Float], shape: Shape, along axis: Axis, with kernel: Kernel,
    threads: Int = Parallel.availableThreads
  ) -> [Float] {
    precondition(input.count == shape.count)
    var output = [Float](repeating: 0, count: input.count)
    let slice = shape.y * shape.x
    switch axis {
    case .x:
      Parallel.forEachSlab(of: &output, stride: slice, threads: threads) { z, slab in
        let source = input.span
        var row = [Float](repeating: 0, count: shape.x + 2 * kernel.radius)
        for y in 0..<shape.y {
          fillPadded(&row, from: source, at: z * slice + y * shape.x, count: shape.x, radius: kernel.radius)
          convolveRow(row.span, kernel.weights.span, into: &slab, at: y * shape.x, count: shape.x)
        }
      }
    case .y:
      Parallel.forEachSlab(of: &output, stride: slice, threads: threads) { z, slab in
        let source = input.span
        for y in 0..<shape.y {
          for k in 0..<kernel.weights.count {
            let from = min(max(y + k - kernel.radius, 0), shape.y - 1)
            addRow(
              source, at: z * slice + from * shape.x, weight: kernel.weights[k], into: &slab,
              at: y * shape.x, count: shape.x)
          }
        }
      }
    case .z:
      Parallel.forEachSlab(of: &output, stride: slice, threads: threads) { z, slab in
        let source = input.span
        for k in 0..<kernel.weights.count {
          let from = min(max(z + k - kernel.radius, 0), shape.z - 1)
          addRow(
            source, at: from * slice, weight: kernel.weights[k], into: &slab, at: 0, count: slice)
        }
      }
    }
    return output
  }

  /// Gaussian smoothing with one standard deviation in voxels per axis (x, y, z); zero leaves an axis
  /// as it is.
  public static func gaussian(
    _ input: [Float], shape: Shape, sigma: SIMD3<Double>, truncate: Double = 4,
    threads: Int = Parallel.availableThreads
  ) -> [Float] {
    var result = input
    for (axis, sigma) in [(Axis.z, sigma.z), (.y, sigma.y), (.x, sigma.x)] where sigma > 0 {
      result = convolve(
        result, shape: shape, along: axis, with: .gaussian(sigma: sigma, truncate: truncate),
        threads: threads)
    }
    return result
  }
}

private func fillPadded(
  _ row: inout [Float], from source: Span<Float>, at start: Int, count: Int, radius: Int
) {
  let first = source[start]
  let last = source[start + count - 1]
  for i in 0..<radius {
    row[i] = first
    row[radius + count + i] = last
  }
  for i in 0..<count { row[radius + i] = source[start + i] }
}

private func convolveRow(
  _ row: Span<Float>, _ weights: Span<Float>, into output: inout MutableSpan<Float>, at start: Int,
  count: Int
) {
  var target = output._mutatingExtracting(start..<(start + count))
  for k in weights.indices {
    let weight = weights[k]
    let shifted = row.extracting(k..<(k + count))
    for i in shifted.indices { target[i] += weight * shifted[i] }
  }
}

/// Adds a weighted row of one array to a row of another.
func addRow(
  _ source: Span<Float>, at from: Int, weight: Float, into output: inout MutableSpan<Float>,
  at start: Int, count: Int
) {
  let row = source.extracting(from..<(from + count))
  var target = output._mutatingExtracting(start..<(start + count))
  for i in row.indices { target[i] += weight * row[i] }
}
