public import Volumetry

/// What the coarse instrument sees of a fine volume: means over its voxels and its point spread, of phases,
/// scalars and tensors, on the coarse (fixed) grid.
///
/// The fine volume is streamed in slabs. Every fine voxel is dropped into a cell of a lattice that divides
/// the coarse voxels along the FIXED axes, so that an anisotropic point spread needs no turning; cells are
/// then blurred and averaged. The answer for a coarse voxel does not depend on blocks or threads.
public struct FieldProjection: Sendable {
  /// The coarse grid.
  public let target: Grid
  /// From coarse (fixed) to fine (moving) points.
  public let transform: SpatialTransform
  public let spread: PointSpread
  /// Part of a voxel's kernel that must lie on voxels with values, below which the result is NaN.
  public var minimumCoverage = 0.5
  /// The same for means over some phases or over fields with gaps, which may fill little of a voxel.
  public var minimumShare = 0.05

  /// - Throws: `data` where the grid is unusable or its voxel size is unknown.
  public init(onto target: Grid, through transform: SpatialTransform, spread: PointSpread = .none)
    throws(VoxelithError)
  {
    try target.validate()
    try target.requireSpacing("the coarse grid")
    self.target = target
    self.transform = transform
    self.spread = spread
  }

  /// Fraction of each phase in every coarse voxel. Labels that are not listed count as none of them but
  /// belong to the whole; what lies outside the fine volume does not.
  ///
  /// - Throws: `usage` for an empty list or a label twice, `data` where nothing overlaps.
  public func phaseFractions(
    of labels: any VolumeSource, phases: [Int], resources: Resources = Resources()
  ) throws(VoxelithError) -> [Volume<Float>] {
    try phaseFractionsAndCoverage(of: labels, phases: phases, resources: resources).fractions
  }

  /// The same with the part of each voxel's kernel that the fine volume covers, from 0 to 1.
  ///
  /// - Throws: `usage` for an empty list or a label twice, `data` where nothing overlaps.
  public func phaseFractionsAndCoverage(
    of labels: any VolumeSource, phases: [Int], resources: Resources = Resources()
  ) throws(VoxelithError) -> (fractions: [Volume<Float>], coverage: Volume<Float>) {
    try PhaseAverages.check(phases)
    let all = try project(
      from: labels.grid, name: labels.name, channels: phases.count, isClasses: true,
      coverage: minimumCoverage, resources: resources
    ) { (box) throws(VoxelithError) in
      .classes(PhaseAverages.classes(of: try labels.readLabels(box), phases: phases))
    }
    return (Array(all.dropLast()), all[phases.count])
  }

  /// Mean of each source in every coarse voxel, over voxels that are not NaN and, where `labels` is given,
  /// belong to one of `phases` (local thickness of the pores, for instance).
  ///
  /// - Throws: `data` where the grids of the sources differ or nothing overlaps.
  public func means(
    of sources: [any VolumeSource], within labels: (any VolumeSource)? = nil, phases: Set<Int> = [],
    resources: Resources = Resources()
  ) throws(VoxelithError) -> [Volume<Float>] {
    guard !sources.isEmpty else { return [] }
    return try meansAndCoverage(of: sources, within: labels, phases: phases, resources: resources).means
  }

  /// The same with the part of each voxel's kernel, from 0 to 1, on which the last source has values.
  ///
  /// - Throws: `usage` without a source, `data` where the grids of the sources differ or nothing overlaps.
  public func meansAndCoverage(
    of sources: [any VolumeSource], within labels: (any VolumeSource)? = nil, phases: Set<Int> = [],
    resources: Resources = Resources()
  ) throws(VoxelithError) -> (means: [Volume<Float>], coverage: Volume<Float>) {
    guard let first = sources.first else {
      throw VoxelithError(.usage, "there is no field to project")
    }
    for source in sources + [labels].compactMap({ $0 }) where source.grid != first.grid {
      throw VoxelithError(
        .data, "the grids of \(first.name) and \(source.name) differ", file: source.name,
        advice: "all fields must lie on one grid")
    }
    let all = try project(
      from: first.grid, name: first.name, channels: sources.count, coverage: minimumShare,
      resources: resources
    ) { (box) throws(VoxelithError) in
      let mask = try labels?.readLabels(box).map { phases.contains(Int($0)) }
      var channels: [[Float]] = []
      for source in sources {
        var values = try source.readFloats(box)
        if let mask { for i in values.indices where !mask[i] { values[i] = .nan } }
        channels.append(values)
      }
      return .values(channels)
    }
    return (Array(all.dropLast()), all[sources.count])
  }

  /// Coarse means of `channels` quantities that `read` makes of a box of the fine grid (NaN is missing), and the
  /// covered part of every voxel after them.
  func project(
    from fine: Grid, name: String, channels: Int, isClasses: Bool = false, coverage least: Double,
    resources: Resources, read: @escaping @Sendable (Region) throws(VoxelithError) -> FinePiece
  ) throws(VoxelithError) -> [Volume<Float>] {
    try fine.validate(file: name)
    try fine.requireSpacing(name)
    let lattice = CellLattice(target: target, fine: fine, transform: transform, sigma: spread.sigma)
    let back = try transform.inverted()
    let plan = try BlockPlan(
      shape: target.shape, halo: lattice.halo,
      bytesPerVoxel: lattice.division.count * channels * 8 * 2 + 64, memory: resources.memory,
      inFlight: resources.threads + 1, minimumBlocks: 2 * resources.threads)
    var results = [Volume<Float>](repeating: Volume(grid: target, repeating: .nan), count: channels + 1)
    let slab = max(
      1, min(16, resources.memory / 8 / max(1, fine.shape.x * fine.shape.y * (channels + 1) * 4)))
    try BlockStream.run(plan.blocks, stage: "project", resources: resources) {
      (block) throws(VoxelithError) -> [[Float]] in
      var cells = CellSums(
        lattice: lattice, core: block.core, channels: channels, isClasses: isClasses)
      let map = VoxelMap(from: cells.grid, through: transform, to: fine)
      let whole = Region(whole: cells.grid.shape)
      guard let box = map.footprint(of: whole, margin: 0.5, support: 1, in: fine.shape) else {
        let nothing = [Float](repeating: .nan, count: block.core.count)
        return [[Float]](repeating: nothing, count: channels)
          + [[Float](repeating: 0, count: block.core.count)]
      }
      for z in stride(from: box.z.lowerBound, to: box.z.upperBound, by: slab) {
        let piece = Region(
          lower: Shape(z: z, y: box.lower.y, x: box.lower.x),
          shape: Shape(z: min(slab, box.z.upperBound - z), y: box.shape.y, x: box.shape.x))
        cells.add(try read(piece), piece: piece, fine: fine, back: back)
      }
      return cells.means(core: block.core, minimumCoverage: least)
    } consume: { (block, values) throws(VoxelithError) in
      for channel in 0...channels { results[channel].paste(values[channel], into: block.core) }
    }
    guard results.dropLast().contains(where: { $0.voxels.contains { !$0.isNaN } }) else {
      throw VoxelithError(
        .data, "no voxel of the coarse grid is covered by the volume", file: name,
        advice: "check the transform, the voxel sizes and the origins")
    }
    return results
  }
}
