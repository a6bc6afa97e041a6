import Volumetry

/// Sums over all voxels of a weight times products of modes, formed one axis after the other.
///
/// The sum over x is formed for each row, that over y for each slice, that over z at last, which costs some n p^2 operations for n voxels and
/// p functions an axis in place of n m^2 for m modes. Slices are combined in their order, so threads do not show.
struct ModeSums: Sendable {
  let shape: Shape
  let modes: [Mode]
  let threads: Int

  /// What a mode is along one axis: for pairs of functions, a number for each cell.
  struct Table: Sendable {
    let count: Int
    let pairs: [Double]
  }

  /// Sum of weight times table along z, y and x for each pair of modes.
  func gram(_ weights: [Double], _ z: Table, _ y: Table, _ x: Table) throws(VoxelithError) -> Matrix {
    let (ny, nx) = (shape.y, shape.x)
    let (cy, cx) = (y.count * y.count, x.count * x.count)
    let slices = try Parallel.map(shape.z, threads: threads) { slice -> [Double] in
      var sum = [Double](repeating: 0, count: cy * cx)
      var row = [Double](repeating: 0, count: cx)
      for line in 0..<ny {
        for k in 0..<cx { row[k] = 0 }
        let start = (slice * ny + line) * nx
        for cell in 0..<nx where weights[start + cell] != 0 {
          Self.add(weights[start + cell], x.pairs, from: cell * cx, to: &row, at: 0)
        }
        for k in 0..<cy { Self.add(y.pairs[line * cy + k], row, from: 0, to: &sum, at: k * cx) }
      }
      return sum
    }
    let count = modes.count
    var result = [Double](repeating: 0, count: count * count)
    let (nz, cz) = (shape.z, z.count * z.count)
    Parallel.forEachSlab(of: &result, stride: count, threads: threads) { i, out in
      let a = modes[i]
      for j in 0..<count {
        let b = modes[j]
        let place = (a.y * y.count + b.y) * cx + a.x * x.count + b.x
        let pair = a.z * z.count + b.z
        var sum = 0.0
        for slice in 0..<nz { sum += z.pairs[slice * cz + pair] * slices[slice][place] }
        out[j] = sum
      }
    }
    return Matrix(rows: count, columns: count, elements: result)
  }

  /// Sum of value times the mean of each mode over the voxel.
  func projection(_ values: [Double], _ axes: [ModeAxis]) throws(VoxelithError) -> [Double] {
    let (ny, nx) = (shape.y, shape.x)
    let (z, y, x) = (axes[0], axes[1], axes[2])
    let slices = try Parallel.map(shape.z, threads: threads) { slice -> [Double] in
      var sum = [Double](repeating: 0, count: y.count * x.count)
      var row = [Double](repeating: 0, count: x.count)
      for line in 0..<ny {
        for k in row.indices { row[k] = 0 }
        let start = (slice * ny + line) * nx
        for cell in 0..<nx where values[start + cell] != 0 {
          Self.add(values[start + cell], x.means, from: cell * x.count, to: &row, at: 0)
        }
        for k in 0..<y.count {
          Self.add(y.means[line * y.count + k], row, from: 0, to: &sum, at: k * x.count)
        }
      }
      return sum
    }
    return modes.map { mode in
      (0..<shape.z).reduce(0.0) { sum, slice in
        sum + z.means[slice * z.count + mode.z] * slices[slice][mode.y * x.count + mode.x]
      }
    }
  }

  /// The mean over each voxel of a combination of modes.
  func field(_ coefficients: [Double], _ axes: [ModeAxis]) throws(VoxelithError) -> [Double] {
    let (z, y, x) = (axes[0], axes[1], axes[2])
    let (ny, nx) = (shape.y, shape.x)
    var result = [Double](repeating: 0, count: shape.count)
    Parallel.forEachSlab(of: &result, stride: ny * nx, threads: threads) { slice, out in
      var plane = [Double](repeating: 0, count: y.count * x.count)
      for (mode, value) in zip(modes, coefficients) {
        plane[mode.y * x.count + mode.x] += value * z.means[slice * z.count + mode.z]
      }
      for line in 0..<ny {
        var row = [Double](repeating: 0, count: x.count)
        for k in 0..<y.count {
          Self.add(y.means[line * y.count + k], plane, from: k * x.count, to: &row, at: 0)
        }
        for cell in 0..<nx {
          var sum = 0.0
          for k in 0..<x.count { sum += row[k] * x.means[cell * x.count + k] }
          out[line * nx + cell] = sum
        }
      }
    }
    return result
  }

  /// `factor` times a row of `source`, as long as `target` reaches or the row that starts at `at`.
  private static func add(
    _ factor: Double, _ source: [Double], from start: Int, to target: inout [Double], at place: Int
  ) {
    let length = min(source.count - start, target.count - place)
    let row = source.span.extracting(start..<(start + length))
    var out = target.mutableSpan
    for i in 0..<length { out[place + i] += factor * row[i] }
  }
}

extension ModeAxis {
  var valueTable: ModeSums.Table { .init(count: count, pairs: values) }
  var slopeTable: ModeSums.Table { .init(count: count, pairs: slopes) }
  var mixedTable: ModeSums.Table { .init(count: count, pairs: mixed) }
  /// f_i' f_j, the mirror of ``mixedTable``.
  var mirroredTable: ModeSums.Table {
    var mirrored = mixed
    for cell in 0..<cells {
      for i in 0..<count {
        for j in 0..<count {
          mirrored[(cell * count + i) * count + j] = mixed[(cell * count + j) * count + i]
        }
      }
    }
    return .init(count: count, pairs: mirrored)
  }
  /// Products of means over the cells: what a measured voxel sees of two modes.
  var meanTable: ModeSums.Table {
    var pairs = [Double](repeating: 0, count: cells * count * count)
    for cell in 0..<cells {
      for i in 0..<count {
        for j in 0..<count {
          pairs[(cell * count + i) * count + j] = means[cell * count + i] * means[cell * count + j]
        }
      }
    }
    return .init(count: count, pairs: pairs)
  }
  /// Products of the values at an end, which stand in the cell there.
  func endTable(isUpper: Bool) -> ModeSums.Table {
    var pairs = [Double](repeating: 0, count: cells * count * count)
    let end = isUpper ? upper : lower
    let cell = isUpper ? cells - 1 : 0
    for i in 0..<count {
      for j in 0..<count { pairs[(cell * count + i) * count + j] = end[i] * end[j] }
    }
    return .init(count: count, pairs: pairs)
  }
}
