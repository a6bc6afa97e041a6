import Volumetry

/// A column of the volume: a piece of the y-x plane, with the wider pieces that its windows and
/// gradients need, and the rings of slices that pass through it.
struct TensorTile: Sendable {
  /// Samples of the answer: indices on the output grid.
  let samples: (y: Range<Int>, x: Range<Int>)
  /// Voxels whose gradients the windows of the samples reach, cut at the border of the volume.
  let gradient: (y: Range<Int>, x: Range<Int>)
  /// Voxels that these gradients reach, cut likewise.
  let input: (y: Range<Int>, x: Range<Int>)

  init(
    samples: (y: Range<Int>, x: Range<Int>), options: StructureTensorOptions,
    kernels: TensorKernels, shape: Shape
  ) {
    func reach(_ samples: Range<Int>, _ axis: Axis, _ halo: Int) -> Range<Int> {
      let first = options.offset(along: axis) + samples.lowerBound * options.stride[axis]
      let last = options.offset(along: axis) + (samples.upperBound - 1) * options.stride[axis]
      return max(0, first - halo)..<min(shape[axis], last + 1 + halo)
    }
    func grow(_ range: Range<Int>, _ axis: Axis, _ halo: Int) -> Range<Int> {
      max(0, range.lowerBound - halo)..<min(shape[axis], range.upperBound + halo)
    }
    let window = kernels.windowHalo
    let slope = kernels.gradientHalo
    self.samples = samples
    gradient = (reach(samples.y, .y, window.y), reach(samples.x, .x, window.x))
    input = (grow(gradient.y, .y, slope.y), grow(gradient.x, .x, slope.x))
  }

  /// Room of a row of products in a strip.
  var gradientPitch: Int { RowKernels.pitch(gradient.x.count) }
  var sampleArea: Int { samples.y.count * samples.x.count }

  /// The tile cut along x into strips whose rows of products, one for each tap along y, stay in the
  /// cache. The columns between strips are computed twice; strips are wide beside them.
  func strips(
    options: StructureTensorOptions, kernels: TensorKernels, shape: Shape
  ) -> [TensorTile] {
    let width = max(256, 16 * kernels.windowHalo.x)
    let count = max(1, gradient.x.count / width)
    let step = (samples.x.count + count - 1) / count
    return stride(from: samples.x.lowerBound, to: samples.x.upperBound, by: step).map { start in
      TensorTile(
        samples: (samples.y, start..<min(samples.x.upperBound, start + step)), options: options,
        kernels: kernels, shape: shape)
    }
  }
}

/// How the answer is cut into columns and slabs so that it fits a memory budget. The cut changes
/// speed and memory only.
struct TensorPlan: Sendable {
  /// Slices of the answer that one thread computes at once; the column filters serve eight.
  let slicesPerThread: Int
  /// Slices of the answer that are computed together.
  let slab: Int
  /// Slices of the answer after which a column ends, where there are several columns.
  let columnHeight: Int
  let tiles: [TensorTile]
  let peakBytes: Int

  /// - Throws: `usage` where not even one row of samples fits the budget.
  init(
    shape: Shape, options: StructureTensorOptions, kernels: TensorKernels, masked: Bool,
    resources: Resources
  ) throws(VoxelithError) {
    let output = Shape(
      z: options.sampleCount(along: .z, of: shape), y: options.sampleCount(along: .y, of: shape),
      x: options.sampleCount(along: .x, of: shape))
    let threads = resources.threads
    func tile(_ y: Range<Int>, _ x: Range<Int>) -> TensorTile {
      TensorTile(samples: (y, x), options: options, kernels: kernels, shape: shape)
    }
    func bytes(_ each: Int, _ y: Int, _ x: Int) -> Int {
      let inner = min(output.y - y, max(0, (output.y - y) / 2))
      let side = min(output.x - x, max(0, (output.x - x) / 2))
      let piece = tile(inner..<(inner + y), side..<(side + x))
      let slab = min(output.z, each * threads)
      let depth = TensorRings.Depth(slab: slab, options: options, kernels: kernels, shape: shape)
      let (input, gradient) = depth.layouts(of: piece, masked: masked)
      let rings =
        piece.input.y.count * input.rowStride + piece.gradient.y.count * gradient.rowStride
      let strips = piece.strips(options: options, kernels: kernels, shape: shape)
      let pitch = strips.map(\.gradientPitch).max() ?? piece.gradientPitch
      let rows = (WindowStage.rowGroup + 2 * kernels.windowHalo.y) * each * 6 * pitch
      let moments = (WindowStage.rowGroup + 2 * kernels.gradientHalo.y) * 9 * input.pitch
      let fresh = 2 * min(depth.input, depth.batch) * piece.input.y.count * piece.input.x.count
      return 4
        * (rings + fresh + threads * (rows + moments)
          + (WindowStage.fields + OrientationSlab.copies) * slab * piece.sampleArea)
    }
    var each = options.stride.z == 1 ? 8 : 4
    var y = output.y
    var x = output.x
    while each > 1 && bytes(each, y, x) > resources.arrayMemory { each /= 2 }
    let mayCut = min(y, x) > 1 && bytes(each, y, x) > resources.arrayMemory
    if mayCut { each = min(8, max(1, output.z)) }
    while bytes(each, y, x) > resources.arrayMemory {
      let row = kernels.windowHalo.y / options.stride.y
      if y > max(8, row) || (y > 1 && x <= 32) {
        y = (y + 1) / 2
      } else if x > 32 {
        x = (x + 1) / 2
      } else if each > 1 {
        each /= 2
      } else if y > 1 {
        y = (y + 1) / 2
      } else {
        throw VoxelithError(
          .usage,
          "the structure tensor needs at least \(bytes(each, y, x) / 1_000_000 + 1) MB here",
          advice: "raise --memory or lower sigma and rho")
      }
    }
    var tiles: [TensorTile] = []
    for y0 in Swift.stride(from: 0, to: output.y, by: y) {
      for x0 in Swift.stride(from: 0, to: output.x, by: x) {
        tiles.append(tile(y0..<min(output.y, y0 + y), x0..<min(output.x, x0 + x)))
      }
    }
    self.tiles = tiles
    slicesPerThread = each
    slab = min(output.z, each * threads)
    columnHeight = tiles.count == 1 ? output.z : max(slab, 64)
    peakBytes = bytes(each, y, x)
  }
}
