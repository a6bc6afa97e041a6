public import Volumetry

/// Local thickness: for each voxel of a phase the diameter of the largest ball that lies in the phase
/// and holds the voxel (T. Hildebrand and P. Ruegsegger, J. Microsc. 185 (1997) 67). Its histogram by
/// volume is the pore size distribution.
///
/// A ball holds the centres that are nearer than the nearest centre outside. Its diameter is twice that
/// distance less half a voxel: a slab of w voxels then measures w - 1/2 or w + 1/2 as its middle falls
/// between voxels or on one, and is right on average.
///
/// The volume is held in memory: 14 bytes a voxel.
public struct LocalThickness: Sendable {
  /// Diameters in micrometres; zero outside the phase.
  public let diameters: Volume<Float>

  /// - Throws: `usage` where the volume does not fit the memory budget, `data` where the phase does
  ///   not exist or fills the whole volume.
  public static func measure(
    _ phase: PhaseLabels, resources: Resources = Resources()
  ) throws(VoxelithError) -> LocalThickness {
    let grid = phase.grid
    let needed = grid.shape.count * 14
    guard needed <= resources.memory else {
      throw VoxelithError(
        .usage, "local thickness of \(grid.shape) voxels needs \(needed / 1_000_000 + 1) MB",
        file: phase.labels.name, advice: "raise --memory, or crop or bin the volume")
    }
    let isInside = try phase.labels.readLabels(Region(whole: grid.shape)).map { $0 == phase.phase }
    guard isInside.contains(true) else {
      throw VoxelithError(
        .data, "no voxel has the label \(phase.phase)", file: phase.labels.name)
    }
    guard isInside.contains(false) else {
      throw VoxelithError(
        .data, "the phase \(phase.phase) fills the volume, so it has no thickness",
        file: phase.labels.name)
    }
    try resources.cancellation.check()
    resources.progress.report("local thickness", done: 0, of: 3, unit: "steps")
    var radii = DistanceMap.squared(isInside, grid: grid, threads: resources.threads)
    let slice = grid.shape.y * grid.shape.x
    Parallel.forEachSlab(of: &radii, stride: slice, threads: resources.threads) { _, span in
      for i in span.indices { span[i] = span[i].squareRoot() }
    }
    resources.progress.report("local thickness", done: 1, of: 3, unit: "steps")
    let balls = try BallCover(radii: radii, grid: grid, threads: resources.threads)
    try resources.cancellation.check()
    resources.progress.report("local thickness", done: 2, of: 3, unit: "steps")
    let diameters = balls.cover(isInside, threads: resources.threads)
    resources.progress.report("local thickness", done: 3, of: 3, unit: "steps")
    return LocalThickness(diameters: Volume(grid: grid, voxels: diameters))
  }

  /// Shares of the phase by volume in bins of one width in micrometres, from zero up.
  public func distribution(binWidth: Double) -> [Double] {
    var counts: [Int] = []
    var total = 0
    for diameter in diameters.voxels where diameter > 0 {
      let bin = Int(Double(diameter) / binWidth)
      while counts.count <= bin { counts.append(0) }
      counts[bin] += 1
      total += 1
    }
    return counts.map { Double($0) / Double(max(1, total)) }
  }

  /// Mean and standard deviation by volume, in micrometres.
  public var moments: Moments {
    var moments = Moments()
    for diameter in diameters.voxels where diameter > 0 { moments.add(Double(diameter)) }
    return moments
  }

  /// Mean diameter in each cell of a coarser grid.
  public func field(cells map: CellMap) -> CellField {
    var sums = [Double](repeating: 0, count: map.count)
    var weights = sums
    let shape = diameters.shape
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let diameter = diameters.voxels[shape.index(z: z, y: y, x: x)]
          guard diameter > 0, let cell = map.cell(z: z, y: y, x: x) else { continue }
          sums[cell] += Double(diameter)
          weights[cell] += 1
        }
      }
    }
    return CellField(grid: map.coarse, sums: sums, weights: weights)
  }
}
