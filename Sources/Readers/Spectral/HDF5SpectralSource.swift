public import Volumetry

/// Spectra of an HDF5 file: the XCS NeXus layout, any NXdata with an energy axis, a HEXITEC odin file,
/// or an array that the caller names.
public final class HDF5SpectralSource: SpectralSource {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition: Acquisition
  public let chunkShape: Shape
  public let name: String
  /// Path of the array within the file.
  public let dataset: String

  let array: HDF5Dataset
  private let layout: SpectralLayout

  /// Opens a file. See ``SpectralFile/open(_:options:)``.
  public init(
    path: String, options: SpectralOpenOptions = SpectralOpenOptions()
  ) throws(VoxelithError) {
    let file = try HDF5File.open(path)
    let found = try SpectralDiscovery.find(in: file, options: options)
    try found.array.checkFilters()
    let shape = found.layout.shape(of: found.array.shape)
    let places = (found.layout.z, found.layout.y, found.layout.x)
    let grid = try options.completed(Grid(axes: places, of: found.axes, shape: shape), file: path)
    name = path
    dataset = found.array.path
    array = found.array
    layout = found.layout
    energy = found.energy
    self.grid = grid
    acquisition = try options.completed(
      try NexusInstrument.acquisition(of: file, around: found.array.path), grid: grid, file: path)
    chunkShape = found.layout.chunkShape(of: found.array)
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(
        .usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    if region.shape.isEmpty { return [] }
    var start = [Int](repeating: 0, count: array.shape.count)
    var count = [Int](repeating: 1, count: array.shape.count)
    for (axis, range) in [(layout.z, region.z), (layout.y, region.y), (layout.x, region.x)] {
      if let axis { (start[axis], count[axis]) = (range.lowerBound, range.count) }
    }
    count[layout.energy] = energy.count
    guard let detector = layout.detector else {
      return layout.reordered(try array.read(start: start, count: count).floats(), count: count)
    }
    if case .element(let element)? = layout.choice {
      start[detector] = element
      return layout.reordered(try array.read(start: start, count: count).floats(), count: count)
    }
    if array.shape[detector] == 1 {
      return layout.reordered(try array.read(start: start, count: count).floats(), count: count)
    }
    return layout.reordered(try sum(along: detector, start: start, count: count), count: count)
  }

  /// Adds the elements up in their order, in double precision.
  private func sum(
    along detector: Int, start: [Int], count: [Int]
  ) throws(VoxelithError) -> [Float] {
    var start = start
    var total = try array.read(start: start, count: count).doubles()
    for element in 1..<array.shape[detector] {
      start[detector] = element
      Self.add(try array.read(start: start, count: count).floats(), to: &total)
    }
    return total.map { Float($0) }
  }

  private static func add(_ values: [Float], to total: inout [Double]) {
    for index in values.indices { total[index] += Double(values[index]) }
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

extension Grid {
  /// The grid that the axes of an array describe. Its spacing is known where that of every axis with
  /// more than one voxel is; an axis of one voxel without its own is as thick as the finest other.
  init(axes places: (z: Int?, y: Int?, x: Int?), of axes: [NexusAxis?], shape: Shape) {
    self.init(unscaled: shape)
    var known: [(index: Int, spacing: Double, lower: Double)] = []
    var isKnown = true
    for (index, place, count) in [
      (0, places.x, shape.x), (1, places.y, shape.y), (2, places.z, shape.z),
    ] {
      if let extent = place.flatMap({ axes[$0] })?.extent(count: count) {
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
