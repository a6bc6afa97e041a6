import Volumetry

/// Gradients of the slices of a column where only the voxels of a mask hold usable grey values.
///
/// Each gradient is the slope of the plane that fits the masked voxels best under Gaussian weights
/// (normalised differential convolution; H. Knutsson and C.-F. Westin, CVPR 1993), so it is free of
/// bias for a linear course of grey whatever the shape of the mask, and equal to the plain Gaussian
/// derivative away from its border. Voxels beyond the volume are outside the mask.
struct MaskedGradientStage: Sendable {
  let tile: TensorTile
  let kernels: TensorKernels
  let shape: Shape
  let sigma: Double
  let inputLayout: RingLayout
  let layout: RingLayout

  /// Moments are named by the powers of distance along z, y, x; grey ones first.
  private static let lineParts: [(plane: Int, y: Int)] = [
    (0, 0), (0, 1), (1, 0),  // grey: z0y0, z0y1, z1y0
    (2, 0), (2, 1), (2, 2), (3, 0), (3, 1), (4, 0),  // mask: z0y0, z0y1, z0y2, z1y0, z1y1, z2y0
  ]
  private static let pointParts: [(line: Int, x: Int)] = [
    (0, 0), (0, 1), (1, 0), (2, 0),  // grey: 1, x, y, z
    (3, 0), (3, 1), (4, 0), (6, 0),  // mask: 1, x, y, z
    (3, 2), (5, 0), (8, 0), (4, 1), (6, 1), (7, 0),  // mask: xx, yy, zz, xy, xz, yz
  ]

  /// Fills the components x, y, z and the mask of a slice in a band of rows of the ring of gradients.
  ///
  /// - Parameters:
  ///   - input: the ring of grey times mask and of the mask.
  ///   - slots: slices beyond the volume are those of a slot of zeros.
  func fill(
    _ band: inout MutableSpan<Float>, rows lines: Range<Int>, from input: Span<Float>,
    slots: GradientSlots
  ) {
    let ry = kernels.y.smooth.radius
    let group = WindowStage.rowGroup
    let capacity = group + 2 * ry
    let pitch = inputLayout.pitch
    let width = tile.input.x.count
    // One row more than the ring holds stays zero and stands for the rows beyond the volume.
    let plane = (capacity + 1) * pitch
    var planes = [[Float]](repeating: [Float](repeating: 0, count: plane), count: 5)
    let margins = RowMargins(
      inner: tile.gradient.x, outer: tile.input.x, radius: kernels.x.smooth.radius)
    let padded = margins.pitch(for: width)
    var rows = [Float](
      repeating: 0, count: 9 * group * padded + margins.slack(kernels.x.smooth))
    let outPitch = layout.pitch
    var moments = [Float](repeating: 0, count: Self.pointParts.count * outPitch)
    var next = max(tile.input.y.lowerBound, lines.lowerBound - ry)
    for y0 in stride(from: lines.lowerBound, to: lines.upperBound, by: group) {
      let count = min(group, lines.upperBound - y0)
      let last = min(shape.y - 1, y0 + count - 1 + ry)
      while next <= last {
        let row = next - tile.input.y.lowerBound
        let offsets = slots.reach.map { inputLayout.start(row: row, slot: $0) }
        let at = (next % capacity) * pitch
        for (plane, taps) in [(0, kernels.z.smooth), (1, kernels.z.first)] {
          filterPlane(&planes[plane], input, offsets, taps, at: at)
        }
        let maskOffsets = offsets.map { $0 + pitch }
        for (plane, taps) in [
          (2, kernels.z.smooth), (3, kernels.z.first), (4, kernels.z.second),
        ] {
          filterPlane(&planes[plane], input, maskOffsets, taps, at: at)
        }
        next += 1
      }
      let offsets = (0..<(count + 2 * ry)).map { r in
        let y = y0 + r - ry
        return (y < 0 || y >= shape.y ? capacity : y % capacity) * pitch
      }
      for (line, part) in Self.lineParts.enumerated() {
        filterLines(
          planes[part.plane], offsets: offsets, taps: moment(part.y, kernels.y), outputs: count,
          margins: margins, into: &rows, at: line * group * padded)
      }
      for j in 0..<count {
        for (index, part) in Self.pointParts.enumerated() {
          filterPoints(
            rows, at: (part.line * group + j) * padded, taps: moment(part.x, kernels.x),
            into: &moments, at: index * outPitch)
        }
        let y = y0 + j
        let mask =
          inputLayout.start(row: y - tile.input.y.lowerBound, slot: slots.center) + pitch
          + (tile.gradient.x.lowerBound - tile.input.x.lowerBound)
        solve(
          moments.span, mask: input, from: mask, into: &band,
          at: layout.start(row: y - lines.lowerBound, slot: slots.target))
      }
    }
  }

  private func filterPlane(
    _ plane: inout [Float], _ input: Span<Float>, _ offsets: [Int], _ taps: Taps, at start: Int
  ) {
    var target = plane.mutableSpan
    RowKernels.columns(
      input, offsets: offsets.span, taps: taps, outputs: 1, width: tile.input.x.count,
      into: &target, at: start, stride: 0)
  }

  private func filterLines(
    _ plane: [Float], offsets: [Int], taps: Taps, outputs: Int, margins: RowMargins,
    into rows: inout [Float], at start: Int
  ) {
    let width = tile.input.x.count
    let padded = margins.pitch(for: width)
    var target = rows.mutableSpan
    RowKernels.columns(
      plane.span, offsets: offsets.span, taps: taps, outputs: outputs, width: width, into: &target,
      at: start + margins.left, stride: padded)
    for j in 0..<outputs { margins.clear(&target, at: start + j * padded, width: width) }
  }

  private func filterPoints(
    _ rows: [Float], at row: Int, taps: Taps, into moments: inout [Float], at start: Int
  ) {
    var target = moments.mutableSpan
    RowKernels.row(
      rows.span, at: row, taps: taps, width: tile.gradient.x.count, into: &target, at: start)
  }

  private func moment(_ power: Int, _ axis: TensorKernels.AxisKernels) -> Taps {
    power == 0 ? axis.smooth : power == 1 ? axis.first : axis.second
  }

  private func solve(
    _ moments: Span<Float>, mask: Span<Float>, from maskStart: Int,
    into band: inout MutableSpan<Float>, at start: Int
  ) {
    let pitch = layout.pitch
    let single = (x: shape.x == 1, y: shape.y == 1, z: shape.z == 1)
    for i in 0..<tile.gradient.x.count {
      let weight = mask[maskStart + i]
      var slope = SIMD3<Double>.zero
      if weight > 0 {
        func value(_ index: Int) -> Double { Double(moments[index * pitch + i]) }
        slope = WeightedPlane(
          grey: (value(0), SIMD3(value(1), value(2), value(3))),
          mask: (value(4), SIMD3(value(5), value(6), value(7))),
          squares: SIMD3(value(8), value(9), value(10)),
          products: SIMD3(value(11), value(12), value(13))
        ).slope(sigma: sigma, single: single)
      }
      band[start + i] = Float(slope.x)
      band[start + pitch + i] = Float(slope.y)
      band[start + 2 * pitch + i] = Float(slope.z)
      band[start + 3 * pitch + i] = weight
    }
  }
}

extension RowMargins {
  /// Sets the margins of the row that begins at `start + left` to zero, and whatever stands between
  /// its last value and the right margin.
  func clear(_ rows: inout MutableSpan<Float>, at start: Int, width: Int) {
    for i in 0..<left { rows[start + i] = 0 }
    for i in (left + width)..<pitch(for: width) { rows[start + i] = 0 }
  }
}

/// The plane that fits weighted grey values best.
private struct WeightedPlane {
  let grey: (sum: Double, first: SIMD3<Double>)
  let mask: (sum: Double, first: SIMD3<Double>)
  /// Second moments of the mask: xx, yy, zz.
  let squares: SIMD3<Double>
  /// Second moments of the mask: xy, xz, yz.
  let products: SIMD3<Double>

  /// Its slope per micrometre; zero where the mask does not span space around the voxel, and where
  /// the slope lies within the rounding of single precision.
  func slope(sigma: Double, single: (x: Bool, y: Bool, z: Bool)) -> SIMD3<Double> {
    let mean = mask.first / mask.sum
    let level = grey.sum / mask.sum
    let right = grey.first / mask.sum - level * mean
    let c = squares / mask.sum - mean * mean
    let xy = products.x / mask.sum - mean.x * mean.y
    let xz = products.y / mask.sum - mean.x * mean.z
    let yz = products.z / mask.sum - mean.y * mean.z
    // LDL' in the order z, y, x; an axis with a single voxel takes no part.
    let least = 0.02 * sigma * sigma
    var dz = c.z
    if single.z { dz = .infinity } else if dz < least { return .zero }
    let lyz = yz / dz
    let lxz = xz / dz
    var dy = c.y - lyz * yz
    if single.y { dy = .infinity } else if dy < least { return .zero }
    let lxy = (xy - lxz * yz) / dy
    let dx = c.x - lxz * xz - lxy * lxy * dy.finiteOrZero
    if !single.x && dx < least { return .zero }
    let ry = right.y - lyz * right.z
    let rx = right.x - lxz * right.z - lxy * ry
    let x = single.x ? 0 : rx / dx
    let y = single.y ? 0 : ry / dy - lxy * x
    let z = single.z ? 0 : right.z / dz - lyz * y - lxz * x
    let slope = SIMD3(x, y, z)
    let noise = 4e-6 * abs(level) / sigma
    return x * x + y * y + z * z < noise * noise ? .zero : slope
  }
}

extension Double {
  fileprivate var finiteOrZero: Double { isFinite ? self : 0 }
}
