/// A view of a volume smoothed by a Gaussian, of which only the box that is asked for is in memory.
///
/// The values are bit for bit those of ``SeparableFilter/gaussian(_:shape:sigma:truncate:threads:)`` of the whole volume.
/// A box costs reading it with the reach of the kernel around it, so thick boxes are cheaper a voxel than thin ones.
public struct SmoothedSource: VolumeSource {
  private let source: any VolumeSource
  /// Along x, y and z; nil where nothing is smoothed.
  private let kernels: [Kernel?]
  private let threads: Int

  /// Slices that are read at once.
  private static let depth = 8

  /// - Parameters:
  ///   - sigma: standard deviations in voxels along x, y and z; zero leaves an axis as it is.
  ///   - threads: used within one box.
  public init(
    _ source: any VolumeSource, sigma: SIMD3<Double>, truncate: Double = 4,
    threads: Int = Parallel.availableThreads
  ) {
    self.source = source
    kernels = (0..<3).map { sigma[$0] > 0 ? .gaussian(sigma: sigma[$0], truncate: truncate) : nil }
    self.threads = threads
  }

  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { .float32 }
  public var name: String { source.name }
  /// As thick as the kernel, since thinner boxes are read several times over.
  public var chunkShape: Shape {
    var shape = source.chunkShape
    shape.z = max(shape.z, min(grid.shape.z, 2 * reach(2)))
    return shape
  }

  private func reach(_ axis: Int) -> Int { kernels[axis]?.radius ?? 0 }

  /// - Throws: `data` where a voxel in reach is missing, and what reading throws.
  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let wide = region.grown(by: Shape(z: 0, y: reach(1), x: reach(0)), within: grid.shape)
    var values = try alongZ(wide)
    if let kernel = kernels[1] {
      values = SeparableFilter.convolve(values, shape: wide.shape, along: .y, with: kernel, threads: threads)
    }
    if let kernel = kernels[0] {
      values = SeparableFilter.convolve(values, shape: wide.shape, along: .x, with: kernel, threads: threads)
    }
    guard wide != region else { return .float32(values) }
    let whole = Volume(grid: grid.cropped(to: wide), voxels: values)
    return .float32(whole.crop(region.relative(to: wide)))
  }

  /// A box smoothed along z: slices come in order, and each is added to all that it reaches.
  private func alongZ(_ region: Region) throws(VoxelithError) -> [Float] {
    guard let kernel = kernels[2] else { return try present(region) }
    let slice = region.shape.y * region.shape.x
    var sums = [Float](repeating: 0, count: region.count)
    let needed = region.grown(by: Shape(z: kernel.radius, y: 0, x: 0), within: grid.shape).z
    for start in stride(from: needed.lowerBound, to: needed.upperBound, by: Self.depth) {
      let piece = start..<min(start + Self.depth, needed.upperBound)
      var box = region
      box.lower.z = piece.lowerBound
      box.shape.z = piece.count
      let values = try present(box)
      Parallel.forEachSlab(of: &sums, stride: slice, threads: threads) { z, sum in
        let row = values.span
        for k in kernel.weights.indices {
          let from = min(max(region.lower.z + z + k - kernel.radius, 0), grid.shape.z - 1)
          guard piece.contains(from) else { continue }
          addRow(
            row, at: (from - piece.lowerBound) * slice, weight: kernel.weights[k], into: &sum, at: 0,
            count: slice)
        }
      }
    }
    return sums
  }

  private func present(_ region: Region) throws(VoxelithError) -> [Float] {
    let values = try source.readFloats(region)
    guard !values.contains(where: \.isNaN) else {
      throw VoxelithError(.data, "has missing voxels, which cannot be smoothed", file: name)
    }
    return values
  }
}

/// Adds a weighted row of one array to a row of another.
private func addRow(
  _ source: Span<Float>, at from: Int, weight: Float, into output: inout MutableSpan<Float>,
  at start: Int, count: Int
) {
  let row = source.extracting(from..<(from + count))
  var target = output._mutatingExtracting(start..<(start + count))
  for i in row.indices { target[i] += weight * row[i] }
}
