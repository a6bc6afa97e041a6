public import Volumetry

/// Orientation of structures from the structure tensor of grey values.
///
/// At each voxel the gradient g is taken by Gaussian derivatives of width sigma, and the tensor
/// S = window(g g') by a Gaussian window of width rho. Its eigenvector of the smallest eigenvalue is
/// the axis of a fibre or pore, that of the largest the normal of a layer (J. Weickert, Anisotropic
/// Diffusion in Image Processing, 1998). All widths and derivatives are in micrometres, so voxels
/// need not be cubes. Beyond the border the nearest voxel is repeated; with a sample mask, what lies
/// beyond counts as outside it.
///
/// Slices pass through two rings in memory (grey values, gradients); the products of gradients live
/// only in the rows of the z filter. The bits of the answer do not depend on memory, threads or
/// processor.
public struct StructureTensor: Sendable {
  public let source: any VolumeSource
  public let mask: (any VolumeSource)?
  public let options: StructureTensorOptions
  /// Grid of the answer.
  public let outputGrid: Grid
  private let reader: TensorReader
  private let kernels: TensorKernels

  /// - Parameters:
  ///   - mask: voxels above zero belong to it; its shape is that of the volume.
  /// - Throws: `usage` for options that make no sense on this grid, `data` for a mask of another
  ///   shape or a phase mask on a volume with missing voxels, and what reading throws.
  public init(
    source: any VolumeSource, mask: (any VolumeSource)? = nil, options: StructureTensorOptions,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    try options.validate(for: source.grid)
    self.source = source
    self.mask = mask
    self.options = options
    outputGrid = options.outputGrid(for: source.grid)
    reader = try TensorReader(
      source: source, mask: mask, role: options.maskRole, resources: resources)
    kernels = TensorKernels(
      spacing: source.grid.spacing, sigma: options.sigma, rho: options.rho,
      truncate: options.truncate)
  }

  /// Bytes that the run will hold at its peak, voxels of the answer in flight included.
  public func peakBytes(resources: Resources) throws(VoxelithError) -> Int {
    try plan(resources).peakBytes
  }

  /// Computes the answer and hands it on box by box, in an order that depends on the memory budget
  /// only: whole slices from first to last, or the pieces of a group of slices where those do not
  /// fit.
  public func run(
    resources: Resources = Resources(),
    consume: (OrientationSlab) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let plan = try plan(resources)
    let depth = outputGrid.shape.z
    let total = depth * plan.tiles.count
    var done = 0
    resources.progress.report("orientation", done: 0, of: total, unit: "slices")
    for top in Swift.stride(from: 0, to: depth, by: plan.columnHeight) {
      let bottom = min(depth, top + plan.columnHeight)
      for tile in plan.tiles {
        var rings = TensorRings(
          reader: reader, tile: tile, kernels: kernels, options: options, slab: plan.slab,
          first: slice(top), threads: resources.threads)
        for start in Swift.stride(from: top, to: bottom, by: plan.slab) {
          try resources.cancellation.check()
          let range = start..<min(bottom, start + plan.slab)
          let values = try rings.samples(at: range.map(slice), perThread: plan.slicesPerThread)
          let region = Region(
            lower: Shape(z: start, y: tile.samples.y.lowerBound, x: tile.samples.x.lowerBound),
            shape: Shape(z: range.count, y: tile.samples.y.count, x: tile.samples.x.count))
          try consume(OrientationSlab(region: region, values: values))
          done += range.count
          resources.progress.report("orientation", done: done, of: total, unit: "slices")
        }
      }
    }
  }

  private func slice(_ sample: Int) -> Int {
    options.offset(along: .z) + sample * options.stride.z
  }

  private func plan(_ resources: Resources) throws(VoxelithError) -> TensorPlan {
    try TensorPlan(
      shape: source.grid.shape, options: options, kernels: kernels, masked: reader.isMasked,
      resources: resources)
  }
}
