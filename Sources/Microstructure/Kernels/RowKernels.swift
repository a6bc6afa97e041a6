import CMicrostructureKernels
import Volumetry

/// The C row kernels behind spans: every row that they touch is checked against its span first.
enum RowKernels {
  static let lanes = vmk_lanes

  /// Room for a row of `width` values.
  static func pitch(_ width: Int) -> Int { (width + lanes - 1) / lanes * lanes }

  /// A distance of at least `count` floats that is `lines` cache lines more than a multiple of 4 KiB:
  /// rows that far apart lie in different sets of the cache, where powers of two would evict each
  /// other.
  static func spread(_ count: Int, lines: Int) -> Int {
    let page = 1024
    let excess = lines * 16
    return (count - excess + page - 1) / page * page + excess
  }

  /// Filters across rows: output row j sums `offsets[j + k]` weighted by tap k and stands at
  /// `start + j * stride` of `output`.
  static func columns(
    _ input: Span<Float>, offsets: Span<Int>, taps: Taps, outputs: Int, width: Int,
    into output: inout MutableSpan<Float>, at start: Int, stride: Int
  ) {
    check(offsets, taps, outputs, width, input.count)
    precondition(start >= 0 && start + (outputs - 1) * stride + pitch(width) <= output.count)
    unsafe input.withUnsafeBufferPointer { source in
      unsafe offsets.withUnsafeBufferPointer { rows in
        unsafe output.withUnsafeMutableBufferPointer { target in
          guard let source = source.baseAddress, let rows = rows.baseAddress,
            let target = target.baseAddress
          else { return }
          unsafe taps.withPointer { weights in
            unsafe vmk_filter_columns(
              source, rows, weights, taps.count, outputs, width, target + start, stride)
          }
        }
      }
    }
  }

  /// Two filters with the same number of taps over the same rows.
  static func columnPair(
    _ input: Span<Float>, offsets: Span<Int>, _ first: Taps, _ second: Taps, width: Int,
    into firstOutput: inout MutableSpan<Float>, _ secondOutput: inout MutableSpan<Float>,
    at start: Int
  ) {
    precondition(first.count == second.count)
    check(offsets, first, 1, width, input.count)
    precondition(start >= 0 && start + pitch(width) <= min(firstOutput.count, secondOutput.count))
    unsafe input.withUnsafeBufferPointer { source in
      unsafe offsets.withUnsafeBufferPointer { rows in
        unsafe firstOutput.withUnsafeMutableBufferPointer { a in
          unsafe secondOutput.withUnsafeMutableBufferPointer { b in
            guard let source = source.baseAddress, let rows = rows.baseAddress,
              let a = a.baseAddress, let b = b.baseAddress
            else { return }
            unsafe first.withPointer { w in
              unsafe second.withPointer { v in
                unsafe vmk_filter_columns_pair(
                  source, rows, w, v, first.count, width, a + start, b + start)
              }
            }
          }
        }
      }
    }
  }

  /// Filters the six products of three components across rows.
  static func products(
    _ input: Span<Float>, offsets: Span<Int>, componentStride: Int, taps: Taps, outputs: Int,
    width: Int, into output: inout MutableSpan<Float>, at start: Int, stride: Int,
    outputComponentStride: Int
  ) {
    check(offsets, taps, outputs, width, input.count - 2 * componentStride)
    precondition(
      start >= 0
        && start + (outputs - 1) * stride + 5 * outputComponentStride + pitch(width) <= output.count)
    unsafe input.withUnsafeBufferPointer { source in
      unsafe offsets.withUnsafeBufferPointer { rows in
        unsafe output.withUnsafeMutableBufferPointer { target in
          guard let source = source.baseAddress, let rows = rows.baseAddress,
            let target = target.baseAddress
          else { return }
          unsafe taps.withPointer { weights in
            unsafe vmk_filter_products(
              source, rows, componentStride, weights, taps.count, outputs, width, target + start,
              stride, outputComponentStride)
          }
        }
      }
    }
  }

  /// Filters along a row: value i sums `input[inputStart + i * step + k]`.
  static func row(
    _ input: Span<Float>, at inputStart: Int, taps: Taps, width: Int, step: Int = 1,
    into output: inout MutableSpan<Float>, at start: Int
  ) {
    let reach = step == 1 ? pitch(width) - 1 : (width - 1) * step
    precondition(inputStart >= 0 && inputStart + reach + taps.count <= input.count)
    precondition(start >= 0 && start + pitch(width) <= output.count)
    unsafe input.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        unsafe taps.withPointer { weights in
          unsafe vmk_filter_row(
            source + inputStart, weights, taps.count, width, step, target + start)
        }
      }
    }
  }

  /// Eigen decomposition of a row of tensors (xx, yy, zz, xy, xz, yz, `stride` apart) into five rows
  /// of `output`, `stride` apart: x, y, z, linearity, planarity.
  static func eigen(
    _ tensors: Span<Float>, stride: Int, width: Int, largest: Bool,
    into output: inout MutableSpan<Float>
  ) {
    precondition(stride >= pitch(width) && tensors.count >= 6 * stride && output.count >= 5 * stride)
    unsafe tensors.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let out = target.baseAddress else { return }
        unsafe vmk_eigen(
          source, stride, width, largest ? 1 : 0, out, out + stride, out + 2 * stride,
          out + 3 * stride, out + 4 * stride)
      }
    }
  }

  /// Cell of the hemisphere for each of `width` directions; see ``DirectionHistogram``.
  static func hemisphereCells(
    _ directions: Span<Float>, stride: Int, width: Int, rings: Int,
    into cells: inout MutableSpan<Int32>
  ) {
    precondition(
      stride >= pitch(width) && directions.count >= 3 * stride && cells.count >= pitch(width))
    unsafe directions.withUnsafeBufferPointer { source in
      unsafe cells.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let out = target.baseAddress else { return }
        unsafe vmk_hemisphere_cells(
          source, source + stride, source + 2 * stride, width, Int32(rings), out)
      }
    }
  }

  /// Sums over some directions of a row, see `vmk_direction_sums`.
  static func directionSums(
    _ rows: Span<Float>, stride: Int, places: Range<Int>, least: Float, isWeighted: Bool, one: Double,
    cells: inout MutableSpan<Int32>
  ) -> (sums: [Int64], count: Int) {
    precondition(
      places.lowerBound >= 0 && stride >= places.upperBound && rows.count >= 5 * stride
        && cells.count >= places.upperBound)
    var sums = [Int64](repeating: 0, count: 9)
    var count = 0
    unsafe rows.withUnsafeBufferPointer { source in
      unsafe cells.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        unsafe count = vmk_direction_sums(
          source + places.lowerBound, stride, places.count, least, isWeighted ? 1 : 0, one,
          target + places.lowerBound, &sums)
      }
    }
    return (sums, count)
  }

  /// Copies a row less a reference.
  static func copy(
    _ input: Span<Float>, at inputStart: Int, count: Int, into output: inout MutableSpan<Float>,
    at start: Int, less reference: Float
  ) {
    precondition(inputStart >= 0 && count >= 0 && inputStart + count <= input.count)
    precondition(start >= 0 && start + count <= output.count)
    unsafe input.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        for i in 0..<count { unsafe target[start + i] = source[inputStart + i] - reference }
      }
    }
  }

  /// Copies a row.
  static func copy(
    _ input: Span<Float>, at inputStart: Int, count: Int, into output: inout MutableSpan<Float>,
    at start: Int
  ) {
    precondition(inputStart >= 0 && count >= 0 && inputStart + count <= input.count)
    precondition(start >= 0 && start + count <= output.count)
    unsafe input.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        unsafe (target + start).update(from: source + inputStart, count: count)
      }
    }
  }

  private static func check(
    _ offsets: Span<Int>, _ taps: Taps, _ outputs: Int, _ width: Int, _ available: Int
  ) {
    precondition(outputs > 0 && width > 0 && offsets.count >= outputs - 1 + taps.count)
    for index in 0..<(outputs - 1 + taps.count) {
      precondition(offsets[index] >= 0 && offsets[index] + pitch(width) <= available)
    }
  }
}
