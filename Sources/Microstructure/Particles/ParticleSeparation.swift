public import Volumetry

/// A phase parted into particles (or pores into bodies) where it is narrow.
///
/// Distances to the outside are exact; their peaks are the particles, and a watershed draws the borders between them. Two
/// peaks count as one where the neck between them is nearly as wide as the smaller of both: less than ``Options/relativeDepth`` of its
/// inscribed radius, or ``Options/minimumDepth``, below it. Balls of radius r whose centres lie d apart have a neck of
/// radius sqrt(r^2 - d^2/4), so with the default of 0.1 they are parted from d = 0.87 r on, in the continuum.
///
/// The whole phase is held in memory, at some 29 bytes a voxel: a watershed knows no blocks.
public struct ParticleSeparation: Sendable {
  public struct Options: Sendable, Hashable {
    /// How far the neck must lie below the smaller peak, as a share of the depth of that peak.
    public var relativeDepth = 0.1
    /// The same in micrometres, as a least value; three quarters of the longest side of a voxel where nil.
    public var minimumDepth: Double?

    public init() {}

    /// - Throws: `usage` where a number makes no sense.
    public func validate() throws(VoxelithError) {
      guard relativeDepth >= 0 && relativeDepth < 1 else {
        throw VoxelithError(.usage, "a relative depth of \(relativeDepth) is not within 0 to 1")
      }
      if let minimumDepth, !(minimumDepth > 0 && minimumDepth.isFinite) {
        throw VoxelithError(.usage, "a depth of \(minimumDepth) µm is not positive")
      }
    }
  }

  /// Number of the particle of each voxel, from 1; 0 outside the phase. In the order of their first voxels.
  public let labels: Volume<UInt32>
  /// Radius in micrometres of the largest ball within each particle.
  public let inscribedRadii: [Double]
  /// Distance of each voxel to the outside in micrometres, zero outside.
  let depths: [Float]

  /// Labels, mask, distances twice, order twice, basins.
  static let bytesPerVoxel = 29

  public var count: Int { inscribedRadii.count }

  /// - Throws: `usage` where the options make no sense or the volume does not fit the memory budget; `data` where no voxel
  ///   has the label or all have.
  public init(
    _ phase: PhaseLabels, options: Options = Options(), resources: Resources = Resources()
  ) throws(VoxelithError) {
    try options.validate()
    let grid = phase.grid
    let needed = grid.shape.count * Self.bytesPerVoxel
    guard needed <= resources.memory, grid.shape.count < Int(Int32.max) else {
      throw VoxelithError(
        .usage, "parting \(grid.shape) voxels needs \(needed / 1_000_000 + 1) MB", file: phase.labels.name,
        advice: "raise --memory, or crop or bin the volume")
    }
    let isInside = try phase.membership(resources: resources)
    guard isInside.contains(true) else {
      throw VoxelithError(
        .data, "no voxel has the label \(phase.phase)", file: phase.labels.name,
        advice: "inspect the volume for the labels that it holds")
    }
    guard isInside.contains(false) else {
      throw VoxelithError(
        .data, "the phase \(phase.phase) fills the volume, so there is nothing to part",
        file: phase.labels.name)
    }
    resources.progress.report("distances", done: 0, of: 1)
    var depths = DistanceMap.squared(isInside, grid: grid, threads: resources.threads)
    Parallel.forEachSlab(of: &depths, stride: grid.shape.y * grid.shape.x, threads: resources.threads) {
      _, span in
      for i in span.indices { span[i] = span[i].squareRoot() }
    }
    try resources.cancellation.check()
    resources.progress.report("watershed", done: 0, of: 1)
    let least = Float(options.minimumDepth ?? 0.75 * grid.longestSide)
    let share = Float(options.relativeDepth)
    let flood = BasinFlood(depths: depths, shape: grid.shape) { max(least, share * $0) }
    labels = Volume(grid: grid, voxels: flood.basins.map { UInt32($0 + 1) })
    let inset = DistanceMap.inset(grid)
    inscribedRadii = flood.peaks.map { Double(depths[$0] - inset) }
    self.depths = depths
  }

  /// Particles that are numbered already, as instance segmentations give them.
  ///
  /// - Parameter source: numbers of particles; 0, NaN and `outside` are no particle. The numbers are kept in order but made
  ///   consecutive.
  /// - Returns: the original number of each particle.
  /// - Throws: as ``init(_:options:resources:)``.
  public static func numbered(
    _ source: any VolumeSource, outside: UInt32? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> (separation: ParticleSeparation, numbers: [UInt32]) {
    let grid = source.grid
    let needed = grid.shape.count * Self.bytesPerVoxel
    guard needed <= resources.memory, grid.shape.count < Int(Int32.max) else {
      throw VoxelithError(
        .usage, "particles of \(grid.shape) voxels need \(needed / 1_000_000 + 1) MB", file: source.name,
        advice: "raise --memory, or crop or bin the volume")
    }
    var voxels = [UInt32](repeating: 0, count: grid.shape.count)
    let slice = grid.shape.y * grid.shape.x
    for z in 0..<grid.shape.z {
      try resources.cancellation.check()
      let values = try source.readLabels(Region(slices: z..<(z + 1), of: grid.shape))
      for i in 0..<slice where values[i] != Labels.missing && values[i] != outside {
        voxels[z * slice + i] = values[i]
      }
    }
    let numbers = Set(voxels).subtracting([0]).sorted()
    guard !numbers.isEmpty else {
      throw VoxelithError(.data, "holds no numbered particle", file: source.name)
    }
    let places = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, UInt32($0 + 1)) })
    for i in voxels.indices where voxels[i] != 0 { voxels[i] = places[voxels[i]] ?? 0 }
    guard numbers.count > 1 || voxels.contains(0) else {
      throw VoxelithError(.data, "one particle fills the volume", file: source.name)
    }
    let depths = DistanceMap.betweenLabels(voxels, grid: grid, threads: resources.threads)
    var radii = [Double](repeating: 0, count: numbers.count)
    for i in voxels.indices where voxels[i] != 0 {
      radii[Int(voxels[i]) - 1] = max(
        radii[Int(voxels[i]) - 1], Double(depths[i] - DistanceMap.inset(grid)))
    }
    return (
      ParticleSeparation(
        labels: Volume(grid: grid, voxels: voxels), inscribedRadii: radii, depths: depths), numbers
    )
  }

  private init(labels: Volume<UInt32>, inscribedRadii: [Double], depths: [Float]) {
    self.labels = labels
    self.inscribedRadii = inscribedRadii
    self.depths = depths
  }
}

extension PhaseLabels {
  /// Whether each voxel belongs to the phase.
  func membership(resources: Resources) throws(VoxelithError) -> [Bool] {
    let shape = grid.shape
    let slice = shape.y * shape.x
    var result = [Bool](repeating: false, count: shape.count)
    let this = self
    try BlockStream.run(Block.slices(of: shape), stage: "read labels", resources: resources) {
      (block) throws(VoxelithError) in
      try this.labels.readLabels(block.core).map { $0 == this.phase }
    } consume: { (block, isPhase) throws(VoxelithError) in
      let start = block.core.lower.z * slice
      for i in isPhase.indices where isPhase[i] { result[start + i] = true }
    }
    return result
  }
}

extension DistanceMap {
  /// Distance in micrometres from each numbered voxel to the nearest voxel of another number; zero where the number is 0.
  ///
  /// Voxels that touch another number count as outside, and the step to the next voxel is put back.
  static func betweenLabels(_ labels: [UInt32], grid: Grid, threads: Int) -> [Float] {
    let shape = grid.shape
    var isInner = [Bool](repeating: false, count: labels.count)
    let steps: [(Axis, Int)] = [(.z, shape.y * shape.x), (.y, shape.x), (.x, 1)]
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          guard labels[i] != 0 else { continue }
          let place = Shape(z: z, y: y, x: x)
          isInner[i] = steps.allSatisfy { axis, step in
            (place[axis] == 0 || labels[i - step] == labels[i])
              && (place[axis] == shape[axis] - 1 || labels[i + step] == labels[i])
          }
        }
      }
    }
    let side = Float(grid.shortestSide)
    var depths = squared(isInner, grid: grid, threads: threads)
    for i in depths.indices { depths[i] = labels[i] == 0 ? 0 : depths[i].squareRoot() + side }
    return depths
  }
}
