import Volumetry

/// Local thickness block by block.
struct ThicknessBlocks {
  let phase: PhaseLabels
  let resources: Resources
  /// Radius of the largest ball in micrometres.
  private let largest: Double

  /// Labels, membership, distances and diameters of a voxel.
  private static let bytesPerVoxel = 24

  /// Finds the largest radius.
  init(_ phase: PhaseLabels, resources: Resources) throws(VoxelithError) {
    self.phase = phase
    self.resources = resources
    largest = try Self.largestRadius(phase, resources)
  }

  private static func fits(_ shape: Shape, _ resources: Resources) -> Bool {
    shape.count * bytesPerVoxel <= resources.arrayMemory
  }

  /// A distance is known where the surroundings reach as far; blocks in which some are longer are taken
  /// again with wider surroundings.
  private static func largestRadius(
    _ phase: PhaseLabels, _ resources: Resources
  ) throws(VoxelithError) -> Double {
    let grid = phase.grid
    // In one block nothing depends on the largest radius.
    if fits(grid.shape, resources) { return 0 }
    let first = 8 * grid.spacing.max()
    let plan = try plan(grid.shape, halo: voxels(first, grid), resources)
    var largest = 0.0
    for block in plan.blocks {
      try resources.cancellation.check()
      // What a block needs with wider surroundings may not fit: its halves then do.
      var cores = [(region: block.core, reach: first)]
      while let (core, reach) = cores.popLast() {
        let region = core.grown(by: voxels(reach, grid), within: grid.shape)
        guard fits(region.shape, resources) else {
          cores += try halves(of: core, needing: region, phase.labels.name).map { ($0, reach) }
          continue
        }
        let radii = try Radii(phase, region, threads: resources.threads)
        let found = radii.largest(in: core)
        if found <= reach || region.shape == grid.shape {
          largest = max(largest, found)
        } else {
          cores.append((core, found.isFinite ? found : 2 * reach))
        }
      }
      resources.progress.report("largest pore", done: block.index + 1, of: plan.blocks.count)
    }
    return largest
  }

  /// - Throws: `usage` where the box is a single voxel.
  private static func halves(
    of core: Region, needing region: Region, _ name: String
  ) throws(VoxelithError) -> [Region] {
    guard let axis = Axis.allCases.max(by: { core.shape[$0] < core.shape[$1] }), core.shape[axis] > 1 else {
      throw VoxelithError(
        .usage,
        "local thickness needs \(region.count * bytesPerVoxel / 1_000_000 + 1) MB for the widest pore",
        file: name, advice: "raise --memory, or crop or bin the volume")
    }
    var (lower, upper) = (core, core)
    lower.shape[axis] = core.shape[axis] / 2
    upper.lower[axis] += lower.shape[axis]
    upper.shape[axis] -= lower.shape[axis]
    return [lower, upper]
  }

  private static func voxels(_ length: Double, _ grid: Grid) -> Shape {
    var result = grid.shape
    for axis in Axis.allCases {
      let steps = (length / grid.spacing(along: axis)).rounded(.up)
      result[axis] = steps < Double(grid.shape[axis]) ? Int(steps) : grid.shape[axis]
    }
    return result
  }

  private static func plan(
    _ shape: Shape, halo: Shape, _ resources: Resources
  ) throws(VoxelithError) -> BlockPlan {
    try BlockPlan(
      shape: shape, halo: halo, bytesPerVoxel: bytesPerVoxel, memory: resources.arrayMemory, inFlight: 1)
  }

  /// Hands on the diameters of box after box.
  func run(
    _ consume: (Region, [Float]) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let grid = phase.grid
    let reach = Self.voxels(largest, grid)
    // Balls from as far as the largest radius, their neighbours, and what bounds those.
    var halo = reach
    for axis in Axis.allCases { halo[axis] = min(grid.shape[axis], 2 * reach[axis] + 1) }
    let plan = try Self.plan(grid.shape, halo: halo, resources)
    resources.progress.report("local thickness", done: 0, of: plan.blocks.count)
    for block in plan.blocks {
      try resources.cancellation.check()
      let radii = try Radii(phase, block.padded, threads: resources.threads)
      let balls = try BallCover(
        radii: radii.values, grid: radii.grid,
        centers: block.core.grown(by: reach, within: grid.shape).relative(to: block.padded),
        threads: resources.threads)
      let diameters = balls.cover(
        radii.isInside, core: block.core.relative(to: block.padded), threads: resources.threads)
      try consume(block.core, diameters)
      resources.progress.report("local thickness", done: block.index + 1, of: plan.blocks.count)
    }
  }
}

/// Distances from the voxels of a box to the nearest voxel of another kind within it.
private struct Radii {
  let region: Region
  let grid: Grid
  let isInside: [Bool]
  private(set) var values: [Float]

  init(_ phase: PhaseLabels, _ region: Region, threads: Int) throws(VoxelithError) {
    self.region = region
    grid = phase.grid.cropped(to: region)
    isInside = try phase.labels.readLabels(region).map { $0 == phase.phase }
    values = DistanceMap.squared(isInside, grid: grid, threads: threads)
    Parallel.forEachSlab(of: &values, stride: region.shape.y * region.shape.x, threads: threads) {
      _, span in
      for i in span.indices { span[i] = span[i].squareRoot() }
    }
  }

  func largest(in core: Region) -> Double {
    let inner = core.relative(to: region)
    var largest: Float = 0
    for z in inner.z {
      for y in inner.y {
        let line = region.shape.index(z: z, y: y, x: 0)
        for x in inner.x { largest = max(largest, values[line + x]) }
      }
    }
    return Double(largest)
  }
}
