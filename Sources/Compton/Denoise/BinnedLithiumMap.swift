public import Volumetry

/// The stage from spectra to lithium with voxels merged until each bin tells x as precisely as was asked.
///
/// The spectra of a bin are added, so that they stay counts, and fitted once with the sum of what its voxels expect
/// at their angles, energies, fractions and absorption. Two passes over the spectra: the first counts, the second
/// adds, slice by slice, and holds the bins that a slice cuts. In memory lie some 60 bytes for each voxel.
public struct BinnedLithiumMap: Sendable {
  /// Bytes of working arrays for each voxel.
  public static let bytesPerVoxel = 128

  private let map: LithiumMap
  private let options: BinningOptions
  private let goal: Double

  /// - Throws: `usage` where the goal is not positive or lies below what the standards leave.
  public init(_ map: LithiumMap, options: BinningOptions) throws(VoxelithError) {
    self.map = map
    self.options = options
    guard options.largestBin >= 1 else {
      throw VoxelithError(.usage, "a bin needs room for a voxel")
    }
    switch options.goal {
    case .counts(let counts):
      guard counts > 0, counts.isFinite else {
        throw VoxelithError(.usage, "a bin needs positive counts, not \(counts)")
      }
      goal = counts
    case .sigma(let sigma):
      guard sigma > 0, sigma.isFinite else {
        throw VoxelithError(.usage, "a bin needs a positive sigma(x), not \(sigma)")
      }
      guard map.options.wantsInformation else {
        throw VoxelithError(.internal, "a map that is to be binned needs what its voxels tell")
      }
      let range = map.calibration.range
      let shared = try SharedCovariance(map.calibration, method: map.options.method)
      let middle = 0.5 * (range[0] + range[1])
      let floor = max(0, shared.covariance(middle, middle))
      guard sigma * sigma > floor else {
        throw VoxelithError(
          .usage,
          "no binning reaches a sigma(x) of \(sigma): the standards alone leave "
            + "\((1e4 * floor.squareRoot()).rounded() / 1e4)",
          advice: "ask for more, or measure the standards longer")
      }
      goal = 1 / (sigma * sigma - floor)
    }
  }

  /// What the first pass finds of a box of voxels.
  struct Survey: Sendable {
    var status: [UInt8]
    /// Net counts, their standard deviation, and what they are expected to tell of x.
    var net: [Float]
    var noise: [Float]
    var information: [Float]
    var intensity: [Float]
    /// Volume fraction of the active material; 1 without fractions.
    var active: [Float]

    init(voxels: Int) {
      status = [UInt8](repeating: 0, count: voxels)
      net = [Float](repeating: 0, count: voxels)
      noise = net
      information = net
      intensity = [Float](repeating: .nan, count: voxels)
      active = [Float](repeating: 1, count: voxels)
    }
  }

  /// Merges and maps. The same bytes whatever threads, blocks and memory.
  public func run(resources: Resources) throws(VoxelithError) -> BinnedMap {
    let shape = map.source.grid.shape
    var survey = Survey(voxels: shape.count)
    let plan = try map.plan(resources)
    try BlockStream.run(plan.blocks, stage: "count", resources: resources) {
      (block) throws(VoxelithError) in
      try self.survey(block.core)
    } consume: { (block, part) throws(VoxelithError) in
      survey.paste(part, from: block.core, shape: shape)
    }
    let roles = survey.roles(shape, hasFractions: map.fractions != nil)
    let weights: [Float]
    switch options.goal {
    case .sigma: weights = survey.information
    case .counts: weights = survey.net.map { max(0, $0) }
    }
    let bins = VoxelGrowth(
      grid: map.source.grid, roles: roles, weights: weights, goal: goal, limit: options.largestBin)
    let results = try fit(bins, resources: resources)
    return spread(results, over: bins, survey: survey)
  }

  private func survey(_ region: Region) throws(VoxelithError) -> Survey {
    var result = Survey(voxels: region.count)
    try forEachVoxel(region) { (voxel, _, analyzer, own, counted, scratch) in
      if let own { result.active[voxel] = own[0] }
      result.status[voxel] = counted.status.rawValue
      guard counted.status == .good, let analyzer else { return }
      let isPlain = own == nil && analyzer.attenuation == nil
      let expected = isPlain ? analyzer.spectra : scratch.spectra
      var known = expected.offsetTotal
      if analyzer.fitsAmounts, let own {
        for (k, component) in analyzer.pixel.components.enumerated() where k + 1 < own.count {
          known += Double(own[k + 1]) * component.reduce(0) { $0 + Double($1.sum()) } * counted.through
        }
      }
      result.net[voxel] = Float(counted.total - known)
      result.noise[voxel] = Float(max(1, counted.total).squareRoot())
      result.intensity[voxel] = Float(
        (counted.total - analyzer.pixel.backgroundTotal) / counted.through)
      result.information[voxel] = Float(
        analyzer.information(
          total: counted.total, fractions: own, isPlain: isPlain, scratch: scratch))
    }
    return result
  }

  /// Adds up the bins slice by slice; each is fitted when its last voxel was added.
  private func fit(_ bins: VoxelGrowth, resources: Resources) throws(VoxelithError) -> [VoxelResult] {
    let shape = map.source.grid.shape
    let slice = shape.y * shape.x
    var last = [Int](repeating: 0, count: bins.count)
    for voxel in bins.labels.indices where bins.labels[voxel] >= 0 {
      last[Int(bins.labels[voxel])] = voxel / slice
    }
    var closing = [[Int]](repeating: [], count: shape.z)
    for (bin, z) in last.enumerated() { closing[z].append(bin) }
    var results = [VoxelResult](repeating: VoxelResult(fit: VoxelFit(status: .empty)), count: bins.count)
    var open: [Int: BinAccumulator] = [:]
    try BlockStream.run(Block.slices(of: shape), stage: "bin", resources: resources) {
      (block) throws(VoxelithError) in
      try accumulate(block.core.lower.z, labels: bins.labels)
    } consume: { (block, parts) throws(VoxelithError) in
      for (bin, part) in parts { open[bin, default: BinAccumulator()].add(part) }
      let done = closing[block.core.lower.z].compactMap { bin in
        open.removeValue(forKey: bin).map { (bin, $0) }
      }
      let fitted = try Parallel.map(done.count, threads: resources.threads) {
        (index) throws(VoxelithError) in
        done[index].1.result()
      }
      for (index, result) in fitted.enumerated() { results[done[index].0] = result }
    }
    return results
  }

  /// The bins' parts in one slice, read a few rows at a time.
  private func accumulate(_ z: Int, labels: [Int32]) throws(VoxelithError) -> [Int: BinAccumulator] {
    let shape = map.source.grid.shape
    let isAlike = map.analyzers.geometry.keys.count == 1 && map.absorption == nil
    let rows = max(1, (32 << 20) / max(1, 4 * shape.x * map.source.energy.count))
    var parts: [Int: BinAccumulator] = [:]
    for y in stride(from: 0, to: shape.y, by: rows) {
      let box = Region(
        lower: Shape(z: z, y: y, x: 0), shape: Shape(z: 1, y: min(rows, shape.y - y), x: shape.x))
      try forEachVoxel(box) { (_, place, analyzer, own, counted, scratch) in
        let bin = labels[place]
        guard bin >= 0, counted.status == .good, let analyzer else { return }
        parts[Int(bin), default: BinAccumulator()].add(
          analyzer, total: counted.total, fractions: own, ratio: counted.ratio, scratch: scratch,
          isAlike: isAlike, bins: map.source.energy.count)
      }
    }
    return parts
  }

  private typealias Body = (
    _ voxel: Int, _ place: Int, VoxelAnalyzer?, _ fractions: Span<Float>?, VoxelAnalyzer.Counted,
    borrowing VoxelAnalyzer.Scratch
  ) -> Void

  /// Counts every voxel of a box in z, y, x order and hands it on with its packed counts and spectra.
  private func forEachVoxel(_ region: Region, _ body: Body) throws(VoxelithError) {
    let counts = try map.source.readCounts(region)
    let bins = map.source.energy.count
    guard counts.count == region.count * bins else {
      throw VoxelithError(.internal, "a source gave \(counts.count) counts", file: map.source.name)
    }
    let parts = try map.fractions?.read(region)
    let phases = map.fractions?.count ?? 0
    var lengths = [Float](repeating: 0, count: map.absorption?.stride ?? 0)
    var scratch = try map.analyzers.typical().scratch()
    for voxel in 0..<region.count {
      guard let parts else {
        try visit(voxel, of: region, counts.span, fractions: nil, &lengths, &scratch, body)
        continue
      }
      try visit(
        voxel, of: region, counts.span,
        fractions: parts.span.extracting((voxel * phases)..<((voxel + 1) * phases)), &lengths, &scratch, body)
    }
  }

  private func visit(
    _ voxel: Int, of region: Region, _ counts: Span<Float>, fractions own: Span<Float>?,
    _ lengths: inout [Float], _ scratch: inout VoxelAnalyzer.Scratch, _ body: Body
  ) throws(VoxelithError) {
    let z = region.lower.z + voxel / (region.shape.y * region.shape.x)
    let y = region.lower.y + voxel / region.shape.x % region.shape.y
    let x = region.lower.x + voxel % region.shape.x
    let place = map.source.grid.shape.index(z: z, y: y, x: x)
    guard let analyzer = try map.analyzers.analyzer(y: y, x: x) else {
      body(voxel, place, nil, own, VoxelAnalyzer.Counted(status: .deadPixel), scratch)
      return
    }
    if let own, own[0] < Float(map.options.minimumFraction) {
      body(voxel, place, nil, own, VoxelAnalyzer.Counted(status: .noActiveMaterial), scratch)
      return
    }
    if let absorption = map.absorption {
      for index in lengths.indices { lengths[index] = 0 }
      absorption.paths(
        from: map.source.grid.center(z: z, y: y, x: x),
        exit: absorption.exit(angle: map.analyzers.geometry.angle(y: y, x: x)), into: &lengths, at: 0)
    }
    let counted = analyzer.count(
      counts, at: voxel * map.source.energy.count, fractions: own, paths: lengths.span, scratch: &scratch)
    body(voxel, place, analyzer, own, counted, scratch)
  }

  /// The bins' values to their voxels.
  private func spread(_ results: [VoxelResult], over bins: VoxelGrowth, survey: Survey) -> BinnedMap {
    let grid = map.source.grid
    let shape = grid.shape
    var values = LithiumMap.BlockResult(voxels: shape.count, rows: 0, hasInformation: false)
    values.mask = survey.status
    values.intensity = survey.intensity
    var sizes = [Int](repeating: 0, count: bins.count)
    var first = [SIMD3<Double>](repeating: .zero, count: bins.count)
    var second = [Double](repeating: 0, count: bins.count)
    for voxel in bins.labels.indices where bins.labels[voxel] >= 0 {
      let bin = Int(bins.labels[voxel])
      let at =
        grid.center(
          z: voxel / (shape.y * shape.x), y: voxel / shape.x % shape.y, x: voxel % shape.x) - grid.origin
      sizes[bin] += 1
      first[bin] += at
      second[bin] += (at * at).sum()
    }
    let box = (grid.spacing * grid.spacing).sum() / 12
    let widths = results.indices.map { bin -> Float in
      let n = Double(max(1, sizes[bin]))
      let mean = first[bin] / n
      let moment = max(0, second[bin] / n - (mean * mean).sum()) + box
      return DenoisedMap.width * Float((moment / 3).squareRoot())
    }
    var summary = MapSummary()
    var resolution = [Float](repeating: .nan, count: shape.count)
    for voxel in bins.labels.indices {
      guard bins.labels[voxel] >= 0 else {
        // A voxel that no bin took holds nothing of the active material.
        if values.mask[voxel] == VoxelStatus.good.rawValue { values.mask[voxel] = VoxelStatus.empty.rawValue }
        summary.add(masked: VoxelStatus(rawValue: values.mask[voxel]) ?? .empty, voxels: 1)
        continue
      }
      let bin = Int(bins.labels[voxel])
      let result = results[bin]
      values.x[voxel] = Float(result.fit.x)
      values.sigma[voxel] = Float(result.fit.sigma)
      values.ratio[voxel] = Float(result.ratio)
      values.deviance[voxel] = Float(result.fit.deviance)
      values.expectedDeviance[voxel] = Float(result.fit.expectedDeviance)
      values.mask[voxel] = result.fit.status.rawValue
      resolution[voxel] = widths[bin]
    }
    for (bin, result) in results.enumerated() { summary.add(result, voxels: sizes[bin]) }
    var wanted: Double?
    if case .sigma(let sigma) = options.goal { wanted = sigma }
    return BinnedMap(
      values: values, labels: bins.labels.map { UInt32($0 + 1) },
      sizes: bins.labels.map { $0 < 0 ? 0 : UInt32(sizes[Int($0)]) }, resolution: resolution,
      summary: summary, binSizes: sizes, binSigmas: results.map(\.fit.sigma), wantedSigma: wanted)
  }
}

extension BinnedLithiumMap.Survey {
  mutating func paste(_ part: Self, from region: Region, shape: Shape) {
    for voxel in part.status.indices {
      let place = shape.index(
        z: region.lower.z + voxel / (region.shape.y * region.shape.x),
        y: region.lower.y + voxel / region.shape.x % region.shape.y,
        x: region.lower.x + voxel % region.shape.x)
      status[place] = part.status[voxel]
      net[place] = part.net[voxel]
      noise[place] = part.noise[voxel]
      information[place] = part.information[voxel]
      intensity[place] = part.intensity[voxel]
      active[place] = part.active[voxel]
    }
  }

  /// Which voxels hold active material: by the fractions where they are known, else by counts that noise does not
  /// explain, in the voxel itself or, if it agrees with them, in the 27 voxels around it.
  func roles(_ shape: Shape, hasFractions: Bool) -> [VoxelGrowth.Role] {
    let leastSignificance = Float(ProfileFitter.leastSignificance)
    return status.indices.map { voxel in
      guard status[voxel] == VoxelStatus.good.rawValue else { return .excluded }
      if hasFractions { return active[voxel] >= 0.5 ? .core : .rim }
      if net[voxel] > leastSignificance * noise[voxel] { return .core }
      let (z, y, x) = (voxel / (shape.y * shape.x), voxel / shape.x % shape.y, voxel % shape.x)
      var sum: Float = 0
      var variance: Float = 0
      var count: Float = 0
      for c in max(0, z - 1)...min(shape.z - 1, z + 1) {
        for b in max(0, y - 1)...min(shape.y - 1, y + 1) {
          for a in max(0, x - 1)...min(shape.x - 1, x + 1) {
            let other = shape.index(z: c, y: b, x: a)
            guard status[other] == VoxelStatus.good.rawValue else { continue }
            sum += net[other]
            variance += noise[other] * noise[other]
            count += 1
          }
        }
      }
      let isSeen = sum > leastSignificance * variance.squareRoot()
      return isSeen && abs(net[voxel] - sum / count) < 3 * noise[voxel] ? .core : .excluded
    }
  }
}
