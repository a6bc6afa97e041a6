import Volumetry

/// Gradients of the slices of a column: Gaussian derivatives along x, y, z per micrometre.
struct GradientStage: Sendable {
  let tile: TensorTile
  let kernels: TensorKernels
  let shape: Shape
  let inputLayout: RingLayout
  let layout: RingLayout

  /// Fills the components x, y, z of a slice in a band of rows of the ring of gradients.
  func fill(
    _ band: inout MutableSpan<Float>, rows lines: Range<Int>, from input: Span<Float>,
    slots: GradientSlots
  ) {
    let ry = kernels.y.smooth.radius
    let rx = kernels.x.smooth.radius
    let group = WindowStage.rowGroup
    let capacity = group + 2 * ry
    let pitch = inputLayout.pitch
    let margins = RowMargins(inner: tile.gradient.x, outer: tile.input.x, radius: rx)
    var smoothed = [Float](repeating: 0, count: capacity * pitch)
    var sloped = smoothed
    let padded = margins.pitch(for: tile.input.x.count)
    var rows = [Float](repeating: 0, count: 3 * group * padded + margins.slack(kernels.x.smooth))
    var next = max(tile.input.y.lowerBound, lines.lowerBound - ry)
    for y0 in stride(from: lines.lowerBound, to: lines.upperBound, by: group) {
      let count = min(group, lines.upperBound - y0)
      let last = min(shape.y - 1, y0 + count - 1 + ry)
      while next <= last {
        let row = next - tile.input.y.lowerBound
        let offsets = slots.reach.map { inputLayout.start(row: row, slot: $0) }
        var a = smoothed.mutableSpan
        var b = sloped.mutableSpan
        RowKernels.columnPair(
          input, offsets: offsets.span, kernels.z.smooth, kernels.z.slope,
          width: tile.input.x.count, into: &a, &b, at: (next % capacity) * pitch)
        next += 1
      }
      let offsets = (0..<(count + 2 * ry)).map { r in
        min(max(y0 + r - ry, 0), shape.y - 1) % capacity * pitch
      }
      let parts = [
        (false, kernels.y.smooth), (false, kernels.y.slope), (true, kernels.y.smooth),
      ]
      for (part, (usesSlope, taps)) in parts.enumerated() {
        filterLines(
          usesSlope ? sloped : smoothed, offsets: offsets, taps: taps, outputs: count,
          margins: margins, into: &rows, at: part * group * padded)
        for j in 0..<count {
          let start = (part * group + j) * padded
          RowKernels.row(
            rows.span, at: start, taps: part == 0 ? kernels.x.slope : kernels.x.smooth,
            width: tile.gradient.x.count, into: &band,
            at: layout.start(row: y0 + j - lines.lowerBound, slot: slots.target)
              + part * layout.pitch)
        }
      }
    }
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
    for j in 0..<outputs { margins.fill(&target, at: start + j * padded, width: width) }
  }

  /// Writes the mask beside the gradients and takes those outside it away.
  func mask(
    _ band: inout MutableSpan<Float>, rows: Range<Int>, by input: Span<Float>, slots: GradientSlots
  ) {
    for y in rows {
      let line = layout.start(row: y - rows.lowerBound, slot: slots.target)
      let source =
        inputLayout.start(row: y - tile.input.y.lowerBound, slot: slots.center) + inputLayout.pitch
        + tile.gradient.x.lowerBound - tile.input.x.lowerBound
      for i in 0..<tile.gradient.x.count {
        let weight = input[source + i]
        for component in 0..<3 { band[line + component * layout.pitch + i] *= weight }
        band[line + 3 * layout.pitch + i] = weight
      }
    }
  }
}

/// Room beside a row for the border value that is repeated beyond the volume.
struct RowMargins: Sendable {
  let left: Int
  let right: Int

  /// - Parameters:
  ///   - inner: columns that the filtered row answers for.
  ///   - outer: columns that the row holds: `inner` grown by the radius and cut at the volume.
  init(inner: Range<Int>, outer: Range<Int>, radius: Int) {
    left = max(0, radius - (inner.lowerBound - outer.lowerBound))
    right = max(0, radius - (outer.upperBound - inner.upperBound))
  }

  func pitch(for width: Int) -> Int { left + RowKernels.pitch(width) + right }
  /// Elements that a row filter may read beyond the last row.
  func slack(_ taps: Taps) -> Int { taps.count + 2 * RowKernels.lanes }

  /// Repeats the first and the last value of the row that begins at `start + left`.
  func fill(_ rows: inout MutableSpan<Float>, at start: Int, width: Int) {
    let first = rows[start + left]
    let last = rows[start + left + width - 1]
    for i in 0..<left { rows[start + i] = first }
    for i in 0..<right { rows[start + left + width + i] = last }
  }
}
