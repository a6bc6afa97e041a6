public import Volumetry

/// Spectra of an HDF5 file: the XCS NeXus layout, any NXdata with an energy axis, spectra of multichannel analysers with their
/// calibration, a HEXITEC odin file, or an array that the caller names.
///
/// Points of a scan that the file stores in the order of time (lists, snakes, rows that were flown to and fro) are put
/// on the grid of their positions; axes that fall are turned round with their data.
public final class HDF5SpectralSource: DescribedSpectra {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition: Acquisition
  public let chunkShape: Shape
  public let name: String
  /// Path of the array within the file.
  public let dataset: String
  public let origins: [GeometryOrigin]
  /// Which points fell where, for a file that stores points and no grid.
  public let scan: ScanReport?

  let array: SpectralArray
  private let placement: SpectralPlacement
  /// Unit of the file's numbers; rates are multiplied by the live time.
  private let unit: CountUnit
  /// What the file's numbers stand for.
  private let scale: ValueScale

  /// Points that are read although nobody asks for them, to save a call.
  private static let gap = 8
  /// Counts up to which the whole box around some points is read at once.
  private static let together = 1 << 26

  /// Opens a file. See ``SpectralFile/open(_:options:)``.
  public init(
    path: String, options: SpectralOpenOptions = SpectralOpenOptions()
  ) throws(VoxelithError) {
    let file = try HDF5File.open(path)
    let found = try SpectralDiscovery.find(in: file, options: options)
    let signal = found.data.signal
    try signal.checkFilters()
    try signal.checkWhole(allowsMissing: options.allowsMissing)
    name = path
    dataset = signal.path
    array = found.array
    energy = found.energy
    placement = found.placement
    grid = found.grid
    let instrument = try InstrumentReading(found, in: file, options: options)
    acquisition = instrument.acquisition
    let scale = try found.data.valueScale().scale
    self.scale = scale
    let spelled = signal.attribute("units")?.string ?? ""
    unit = try CountUnit.read(spelled, file: path, place: signal.path)
    try unit.check(acquisition: instrument.acquisition, file: path, place: signal.path)
    origins =
      found.origins + instrument.origins
      + [
        unit.origin(spelled, "unit of \(signal.path)"),
        scale.note.map { GeometryOrigin("counts", $0, scale.source) },
      ].compactMap { $0 }
    switch found.placement {
    case .grid(let layout):
      scan = nil
      chunkShape = layout.chunkShape(of: signal)
    case .scan(let scan):
      self.scan = scan.report
      chunkShape = Shape(z: 1, y: 1, x: found.grid.shape.x)
    }
  }

  public var absent: [Bool]? {
    var result = [Bool](repeating: false, count: grid.shape.count)
    switch placement {
    case .scan(let scan):
      for voxel in result.indices { result[voxel] = scan.first[voxel] < 0 }
    case .grid(let layout):
      guard array.array.gaps != nil else { return nil }
      for z in 0..<grid.shape.z {
        for y in 0..<grid.shape.y {
          let row = Region(
            lower: Shape(z: z, y: y, x: 0), shape: Shape(z: 1, y: 1, x: grid.shape.x))
          let (start, count) = layout.box(row, of: array)
          guard let missing = array.missing(start: start, count: count) else { continue }
          let ordered = layout.ordered(missing, count: count, of: array)
          let first = grid.shape.index(z: z, y: y, x: 0)
          for x in 0..<grid.shape.x {
            result[first + x] = ordered[(x * energy.count)..<((x + 1) * energy.count)].contains { $0 != 0 }
          }
        }
      }
    }
    return result.contains(true) ? result : nil
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    var counts: [Float] = []
    try readCounts(region, into: &counts)
    return counts
  }

  public func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError) {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(
        .usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    if region.shape.isEmpty {
      counts = []
      return
    }
    switch placement {
    case .grid(let layout):
      let (start, count) = layout.box(region, of: array)
      try array.read(start: start, count: count, scale: scale, into: &counts)
      counts = layout.ordered(counts, count: count, of: array)
    case .scan(let scan): counts = try gathered(region, scan)
    }
    if unit != .counts { multiply(&counts, region) }
  }

  /// Whether the file holds counts on a grid, and no rates or points of a scan.
  var hasPlainCounts: Bool {
    if case .grid = placement { return unit == .counts }
    return false
  }

  /// Counts of a region with another choice of elements or frames; the caller knows that the counts are plain.
  func readPlainCounts(_ region: Region, of array: SpectralArray) throws(VoxelithError) -> [Float] {
    guard case .grid(let layout) = placement else {
      throw VoxelithError(.internal, "frames of a scan are not read one by one", file: name)
    }
    let (start, count) = layout.box(region, of: array)
    return layout.ordered(
      try array.read(start: start, count: count, scale: scale), count: count, of: array)
  }

  private func multiply(_ counts: inout [Float], _ region: Region) {
    let bins = energy.count
    let factor = Float(unit.factor)
    let common = unit.isRate ? Float(acquisition.liveTime ?? 1) : 1
    var voxel = 0
    region.forEachVoxel { z, y, x in
      let own = unit.isRate ? acquisition.voxelLiveTimes : nil
      let time = factor * (own.map { $0[grid.shape.index(z: z, y: y, x: x)] } ?? common)
      for bin in (voxel * bins)..<((voxel + 1) * bins) { counts[bin] *= time }
      voxel += 1
    }
  }

  /// Reads the points of the voxels of a region, in the order of the file, and adds up those that share a voxel. A voxel
  /// without a point is NaN.
  private func gathered(_ region: Region, _ scan: ScanGrid) throws(VoxelithError) -> [Float] {
    let bins = energy.count
    var counts = [Float](repeating: 0, count: region.count * bins)
    var wanted: [(point: Int, voxel: Int)] = []
    var voxel = 0
    region.forEachVoxel { z, y, x in
      let points = scan.points(ofVoxel: grid.shape.index(z: z, y: y, x: x))
      if points.isEmpty {
        for bin in (voxel * bins)..<((voxel + 1) * bins) { counts[bin] = .nan }
      }
      for point in points { wanted.append((point, voxel)) }
      voxel += 1
    }
    wanted.sort { $0.point < $1.point }
    guard let first = wanted.first?.point, let last = wanted.last?.point else { return counts }
    let shape = array.scanShape
    let row = shape.last ?? 1
    // One box around all of them, where it is small or mostly wanted.
    if let side = shape.indices.first(where: { shape[$0] > 1 }), shape[..<side].allSatisfy({ $0 == 1 }) {
      let stride = shape[(side + 1)...].reduce(1, *)
      let span = (first / stride)...(last / stride)
      if span.count * stride * bins <= Self.together || span.count * stride <= 2 * wanted.count {
        var start = shape.map { _ in 0 }
        var count = shape
        (start[side], count[side]) = (span.lowerBound, span.count)
        let values = try array.read(start: start, count: count, scale: scale)
        for (point, voxel) in wanted {
          Self.add(
            values, from: (point - span.lowerBound * stride) * bins, bins: bins, to: &counts, at: voxel * bins
          )
        }
        return counts
      }
    }
    var index = 0
    while index < wanted.count {
      let begin = wanted[index].point
      var end = index
      while end + 1 < wanted.count, wanted[end + 1].point / row == begin / row,
        wanted[end + 1].point - wanted[end].point <= Self.gap
      { end += 1 }
      let length = wanted[end].point - begin + 1
      let values = try array.read(
        start: place(begin, in: shape), count: shape.map { _ in 1 }.dropLast() + [length], scale: scale)
      for (point, voxel) in wanted[index...end] {
        Self.add(values, from: (point - begin) * bins, bins: bins, to: &counts, at: voxel * bins)
      }
      index = end + 1
    }
    return counts
  }

  private func place(_ point: Int, in shape: [Int]) -> [Int] {
    var rest = point
    var place = shape
    for side in shape.indices.reversed() {
      place[side] = rest % shape[side]
      rest /= shape[side]
    }
    return place
  }

  private static func add(
    _ values: [Float], from start: Int, bins: Int, to counts: inout [Float], at place: Int
  ) {
    for bin in 0..<bins { counts[place + bin] += values[start + bin] }
  }
}

extension SpectralLayout {
  /// The box of voxels that is read at once.
  func chunkShape(of array: HDF5Dataset) -> Shape {
    let whole = shape(of: array.shape)
    guard let chunk = array.chunk else { return Shape(z: 1, y: 1, x: whole.x) }
    let piece = shape(of: chunk)
    return Shape(z: min(piece.z, whole.z), y: min(piece.y, whole.y), x: min(piece.x, whole.x))
  }
}

extension Region {
  /// Every voxel in the order z, y, x.
  func forEachVoxel(_ body: (Int, Int, Int) -> Void) {
    for slice in z { for row in y { for column in x { body(slice, row, column) } } }
  }
}

extension Grid {
  /// The grid that the axes of an array describe. Its spacing is known where that of every axis with
  /// more than one voxel is; an axis of one voxel without its own is as thick as the finest other.
  ///
  /// - Parameter isGiven: whether the caller gives the size of the voxels, so that units that are not understood do no harm.
  /// - Throws: `data` where the unit of an axis is not understood.
  init(
    axes places: (z: Int?, y: Int?, x: Int?), of axes: [NexusAxis?], shape: Shape, isGiven: Bool, file: String
  ) throws(VoxelithError) {
    self.init(unscaled: shape)
    var known: [(index: Int, spacing: Double, lower: Double)] = []
    var isKnown = true
    for (index, place, count) in [
      (0, places.x, shape.x), (1, places.y, shape.y), (2, places.z, shape.z),
    ] {
      let axis = place.flatMap { axes[$0] }
      if let axis, !isGiven {
        _ = try Units.spacing(
          of: axis.units, what: "the positions along \(axis.name)", file: file, place: axis.name)
      }
      if let extent = axis?.extent(count: count) {
        known.append((index, extent.spacing, extent.lower))
      } else if count > 1 {
        isKnown = false
      }
    }
    guard isKnown, let finest = known.map(\.spacing).min() else { return }
    spacing = SIMD3(repeating: finest)
    for (index, step, lower) in known {
      spacing[index] = step
      origin[index] = lower
    }
    hasKnownSpacing = true
  }
}

extension HDF5SpectralSource: GrowingSource {
  var writingNotice: String? { array.array.writingNotice }
}
