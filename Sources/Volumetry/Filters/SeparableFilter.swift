import CVolumetryKernels

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
    let (taps, radius) = (kernel.weights.count, kernel.radius)
    switch axis {
    case .x:
      let offsets = Array(0..<taps)
      Parallel.forEachSlab(of: &output, stride: slice, threads: threads) { z, slab in
        var row = [Float](repeating: 0, count: shape.x + 2 * radius)
        for y in 0..<shape.y {
          fillPadded(&row, from: input.span, at: z * slice + y * shape.x, count: shape.x, radius: radius)
          filterRows(
            row.span, offsets.span, kernel.weights.span, into: &slab, at: y * shape.x, count: shape.x)
        }
      }
    case .y:
      Parallel.forEachSlab(of: &output, stride: slice, threads: threads) { z, slab in
        var offsets = [Int](repeating: 0, count: taps)
        for y in 0..<shape.y {
          for k in 0..<taps {
            offsets[k] = z * slice + min(max(y + k - radius, 0), shape.y - 1) * shape.x
          }
          filterRows(
            input.span, offsets.span, kernel.weights.span, into: &slab, at: y * shape.x, count: shape.x)
        }
      }
    case .z:
      Parallel.forEachSlab(of: &output, stride: slice, threads: threads) { z, slab in
        let offsets = (0..<taps).map { min(max(z + $0 - radius, 0), shape.z - 1) * slice }
        filterRows(input.span, offsets.span, kernel.weights.span, into: &slab, at: 0, count: slice)
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
  let values = source.extracting(start..<(start + count))
  var span = row.mutableSpan
  var inner = span._mutatingExtracting(radius..<(radius + count))
  for i in values.indices { inner[i] = values[i] }
}

/// Sums of `count` values from each of the offsets on, times the weight of that.
private func filterRows(
  _ source: Span<Float>, _ offsets: Span<Int>, _ weights: Span<Float>, into output: inout MutableSpan<Float>,
  at start: Int, count: Int
) {
  precondition(offsets.count == weights.count && start >= 0 && start + count <= output.count)
  for k in offsets.indices { precondition(offsets[k] >= 0 && offsets[k] + count <= source.count) }
  unsafe source.withUnsafeBufferPointer { source in
    unsafe offsets.withUnsafeBufferPointer { offsets in
      unsafe weights.withUnsafeBufferPointer { weights in
        unsafe output.withUnsafeMutableBufferPointer { output in
          guard let target = output.baseAddress else { return }
          unsafe vvk_filter_rows(
            source.baseAddress, offsets.baseAddress, weights.baseAddress, weights.count, count, target + start
          )
        }
      }
    }
  }
}
