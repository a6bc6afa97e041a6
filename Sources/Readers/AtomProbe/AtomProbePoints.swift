public import Volumetry

/// Points of an atom probe measurement counted in voxels, by ranges of mass-to-charge.
///
/// `.pos` holds x, y, z in nm and the mass-to-charge in Da of every ion as big-endian single precision; `.epos` seven more
/// numbers and two counts (Gault et al., Atom Probe Microscopy, Springer 2012, appendix A). A spectrum has one bin for each range
/// and then one for each window of the background; `energy` only numbers them.
public struct AtomProbePoints: SpectralSource {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition = Acquisition()
  public let name: String
  public let ranges: RangeFile
  public let background: [ClosedRange<Double>]
  public let points: Int
  /// Points in none of the ranges.
  public let unranged: Int
  private let counts: [UInt32]

  public var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  /// - Parameters:
  ///   - path: a `.pos` or `.epos` file.
  ///   - voxelSize: along x, y, z in µm. Sides of voxels lie at its multiples.
  /// - Throws: `data` where the length of the file is not that of whole points, a number is not finite, or the voxels are too many.
  public init(
    _ path: String, ranges: RangeFile, background: [ClosedRange<Double>] = [], voxelSize: SIMD3<Double>,
    memory: Int
  ) throws(VoxelithError) {
    let file = try InputFile(path)
    let record = try Self.record(of: path)
    guard file.size % record == 0 else {
      throw VoxelithError(
        .data, "\(file.size) bytes are not whole points of \(record) bytes", file: path,
        advice: "the file is cut off, or is of another kind than its name says")
    }
    var low = SIMD3<Double>(repeating: .infinity)
    var high = -low
    try Self.forEach(file, record: record) { place, _ in
      low = pointwiseMin(low, place)
      high = pointwiseMax(high, place)
    }
    let first = (low / voxelSize).rounded(.down)
    let sides = (high / voxelSize).rounded(.down) - first + 1
    let bins = max(ranges.entries.count + background.count, 2)
    guard (sides.x * sides.y * sides.z) * Double(4 * bins) <= Double(memory) else {
      throw VoxelithError(
        .usage, "\(sides.z) x \(sides.y) x \(sides.x) voxels of \(bins) counts do not fit the memory",
        file: path, advice: "give a larger --voxel-size (in µm: 1 nm is 0.001), or more --memory")
    }
    let shape = Shape(z: Int(sides.z), y: Int(sides.y), x: Int(sides.x))
    grid = Grid(shape: shape, spacing: voxelSize, origin: first * voxelSize)
    energy = EnergyAxis(first: 0, width: 1, count: bins)
    name = path
    self.ranges = ranges
    self.background = background
    points = file.size / record
    var counts = [UInt32](repeating: 0, count: shape.count * bins)
    var unranged = 0
    let lows = ranges.entries.map(\.range.lowerBound)
    try Self.forEach(file, record: record) { place, mass in
      let at = (place / voxelSize).rounded(.down) - first
      let voxel = shape.index(z: Int(at.z), y: Int(at.y), x: Int(at.x)) * bins
      var left = 0
      var right = lows.count
      while left < right {
        let middle = (left + right) / 2
        if lows[middle] <= mass { left = middle + 1 } else { right = middle }
      }
      if left > 0, mass <= ranges.entries[left - 1].range.upperBound {
        counts[voxel + left - 1] += 1
      } else {
        unranged += 1
      }
      for (index, window) in background.enumerated() where window.contains(mass) {
        counts[voxel + lows.count + index] += 1
      }
    }
    self.counts = counts
    self.unranged = unranged
  }

  private static func record(of path: String) throws(VoxelithError) -> Int {
    let name = path.lowercased()
    if name.hasSuffix(".epos") { return 44 }
    if name.hasSuffix(".pos") { return 16 }
    throw VoxelithError(
      .data, "is neither a .pos nor an .epos file by its name", file: path,
      advice: "the two cannot be told apart by content: name it .pos (16 bytes a point) or .epos (44)")
  }

  /// Calls `body` with the place in µm and the mass-to-charge of every point, in the order of the file.
  private static func forEach(
    _ file: InputFile, record: Int, _ body: (SIMD3<Double>, Double) -> Void
  ) throws(VoxelithError) {
    let step = record * 65536
    var offset = 0
    while offset < file.size {
      let bytes = try file.bytes(at: offset, count: step)
      for start in stride(from: 0, to: bytes.count - record + 1, by: record) {
        func number(_ index: Int) -> Double {
          let at = start + 4 * index
          let bits =
            UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8
            | UInt32(bytes[at + 3])
          return Double(Float(bitPattern: bits))
        }
        let place = SIMD3(number(0), number(1), number(2)) / 1000
        let mass = number(3)
        guard abs(place.x) < 1e6, abs(place.y) < 1e6, abs(place.z) < 1e6, mass.isFinite else {
          throw VoxelithError(
            .data, "a position or mass is not a usable number", file: file.path,
            place: "point \((offset + start) / record)")
        }
        body(place, mass)
      }
      offset += step
    }
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(.usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    let bins = energy.count
    var result: [Float] = []
    result.reserveCapacity(region.count * bins)
    for z in region.z {
      for y in region.y {
        let start = grid.shape.index(z: z, y: y, x: region.x.lowerBound) * bins
        for index in start..<(start + region.shape.x * bins) { result.append(Float(counts[index])) }
      }
    }
    return result
  }
}
