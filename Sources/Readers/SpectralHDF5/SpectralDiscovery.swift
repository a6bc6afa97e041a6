import Volumetry

/// The spectra of an HDF5 file: which array, what its axes are, where its points lie, its energies and times.
struct SpectralDiscovery {
  let array: SpectralArray
  let data: NexusData
  let energy: EnergyAxis
  let placement: SpectralPlacement
  let grid: Grid
  var origins: [GeometryOrigin]

  /// - Throws: `missing` where the array that is named, or the file it is linked to, is not there; `data`
  ///   where there is none, several, no energy axis, no choice of detector element, or no grid; `usage` where
  ///   options do not fit.
  static func find(
    in file: HDF5File, options: SpectralOpenOptions
  ) throws(VoxelithError) -> SpectralDiscovery {
    if let path = options.dataset {
      return try SpectralDiscovery(try NexusData(at: path, in: file), options: options)
    }
    if let odin = try odin(in: file) { return try SpectralDiscovery(odin, options: options) }
    let found = try NexusDiscovery(file)
    if let preferred = found.preferred, preferred.energyAxis != nil {
      return try SpectralDiscovery(preferred, options: options)
    }
    var spectral = found.all.filter { $0.energyAxis != nil }
    if spectral.isEmpty { spectral = found.beside(energy: true) }
    if let only = spectral.first, spectral.count == 1 {
      return try SpectralDiscovery(only, options: options)
    }
    if spectral.isEmpty, found.all.isEmpty, found.arrays.isEmpty, let problem = found.problems.first {
      throw problem
    }
    let analysers = spectral.isEmpty ? MultichannelData.all(in: found) : []
    if let only = analysers.first, analysers.count == 1 {
      return try SpectralDiscovery(only, options: options)
    }
    if spectral.isEmpty, let data = found.preferred ?? (found.all.count == 1 ? found.all.first : nil) {
      if options.energyCoefficients != nil || options.elementCoefficients != nil
        || options.energyDataset != nil
        || options.keepsDetectorUnits
      {
        return try SpectralDiscovery(data, options: options)
      }
      if data.channelAxis != nil { throw EnergyScale.channels(file: file.path, place: data.signal.path) }
    }
    let candidates =
      spectral.isEmpty ? (analysers.isEmpty ? found.arrays : analysers.map(\.signal)) : spectral.map(\.signal)
    let several = max(spectral.count, analysers.count)
    throw VoxelithError(
      .data,
      several == 0 ? "the file has no data with an energy axis" : "the file has \(several) sets of spectra",
      file: file.path,
      advice: candidates.isEmpty
        ? nil : "name the dataset with --dataset; the file holds \(found.candidates(candidates))")
  }

  /// The spectra of a HEXITEC odin file.
  private static func odin(in file: HDF5File) throws(VoxelithError) -> NexusData? {
    let root = try file.root()
    guard root.contains("pixel_spectra") else { return nil }
    return try NexusData(at: "/pixel_spectra", in: file)
  }

  private init(_ data: NexusData, options: SpectralOpenOptions) throws(VoxelithError) {
    let signal = data.signal
    let (file, path) = (signal.file.path, signal.path)
    guard signal.type != nil else {
      throw VoxelithError(.data, "the dataset does not hold numbers", file: file, place: path)
    }
    guard !signal.shape.isEmpty, !signal.shape.contains(0) else {
      throw VoxelithError(.data, "the array is empty", file: file, place: path)
    }
    guard signal.count != nil else {
      throw VoxelithError(
        .data, "an array of \(signal.summary) is not possible: the file is damaged", file: file, place: path)
    }
    let isOdin = path.hasSuffix("pixel_spectra")
    var scale = try EnergyDiscovery(data, isOdin: isOdin, options: options)
    var extra = ExtraAxes(data, energy: scale.dimension, isOdin: isOdin, options: options)
    try extra.check(data, isOdin: isOdin, options: options)
    let scan = extra.scan(data, energy: scale.dimension)
    var array = SpectralArray(
      array: signal, scan: scan, energy: scale.dimension, detector: extra.detector, frame: extra.frame,
      elements: extra.elements, frames: extra.frames, reversesEnergy: scale.isReversed)
    try scale.rebin(&array, count: extra.elementCount)
    origins = scale.origins + extra.origins
    self.array = array
    self.data = data
    energy = scale.energy
    (placement, grid) = try Self.place(array, data, options: options, origins: &origins)
  }

  /// The places of the points: positions of every point, a raster that the caller tells, or the axes of the array.
  private static func place(
    _ array: SpectralArray, _ data: NexusData, options: SpectralOpenOptions, origins: inout [GeometryOrigin]
  ) throws(VoxelithError) -> (SpectralPlacement, Grid) {
    let file = data.signal.file.path
    if let told = try ScanGrid.told(options, points: array.pointCount, order: "array", file: file) {
      origins += told.origins
      return (.scan(try told.scan.checked(options, file: file)), told.scan.grid)
    }
    if let positions = try ScanPositions.find(data, scan: array.scan, options: options) {
      let found = try ScanGrid(
        positions: positions.values, isKnown: positions.isKnown, voxelSize: options.voxelSize,
        dropsUnplaced: options.allowsMissing, file: file)
      origins += found.origins(
        sources: positions.sources, isKnown: positions.isKnown, count: array.pointCount, options: options)
      return (.scan(try found.checked(options, file: file)), found.grid)
    }
    let layout = try SpectralLayout(
      array, data, takesAll: options.takesAnyAxis || options.positions == .arrayOrder)
    let shape = layout.shape(of: data.signal.shape)
    let found = try Grid(
      axes: (layout.z, layout.y, layout.x), of: data.axes, shape: shape, isGiven: options.voxelSize != nil,
      file: file)
    let grid = try options.completed(found, file: file)
    if array.scan.count == 1, array.pointCount > 1, data.axes[array.scan[0]] == nil {
      origins.append(
        GeometryOrigin(
          "places of the points", "\(array.pointCount) points in a line",
          "the order of the array: the file gives no places"))
    }
    for (axis, place) in layout.places {
      guard let place, let along = data.axes[place] else { continue }
      origins.append(
        along.origin(axis, reversed: layout.reversed.contains(place), count: data.signal.shape[place]))
    }
    let places = (layout.z, layout.y, layout.x)
    origins += grid.origins(
      source: options.voxelSize == nil
        ? "positions along the axes" + grid.bareSource(places, of: data.axes) : "--voxel-size",
      corner: grid.cornerSource(places, of: data.axes))
    return (.grid(layout), grid)
  }
}

/// How the points of an array become voxels.
enum SpectralPlacement: Sendable {
  /// Axis by axis.
  case grid(SpectralLayout)
  /// Point by point.
  case scan(ScanGrid)
}

extension NexusAxis {
  /// Where the places along an axis came from.
  func origin(_ axis: Axis, reversed: Bool, count: Int) -> GeometryOrigin {
    let ends = values.first.flatMap { first in
      values.last.map { "\(GeometryOrigin.text(first)) to \(GeometryOrigin.text($0))" }
    }
    return GeometryOrigin(
      "places along \(axis.rawValue)", (ends ?? "none") + " \(units ?? "(no unit)")",
      "axis \(name)" + (values.count == count + 1 ? ", edges" : "")
        + (reversed ? ", which falls: turned round with its data" : ""))
  }
}
