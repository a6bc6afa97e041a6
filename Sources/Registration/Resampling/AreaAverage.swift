import Volumetry

/// Mean of source voxels over target voxels whose axes are parallel: exact overlaps, one axis after
/// the other. Missing voxels are left out; a mean that rests on less than half of its volume is NaN.
struct AreaAverage {
  /// Along one axis, the source voxels that each target voxel covers and with which length.
  struct Overlaps {
    var first: [Int] = []
    var weights: [[Float]] = []

    /// - Parameters:
    ///   - targets: voxel numbers of the target.
    ///   - scale, offset: source coordinate of a target centre is `scale * i + offset`.
    ///   - source: voxel numbers of the source that are at hand.
    init(targets: Range<Int>, scale: Double, offset: Double, source: Range<Int>) {
      for target in targets {
        let low = scale * (Double(target) - 0.5) + offset + 0.5
        let high = low + scale
        let begin = max(source.lowerBound, Int(low.rounded(.down)))
        let end = min(source.upperBound, Int(high.rounded(.up)))
        var row: [Float] = []
        if begin < end {
          for voxel in begin..<end {
            let overlap = min(high, Double(voxel + 1)) - max(low, Double(voxel))
            row.append(Float(max(0, overlap) / scale))
          }
        }
        first.append(max(begin, source.lowerBound) - source.lowerBound)
        weights.append(row)
      }
    }
  }

  static func average(_ voxels: [Float], box: Region, targets: Region, map: VoxelMap) -> [Float] {
    let x = Overlaps(targets: targets.x, scale: map.linear.x.x, offset: map.offset.x, source: box.x)
    let y = Overlaps(targets: targets.y, scale: map.linear.y.y, offset: map.offset.y, source: box.y)
    let z = Overlaps(targets: targets.z, scale: map.linear.z.z, offset: map.offset.z, source: box.z)
    var present = [Float](repeating: 1, count: voxels.count)
    var filled = voxels
    for i in voxels.indices where voxels[i].isNaN {
      filled[i] = 0
      present[i] = 0
    }
    let sums = reduce(filled, box.shape, x, y, z)
    let covers = reduce(present, box.shape, x, y, z)
    var result = sums
    for i in sums.indices { result[i] = covers[i] >= 0.4999 ? sums[i] / covers[i] : .nan }
    return result
  }

  private static func reduce(
    _ input: [Float], _ shape: Shape, _ x: Overlaps, _ y: Overlaps, _ z: Overlaps
  ) -> [Float] {
    let nx = x.first.count
    let ny = y.first.count
    let nz = z.first.count
    guard nx * ny * nz > 0, !input.isEmpty else { return [Float](repeating: 0, count: nx * ny * nz) }
    // On one thread, but as pieces, between which it is seen that the work is to stop.
    var made = [Float](repeating: 0, count: shape.z * shape.y * nx)
    Parallel.forEachSlab(of: &made, stride: shape.y * nx, threads: 1) { slice, rows in
      for row in 0..<shape.y {
        let start = (slice * shape.y + row) * shape.x
        reduceRow(input.span.extracting(start..<(start + shape.x)), x, into: &rows, at: row * nx)
      }
    }
    let rows = made
    made = [Float](repeating: 0, count: shape.z * ny * nx)
    Parallel.forEachSlab(of: &made, stride: ny * nx, threads: 1) { slice, plane in
      for j in 0..<ny {
        for (k, weight) in y.weights[j].enumerated() {
          addRow(
            rows.span, at: (slice * shape.y + y.first[j] + k) * nx, weight, into: &plane, at: j * nx,
            count: nx)
        }
      }
    }
    let planes = made
    made = [Float](repeating: 0, count: nz * ny * nx)
    Parallel.forEachSlab(of: &made, stride: ny * nx, threads: 1) { k, plane in
      for (step, weight) in z.weights[k].enumerated() {
        addRow(planes.span, at: (z.first[k] + step) * ny * nx, weight, into: &plane, at: 0, count: ny * nx)
      }
    }
    return made
  }

  private static func reduceRow(
    _ row: Span<Float>, _ x: Overlaps, into output: inout MutableSpan<Float>, at start: Int
  ) {
    for i in x.first.indices {
      let weights = x.weights[i]
      if weights.isEmpty { continue }
      let part = row.extracting(x.first[i]..<(x.first[i] + weights.count))
      var sum: Float = 0
      for k in part.indices { sum += weights[k] * part[k] }
      output[start + i] = sum
    }
  }

  private static func addRow(
    _ source: Span<Float>, at from: Int, _ weight: Float, into output: inout MutableSpan<Float>,
    at start: Int,
    count: Int
  ) {
    let row = source.extracting(from..<(from + count))
    var target = output._mutatingExtracting(start..<(start + count))
    for i in row.indices { target[i] += weight * row[i] }
  }
}
