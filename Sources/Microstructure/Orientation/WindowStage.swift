import Volumetry

/// Smooths the products of the gradients where samples are wanted and decomposes the tensors.
///
/// The window weights gradients by the mask, and weights of zero mean gradients of zero. The
/// normaliser (the smoothed mask) is a common factor of the six components, which neither the
/// directions nor the ratios of eigenvalues see; so it is not computed.
struct WindowStage: Sendable {
  /// Rows that a column filter serves at once.
  static let rowGroup = 16
  /// Fields of the answer: x, y, z, linearity, planarity.
  static let fields = 5

  let tile: TensorTile
  /// The part of the tile's columns that is worked on at once.
  private(set) var strip: TensorTile
  let kernels: TensorKernels
  let options: StructureTensorOptions
  let shape: Shape
  let masked: Bool
  let layout: RingLayout
  private let flat: FlatTensor?

  init(
    tile: TensorTile, kernels: TensorKernels, options: StructureTensorOptions, shape: Shape,
    masked: Bool, layout: RingLayout
  ) {
    self.tile = tile
    strip = tile
    self.kernels = kernels
    self.options = options
    self.shape = shape
    self.masked = masked
    self.layout = layout
    flat = FlatTensor(shape, wantsNormal: options.direction == .normal)
  }

  /// Fills consecutive slices of samples, each with the five fields one after the other.
  ///
  /// - Parameters:
  ///   - slots: slots of the slices that the windows reach, one list of taps for
  ///     all slices (their samples one voxel apart), or one list for each.
  ///   - centers: slot of the slice of each sample.
  func fill(
    _ output: inout MutableSpan<Float>, from gradients: Span<Float>, slots: [[Int]], centers: [Int]
  ) {
    for strip in tile.strips(options: options, kernels: kernels, shape: shape) {
      var stage = self
      stage.strip = strip
      stage.fillStrip(&output, from: gradients, slots: slots, centers: centers)
    }
  }

  private func fillStrip(
    _ output: inout MutableSpan<Float>, from gradients: Span<Float>, slots: [[Int]], centers: [Int]
  ) {
    let slices = centers.count
    let ry = kernels.y.window.radius
    let pitch = strip.gradientPitch
    let indent = strip.gradient.x.lowerBound - tile.gradient.x.lowerBound
    let group = options.stride.y == 1 ? Self.rowGroup : 1
    let capacity = group + 2 * ry
    let rowStride = RowKernels.spread(slices * 6 * pitch, lines: 1)
    var ring = [Float](repeating: 0, count: capacity * rowStride)
    var scratch = Scratch(stage: self, group: group)
    var next = tile.gradient.y.lowerBound
    for s0 in stride(from: 0, to: tile.samples.y.count, by: group) {
      let count = min(group, tile.samples.y.count - s0)
      let y0 = options.offset(along: .y) + (tile.samples.y.lowerBound + s0) * options.stride.y
      next = max(next, y0 - ry)
      let last = min(shape.y - 1, y0 + count - 1 + ry)
      while next <= last {
        let row = next - tile.gradient.y.lowerBound
        var target = ring.mutableSpan
        for (index, list) in slots.enumerated() {
          let offsets = list.map { layout.start(row: row, slot: $0) + indent }
          RowKernels.products(
            gradients, offsets: offsets.span, componentStride: layout.pitch,
            taps: kernels.z.window, outputs: slots.count == 1 ? slices : 1,
            width: strip.gradient.x.count, into: &target,
            at: (next % capacity) * rowStride + index * 6 * pitch, stride: 6 * pitch,
            outputComponentStride: pitch)
        }
        next += 1
      }
      let rows = (0..<(count + 2 * ry)).map { r in
        min(max(y0 + r - ry, 0), shape.y - 1) % capacity * rowStride
      }
      for slice in 0..<slices {
        scratch.filter(ring.span, rows: rows.map { $0 + slice * 6 * pitch }, count: count)
        for j in 0..<count {
          scratch.decompose(row: j)
          let start =
            slice * Self.fields * tile.sampleArea + (s0 + j) * tile.samples.x.count
            + strip.samples.x.lowerBound - tile.samples.x.lowerBound
          scratch.store(&output, at: start)
          if masked && !options.fillsOutsideMask {
            let line = layout.start(row: y0 + j - tile.gradient.y.lowerBound, slot: centers[slice])
            clearOutsideMask(
              &output, at: start, mask: gradients, from: line + 3 * layout.pitch + indent)
          }
        }
      }
    }
  }

  fileprivate func filterLines(
    _ ring: Span<Float>, offsets: [Int], outputs: Int, margins: RowMargins,
    into rows: inout [Float], at start: Int
  ) {
    let width = strip.gradient.x.count
    let padded = margins.pitch(for: width)
    var target = rows.mutableSpan
    RowKernels.columns(
      ring, offsets: offsets.span, taps: kernels.y.window, outputs: outputs, width: width,
      into: &target, at: start + margins.left, stride: padded)
    for j in 0..<outputs { margins.fill(&target, at: start + j * padded, width: width) }
  }

  fileprivate func filterPoints(
    _ rows: [Float], at row: Int, into tensors: inout [Float], at start: Int
  ) {
    var target = tensors.mutableSpan
    RowKernels.row(
      rows.span, at: row, taps: kernels.x.window, width: strip.samples.x.count,
      step: options.stride.x, into: &target, at: start)
  }

  /// - Parameter tensors: a row; see ``FlatTensor`` for what happens to it in a single slice.
  fileprivate func decompose(_ tensors: inout [Float], stride: Int, into answer: inout [Float]) {
    if let flat { flat.complete(&tensors, stride: stride, width: strip.samples.x.count) }
    var target = answer.mutableSpan
    RowKernels.eigen(
      tensors.span, stride: stride, width: strip.samples.x.count,
      largest: options.direction == .normal, into: &target)
  }

  private func clearOutsideMask(
    _ output: inout MutableSpan<Float>, at start: Int, mask: Span<Float>, from line: Int
  ) {
    let first = options.offset(along: .x) + strip.samples.x.lowerBound * options.stride.x
    for i in 0..<strip.samples.x.count
    where mask[line + first + i * options.stride.x - strip.gradient.x.lowerBound] == 0 {
      for field in 0..<Self.fields { output[start + field * tile.sampleArea + i] = .nan }
    }
  }
}

/// Row buffers of one thread.
private struct Scratch {
  let stage: WindowStage
  let group: Int
  let margins: RowMargins
  let padded: Int
  let pitch: Int
  var rows: [Float]
  var tensors: [Float]
  var answer: [Float]

  init(stage: WindowStage, group: Int) {
    let tile = stage.strip
    let options = stage.options
    let first = options.offset(along: .x) + stage.strip.samples.x.lowerBound * options.stride.x
    let last = first + (tile.samples.x.count - 1) * options.stride.x
    self.stage = stage
    self.group = group
    margins = RowMargins(
      inner: first..<(last + 1), outer: tile.gradient.x, radius: stage.kernels.x.window.radius)
    padded = margins.pitch(for: tile.gradient.x.count)
    pitch = RowKernels.pitch(tile.samples.x.count)
    let slack = margins.slack(stage.kernels.x.window)
    rows = [Float](repeating: 0, count: 6 * group * padded + slack)
    tensors = [Float](repeating: 0, count: 6 * pitch)
    answer = [Float](repeating: 0, count: WindowStage.fields * pitch)
  }

  /// Windows along y: `count` rows of the six components.
  mutating func filter(_ ring: Span<Float>, rows offsets: [Int], count: Int) {
    for component in 0..<6 {
      let shifted = offsets.map { $0 + component * stage.strip.gradientPitch }
      stage.filterLines(
        ring, offsets: shifted, outputs: count, margins: margins, into: &rows,
        at: component * group * padded)
    }
  }

  /// Window along x and eigen decomposition of one row.
  mutating func decompose(row: Int) {
    for component in 0..<6 {
      stage.filterPoints(
        rows, at: (component * group + row) * padded, into: &tensors, at: component * pitch)
    }
    stage.decompose(&tensors, stride: pitch, into: &answer)
  }

  func store(_ output: inout MutableSpan<Float>, at start: Int) {
    for field in 0..<WindowStage.fields {
      RowKernels.copy(
        answer.span, at: field * pitch, count: stage.strip.samples.x.count, into: &output,
        at: start + field * stage.tile.sampleArea)
    }
  }
}
