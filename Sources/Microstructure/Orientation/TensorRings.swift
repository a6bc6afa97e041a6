import Volumetry

/// The slices that pass through one column: grey values, then gradients, in two rings.
struct TensorRings {
  /// Slices that the rings hold.
  struct Depth {
    let input: Int
    let gradient: Int
    /// Gradient slices that are made at once.
    let batch: Int

    init(slab: Int, options: StructureTensorOptions, kernels: TensorKernels, shape: Shape) {
      let reach = (slab - 1) * options.stride.z + 1 + 2 * kernels.windowHalo.z
      gradient = min(shape.z, reach)
      batch = min(shape.z, max(4, slab))
      input = min(shape.z, batch + 2 * kernels.gradientHalo.z)
    }

    /// The rings of a column: grey values, of which one slot more stays zero and stands for the slices
    /// beyond the volume, and gradients.
    func layouts(of tile: TensorTile, masked: Bool) -> (input: RingLayout, gradient: RingLayout) {
      (
        RingLayout(width: tile.input.x.count, components: masked ? 2 : 1, slots: input + 1),
        RingLayout(width: tile.gradient.x.count, components: masked ? 4 : 3, slots: gradient)
      )
    }
  }

  let reader: TensorReader
  let tile: TensorTile
  let kernels: TensorKernels
  let options: StructureTensorOptions
  let threads: Int
  private let shape: Shape
  private let depth: Depth
  private let inputLayout: RingLayout
  private let layout: RingLayout
  private var input: [Float]
  private var gradients: [Float]
  private var output: [Float] = []
  private var nextInput: Int
  private var nextGradient: Int

  /// - Parameters:
  ///   - first: slice of the first sample.
  init(
    reader: TensorReader, tile: TensorTile, kernels: TensorKernels,
    options: StructureTensorOptions, slab: Int, first: Int, threads: Int
  ) {
    self.reader = reader
    self.tile = tile
    self.kernels = kernels
    self.options = options
    self.threads = threads
    shape = reader.shape
    depth = Depth(slab: slab, options: options, kernels: kernels, shape: shape)
    (inputLayout, layout) = depth.layouts(of: tile, masked: reader.isMasked)
    input = [Float](repeating: 0, count: tile.input.y.count * inputLayout.rowStride)
    // Rows of strips are read up to the next multiple of the lanes.
    gradients = [Float](
      repeating: 0, count: tile.gradient.y.count * layout.rowStride + RowKernels.lanes)
    nextGradient = max(0, first - kernels.windowHalo.z)
    nextInput = max(0, nextGradient - kernels.gradientHalo.z)
  }

  /// The fields of samples in the slices `z`, each sample slice with its five fields one after the
  /// other.
  mutating func samples(at z: [Int], perThread: Int) throws(VoxelithError) -> [Float] {
    guard let first = z.first, let last = z.last else { return [] }
    let radius = kernels.z.window.radius
    nextGradient = max(nextGradient, first - radius)
    let end = min(shape.z, last + radius + 1)
    while nextGradient < end {
      let batch = nextGradient..<min(end, nextGradient + depth.batch)
      try advanceInput(to: batch)
      makeGradients(batch)
      nextGradient = batch.upperBound
    }
    return window(z, perThread: perThread)
  }

  /// Rows of a band, of which each thread gets two: a multiple of those that the filters take at once.
  private func bandHeight(_ rows: Int) -> Int {
    let group = WindowStage.rowGroup
    return max(1, (rows + 2 * threads * group - 1) / (2 * threads * group)) * group
  }

  private mutating func advanceInput(to gradients: Range<Int>) throws(VoxelithError) {
    let radius = kernels.z.smooth.radius
    nextInput = max(nextInput, gradients.lowerBound - radius)
    let fresh = nextInput..<min(shape.z, gradients.upperBound + radius)
    guard !fresh.isEmpty else { return }
    let reader = reader
    let tile = tile
    let slices = try Parallel.map(fresh.count, threads: threads) {
      (index) throws(VoxelithError) in
      try reader.read(slice: fresh.lowerBound + index, tile: tile)
    }
    let capacity = depth.input
    let layout = inputLayout
    let height = bandHeight(tile.input.y.count)
    Parallel.forEachSlab(of: &input, stride: height * layout.rowStride, threads: threads) { band, span in
      let rows = (band * height)..<min(tile.input.y.count, (band + 1) * height)
      for (index, slice) in slices.enumerated() {
        slice.store(
          &span, rows: rows, width: tile.input.x.count, layout: layout,
          slot: (fresh.lowerBound + index) % capacity, less: reader.reference)
      }
    }
    nextInput = fresh.upperBound
  }

  private mutating func makeGradients(_ batch: Range<Int>) {
    let input = input
    let beyondIsZero = reader.masksGradients
    let maskStage = MaskedGradientStage(
      tile: tile, kernels: kernels, shape: shape, sigma: options.sigma, inputLayout: inputLayout,
      layout: layout)
    let stage = GradientStage(
      tile: tile, kernels: kernels, shape: shape, inputLayout: inputLayout, layout: layout)
    let masked = reader.isMasked
    let slots = batch.map { gradientSlots($0) }
    let rows = tile.gradient.y
    let height = bandHeight(rows.count)
    Parallel.forEachSlab(
      of: &gradients, stride: height * layout.rowStride, threads: threads
    ) { band, span in
      let first = rows.lowerBound + band * height
      guard first < rows.upperBound else { return }
      let mine = first..<min(rows.upperBound, first + height)
      for slice in slots {
        if beyondIsZero {
          maskStage.fill(&span, rows: mine, from: input.span, slots: slice)
        } else {
          stage.fill(&span, rows: mine, from: input.span, slots: slice)
          if masked { stage.mask(&span, rows: mine, by: input.span, slots: slice) }
        }
      }
    }
  }

  private func gradientSlots(_ z: Int) -> GradientSlots {
    let radius = kernels.z.smooth.radius
    let reach = (-radius...radius).map { k in
      let from = z + k
      let beyond = from < 0 || from >= shape.z
      return reader.masksGradients && beyond
        ? depth.input : min(max(from, 0), shape.z - 1) % depth.input
    }
    return GradientSlots(target: z % depth.gradient, center: z % depth.input, reach: reach)
  }

  private mutating func window(_ z: [Int], perThread: Int) -> [Float] {
    let stage = WindowStage(
      tile: tile, kernels: kernels, options: options, shape: shape, masked: reader.isMasked,
      layout: layout)
    let capacity = depth.gradient
    let radius = kernels.z.window.radius
    let shape = shape
    let consecutive = options.stride.z == 1
    let gradients = gradients
    func slot(_ z: Int) -> Int { min(max(z, 0), shape.z - 1) % capacity }
    let work = Swift.stride(from: 0, to: z.count, by: perThread).map { start in
      let mine = Array(z[start..<min(z.count, start + perThread)])
      let reach = { (z: Int, count: Int) in (0..<(count + 2 * radius)).map { slot(z + $0 - radius) } }
      return (
        slots: consecutive ? [reach(mine[0], mine.count)] : mine.map { reach($0, 1) },
        centers: mine.map(slot)
      )
    }
    let slice = WindowStage.fields * tile.sampleArea
    if output.count != z.count * slice { output = [Float](repeating: 0, count: z.count * slice) }
    Parallel.forEachSlab(of: &output, stride: perThread * slice, threads: threads) { item, span in
      stage.fill(
        &span, from: gradients.span, slots: work[item].slots, centers: work[item].centers)
    }
    return output
  }
}
