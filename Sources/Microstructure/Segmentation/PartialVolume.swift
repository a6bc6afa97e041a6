public import Volumetry

/// Labels with the blur of the scan taken out: the correction of the partial volume effect.
///
/// Thresholds take the blurred edge between two phases for a third of middle grey: pores and active material look as if
/// a film of binder lay between them. Here the labels L are those whose grey values, blurred as the scan blurs them, come
/// nearest to the measured ones g, with few faces F between unlike voxels: the least of
/// `sum (g - G * m(L))^2 / (2 s^2) + b F`, with the phases' own values m and the Gaussian blur G. It is looked for from
/// the thresholds' labels on by iterated conditional modes with rising b (J. Besag, J. R. Stat. Soc. B 48 (1986) 259).
/// The width of the blur is the one with which that least is least.
public struct PartialVolume: Sendable, Codable, Hashable {
  /// Grey value of each class in rising order.
  public let means: [Double]
  /// Standard deviation of the blur in voxels.
  public let blur: Double
  /// Standard deviation of a voxel's noise.
  public let noise: Double

  enum CodingKeys: String, CodingKey {
    case means, noise
    case blur = "blur_voxels"
  }

  init(means: [Double], blur: Double, noise: Double) {
    self.means = means
    self.blur = blur
    self.noise = noise
  }

  /// The same with what a grey model found.
  public init(_ model: GreyModel) {
    self.init(means: model.means, blur: model.blur, noise: model.noise * model.correlatedVoxels.squareRoot())
  }

  /// Faces run through voxels: what whole voxels leave of the grey values, as a share of the range of the phases.
  private static let roughness = 0.06

  /// Standard deviation of what the blurred labels may leave of a voxel.
  var scatter: Double {
    let rough = Self.roughness * ((means.last ?? 0) - (means.first ?? 0))
    return (noise * noise + rough * rough).squareRoot()
  }

  /// Thresholds half way between the classes.
  var middles: [Double] { zip(means, means.dropFirst()).map { 0.5 * ($0 + $1) } }

  static let side = 64
  private static let coarse = 0.25
  private static let fine = 0.08
  /// As wide as a blur may be, in voxels: wider ones reach beyond the halo of a tile.
  private static let widest = 3.0

  /// - Parameter thresholds: that part the classes, in rising order.
  /// - Throws: `data` where a class is nowhere thick enough for its grey value to be seen.
  public static func fit(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, thresholds: [Double],
    resources: Resources = Resources()
  ) throws(VoxelithError) -> PartialVolume {
    try PartialVolume(
      try GreyModel.fit(source, mask: mask, thresholds: thresholds, resources: resources)
    ).fittingBlur(to: source, resources: resources)
  }

  /// The same with the blur that suits the middle of a volume.
  public func fittingBlur(
    to source: any VolumeSource, resources: Resources = Resources()
  ) throws(VoxelithError) -> PartialVolume {
    let box = Region(centered: Self.side, in: source.grid.shape)
    let grey = try source.readFloats(box)
    func energies(_ widths: [Double]) throws(VoxelithError) -> [Double] {
      try Parallel.map(widths.count, threads: resources.threads) { index in
        var tile = PartialVolumeTile(grey, shape: box.shape, model: with(blur: widths[index]))
        tile.relax()
        return tile.energy
      }
    }
    let widths = Array(stride(from: 0, through: Self.widest, by: Self.coarse))
    var found: [Double] = []
    // Wider ones are not looked at once the least is passed.
    while found.count < widths.count {
      try resources.cancellation.check()
      let least = found.indices.min { found[$0] < found[$1] } ?? 0
      if found.count >= least + 3 { break }
      found += try energies(Array(widths[found.count..<min(widths.count, found.count + 2)]))
    }
    let rough = Self.leastPlace(Array(widths.prefix(found.count)), found)
    guard rough > Self.fine else { return with(blur: 0) }
    let near = [rough - Self.fine, rough, rough + Self.fine]
    return with(blur: Self.leastPlace(near, try energies(near)))
  }

  private func with(blur: Double) -> PartialVolume {
    PartialVolume(means: means, blur: blur, noise: noise)
  }

  /// Where the parabola through the least of evenly spaced values and its neighbours is least.
  private static func leastPlace(_ places: [Double], _ values: [Double]) -> Double {
    let best = values.indices.min { values[$0] < values[$1] } ?? 0
    guard best > 0, best + 1 < values.count else { return places[best] }
    let (a, b, c) = (values[best - 1], values[best], values[best + 1])
    let bend = a - 2 * b + c
    return places[best] + (bend > 0 ? 0.5 * (a - c) / bend : 0) * (places[best + 1] - places[best])
  }

  /// Tiles are the same for any memory and threads, so that the labels are.
  static let tile = Shape(z: 80, y: 80, x: 80)
  static let halo = Shape(z: 12, y: 12, x: 12)
  private static let bytesPerVoxel = 40

  /// The labels of a volume: class k where the phase k is, `outsideLabel` where a value is missing or the mask is not above zero.
  public func labels(
    of source: any VolumeSource, mask: (any VolumeSource)? = nil, outsideLabel: UInt8 = 255,
    resources: Resources = Resources()
  ) throws(VoxelithError) -> PagedVolume<UInt8> {
    let shape = source.grid.shape
    let volume = try PagedVolume<UInt8>(
      grid: source.grid, in: .holding(shape.count, budget: resources.memory / 3))
    let plan = BlockPlan(
      shape: shape, cores: Self.tile, bytesPerVoxel: Self.bytesPerVoxel, inFlight: resources.threads)
    try BlockStream.run(plan.blocks, stage: "partial volumes", resources: Self.limited(resources)) {
      (block) throws(VoxelithError) -> [UInt8] in
      let outer = block.core.grown(by: Self.halo, within: shape)
      let grey = try source.readFloats(outer)
      var tile = PartialVolumeTile(grey, shape: outer.shape, model: self)
      tile.relax()
      let core = block.core.relative(to: outer)
      let weights = try mask.map { (mask) throws(VoxelithError) in try mask.readFloats(block.core) }
      var labels = tile.labels(of: core)
      var i = 0
      for z in core.z {
        for y in core.y {
          let row = outer.shape.index(z: z, y: y, x: 0)
          for x in core.x {
            let isInside = weights.map { $0[i] > 0 } ?? true
            if !isInside || !grey[row + x].isFinite { labels[i] = outsideLabel }
            i += 1
          }
        }
      }
      return labels
    } consume: { (block, labels) throws(VoxelithError) in
      volume.paste(labels, into: block.core)
    }
    return volume
  }

  /// As many threads as have room for a tile each.
  static func limited(_ resources: Resources) -> Resources {
    let largest = (tile.x + 2 * halo.x) * (tile.y + 2 * halo.y) * (tile.z + 2 * halo.z)
    var result = resources
    result.threads = max(1, min(resources.threads, resources.memory / 2 / (largest * bytesPerVoxel)))
    return result
  }
}

extension Region {
  /// The box of at most so many voxels a side in the middle of a volume.
  init(centered side: Int, in shape: Shape) {
    func part(_ n: Int) -> (Int, Int) { n <= side ? (0, n) : ((n - side) / 2, side) }
    let (z, y, x) = (part(shape.z), part(shape.y), part(shape.x))
    self.init(lower: Shape(z: z.0, y: y.0, x: x.0), shape: Shape(z: z.1, y: y.1, x: x.1))
  }
}
