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
  }

  let reader: TensorReader
  let tile: TensorTile
  let kernels: TensorKernels
  let options: StructureTensorOptions
  let threads: Int
  private let shape: Shape
  private let depth: Depth
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
    // The last slot of the grey values stays zero: the slices beyond the volume.
    input = [Float](repeating: 0, count: (depth.input + 1) * reader.components * tile.inputArea)
    // Rows of strips are read up to the next multiple of the lanes.
    gradients = [Float](
      repeating: 0,
      count: depth.gradient * reader.gradientComponents * tile.gradientArea + RowKernels.lanes)
    nextGradient = max(0, first - kernels.windowHalo.z)
    nextInput = max(0, nextGradient - kernels.gradientHalo.z)
  }

  private var inputStride: Int { reader.components * tile.inputArea }
  private var gradientStride: Int { reader.gradientComponents * tile.gradientArea }

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
    Parallel.forEachSlab(of: &input, stride: inputStride, threads: threads) { slot, span in
      guard slot < capacity else { return }
      let index = (slot - fresh.lowerBound % capacity + capacity) % capacity
      if index < fresh.count { slices[index].store(&span, tile: tile) }
    }
    nextInput = fresh.upperBound
  }

  private mutating func makeGradients(_ batch: Range<Int>) {
    let input = input
    let capacity = depth.gradient
    let inputCapacity = depth.input
    let step = inputStride
    let radius = kernels.z.smooth.radius
    let shape = shape
    let beyondIsZero = reader.masksGradients
    let maskStage = MaskedGradientStage(
      tile: tile, kernels: kernels, shape: shape, sigma: options.sigma)
    let stage = GradientStage(tile: tile, kernels: kernels, shape: shape)
    let masked = reader.components == 2
    Parallel.forEachSlab(of: &gradients, stride: gradientStride, threads: threads) { slot, span in
      let index = (slot - batch.lowerBound % capacity + capacity) % capacity
      guard slot < capacity, index < batch.count else { return }
      let z = batch.lowerBound + index
      let slots = (0...(2 * radius)).map { k in
        let from = z + k - radius
        let beyond = from < 0 || from >= shape.z
        if beyondIsZero && beyond { return inputCapacity * step }
        return min(max(from, 0), shape.z - 1) % inputCapacity * step
      }
      let center = z % inputCapacity * step
      if beyondIsZero {
        maskStage.fill(&span, from: input.span, slots: slots, center: center)
      } else {
        stage.fill(&span, from: input.span, slots: slots)
        if masked { stage.mask(&span, by: input.span, from: center + stage.tile.inputArea) }
      }
    }
  }

  private mutating func window(_ z: [Int], perThread: Int) -> [Float] {
    let stage = WindowStage(
      tile: tile, kernels: kernels, options: options, shape: shape, masked: reader.components == 2)
    let capacity = depth.gradient
    let step = gradientStride
    let radius = kernels.z.window.radius
    let shape = shape
    let consecutive = options.stride.z == 1
    let gradients = gradients
    func slot(_ z: Int) -> Int { min(max(z, 0), shape.z - 1) % capacity * step }
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

extension GradientStage {
  /// Writes the mask beside the gradients and takes those outside it away.
  func mask(_ slice: inout MutableSpan<Float>, by input: Span<Float>, from start: Int) {
    for y in tile.gradient.y {
      let line = (y - tile.gradient.y.lowerBound) * tile.gradientPitch
      let source =
        start + (y - tile.input.y.lowerBound) * tile.inputPitch + tile.gradient.x.lowerBound
        - tile.input.x.lowerBound
      for i in 0..<tile.gradient.x.count {
        let weight = input[source + i]
        for component in 0..<3 { slice[line + component * tile.gradientArea + i] *= weight }
        slice[line + 3 * tile.gradientArea + i] = weight
      }
    }
  }
}
