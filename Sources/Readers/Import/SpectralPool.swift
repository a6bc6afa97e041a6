public import Volumetry

/// Spectra of several files as one source: exposures of the same voxels, which are added up, or parts of one scan, which lie
/// side by side.
///
/// Every file is put on its own grid first. Where their grids have places, the voxels of all are put on the common grid of
/// their centres; where they have none, all must have one shape and are exposures of the same voxels.
public final class SpectralPool: PooledSpectra {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition: Acquisition
  public let origins: [GeometryOrigin]
  public let scan: ScanReport?
  public var chunkShape: Shape { Shape(z: 1, y: 1, x: grid.shape.x) }
  public let name: String

  public let parts: [any DescribedSpectra]
  /// For each point of the pool its file and the voxel there.
  private let places: [(part: Int, voxel: Int)]
  private let map: ScanGrid

  /// - Throws: `data` where the files have other energies, or voxels fall together or are missing and the options do not say what
  ///   to do then; `usage` where there is no file.
  public init(
    _ parts: [any DescribedSpectra], options: SpectralOpenOptions
  ) throws(VoxelithError) {
    try PoolRules.check(parts)
    let first = parts[0]
    let file = first.name
    self.parts = parts
    energy = first.energy
    name = PoolRules.name(parts)
    var places: [(part: Int, voxel: Int)] = []
    var centers: [SIMD3<Double>] = []
    for (index, part) in parts.enumerated() {
      let shape = part.grid.shape
      Region(whole: shape).forEachVoxel { z, y, x in
        places.append((index, shape.index(z: z, y: y, x: x)))
        centers.append(
          part.grid.hasKnownSpacing
            ? part.grid.center(z: z, y: y, x: x) : SIMD3(Double(x), Double(y), Double(z)))
      }
    }
    self.places = places
    map = try Self.map(parts, centers, options: options, file: file)
    grid = map.grid
    scan = map.report
    let placed = map
    let apart = try Self.apart(parts, on: placed.grid, file: file)
    let pooled = try PoolRules.acquisition(parts, on: placed.grid) { voxel in
      let points = placed.points(ofVoxel: voxel)
      if points.isEmpty { return .nan }
      return points.reduce(0) { $0 + PoolRules.seconds(parts[places[$1].part], voxel: places[$1].voxel) }
    }
    acquisition = pooled.acquisition
    origins =
      PoolRules.origins(
        parts, grid: placed.grid, scan: placed.report, options: options, time: pooled.origin) + apart
  }

  /// Parts of a voxel that the grids of files may be apart before it is told, and before they are refused.
  private static let (toldApart, mostApart) = (0.02, 0.25)

  /// How far the voxels of one file lie from those of another, counted in parts of a voxel.
  ///
  /// Steps are those of a file whose places are exact: a comb through all of them would stretch until the gap between two files is gone.
  /// Where all are read back from a stage, that comb has the better steps.
  ///
  /// - Throws: `data` where a quarter of a voxel or more is between them: they are no voxels of one grid.
  private static func apart(
    _ parts: [any DescribedSpectra], on grid: Grid, file: String
  ) throws(VoxelithError) -> [GeometryOrigin] {
    guard parts.allSatisfy(\.grid.hasKnownSpacing), grid.hasKnownSpacing else { return [] }
    var told: [GeometryOrigin] = []
    for axis in Axis.allCases {
      let place = axis.place
      let exact = parts.filter {
        $0.grid.shape[axis] > 1 && ($0.scan?.furthestOff[axis.rawValue] ?? 0) < 1e-3
      }
      let longest = exact.max { $0.grid.shape[axis] < $1.grid.shape[axis] }
      let step = longest?.grid.spacing[place] ?? grid.spacing[place]
      let first = parts[0].grid.origin[place] + 0.5 * parts[0].grid.spacing[place]
      let offsets = parts.map { part -> Double in
        let steps = (part.grid.origin[place] + 0.5 * part.grid.spacing[place] - first) / step
        return steps - steps.rounded()
      }
      guard let low = offsets.min(), let high = offsets.max(), high - low > toldApart else { continue }
      let text = GeometryOrigin.text(((high - low) * 1000).rounded() / 1000)
      let what = "\(text) of a voxel apart along \(axis.rawValue)"
      guard high - low < mostApart else {
        throw VoxelithError(
          .data, "the grids of the files are \(what), and their voxels are not those of one grid", file: file,
          advice:
            "import them one by one, or take files of one shape for the same voxels with --positions none")
      }
      told.append(
        GeometryOrigin(GeometryOrigin.gridsApart, what + ": each voxel is put on the nearest", "their places")
      )
    }
    return told
  }

  private static func map(
    _ parts: [any DescribedSpectra], _ centers: [SIMD3<Double>], options: SpectralOpenOptions, file: String
  ) throws(VoxelithError) -> ScanGrid {
    let shape = parts[0].grid.shape
    var rules = options
    // Several files of the same voxels are exposures: their counts belong together unless the caller says otherwise.
    if rules.repeats == .refuse { rules.repeats = .sum }
    if parts.allSatisfy({ $0.grid == parts[0].grid }) {
      var further: [Int: [Int32]] = [:]
      if parts.count > 1 {
        for voxel in 0..<shape.count {
          further[voxel] = (1..<parts.count).map { Int32($0 * shape.count + voxel) }
        }
      }
      return try ScanGrid(
        grid: parts[0].grid, first: (0..<Int32(shape.count)).map { $0 }, further: further, deviations: [:]
      ).checked(rules, file: file)
    }
    guard parts[0].grid.hasKnownSpacing else {
      throw VoxelithError(
        .data,
        "files without places have \(shape) and other numbers of voxels: nothing says which belong together",
        file: file, advice: "give --voxel-size and --positions, or import files of one shape")
    }
    var positions: [Axis: [Double]] = [:]
    for axis in Axis.allCases {
      let values = centers.map { $0[axis.place] }
      // An axis that all files have once, at one place, has no steps to find.
      if let low = values.min(), let high = values.max(),
        high > low || parts.contains(where: { $0.grid.shape[axis] > 1 })
      {
        positions[axis] = values
      }
    }
    return try ScanGrid(positions: positions, isKnown: true, voxelSize: options.voxelSize ?? nil, file: file)
      .placed(like: parts[0].grid, isGiven: options.voxelSize != nil).checked(rules, file: file)
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(.usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    let bins = energy.count
    var counts = [Float](repeating: 0, count: region.count * bins)
    var wanted: [[(voxel: Int, target: Int)]] = parts.map { _ in [] }
    var target = 0
    region.forEachVoxel { z, y, x in
      let points = map.points(ofVoxel: grid.shape.index(z: z, y: y, x: x))
      if points.isEmpty {
        for bin in (target * bins)..<((target + 1) * bins) { counts[bin] = .nan }
      }
      for point in points { wanted[places[point].part].append((places[point].voxel, target)) }
      target += 1
    }
    for (part, list) in wanted.enumerated() {
      try add(list.sorted { $0.voxel < $1.voxel }, of: parts[part], to: &counts)
    }
    return counts
  }

  /// Adds the spectra of some voxels of a file, row by row.
  private func add(
    _ wanted: [(voxel: Int, target: Int)], of part: any DescribedSpectra, to counts: inout [Float]
  ) throws(VoxelithError) {
    let (shape, bins) = (part.grid.shape, energy.count)
    var index = 0
    while index < wanted.count {
      let row = wanted[index].voxel / shape.x
      var end = index
      while end + 1 < wanted.count, wanted[end + 1].voxel / shape.x == row { end += 1 }
      let first = wanted[index].voxel % shape.x
      let last = wanted[end].voxel % shape.x
      let values = try part.readCounts(
        Region(
          lower: Shape(z: row / shape.y, y: row % shape.y, x: first),
          shape: Shape(z: 1, y: 1, x: last - first + 1)))
      for (voxel, target) in wanted[index...end] {
        let from = (voxel % shape.x - first) * bins
        for bin in 0..<bins { counts[target * bins + bin] += values[from + bin] }
      }
      index = end + 1
    }
  }
}

extension Shape {
  fileprivate subscript(axis: Axis) -> Int {
    switch axis {
    case .z: z
    case .y: y
    case .x: x
    }
  }
}

extension ScanGrid {
  /// The same with the steps of another grid along axes that have one layer.
  func placed(like other: Grid, isGiven: Bool) -> ScanGrid {
    guard !isGiven else { return self }
    var grid = grid
    for (axis, count) in [(0, grid.shape.x), (1, grid.shape.y), (2, grid.shape.z)] where count == 1 {
      let middle = other.origin[axis] + 0.5 * other.spacing[axis]
      grid.spacing[axis] = other.spacing[axis]
      grid.origin[axis] = middle - 0.5 * other.spacing[axis]
    }
    return ScanGrid(grid: grid, like: self)
  }
}

extension SpectralPool: GrowingSource {
  var writingNotice: String? { PoolRules.writingNotice(parts) }
}
