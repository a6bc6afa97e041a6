public import Volumetry

/// Volumes in HDF5 files.
public enum HDF5VolumeFile {
  /// Opens an array of an HDF5 file as a volume.
  ///
  /// Without a path the array is the one that the file's `default` attributes lead to, or the only
  /// NXdata (an NXtomo scan has it), or the only array of three axes longer than 1, or the only one of two. Pictures of colours
  /// and previews count only where there is nothing else. An array whose axes the file calls x, y and z is read in that sense,
  /// whatever their order; an axis whose positions fall is turned round with its voxels.
  ///
  /// The voxel size is `voxelSize` (x, y, z in um), or comes from the positions along the axes where
  /// they are lengths, or from the attribute `element_size_um` (z, y, x); the pixel size of a detector is
  /// not taken for that of the sample.
  ///
  /// - Parameters:
  ///   - channel: index along the axis that is not space, of an array of four axes.
  ///   - allowsMissing: whether voxels that no file holds are NaN (the volume is then of single precision) and no error.
  /// - Throws: `missing` where the file, the array or a file that it is linked to is not there; `data` where
  ///   the file is damaged, a unit is not understood, or the array must be named; `usage` where there is no such channel.
  public static func open(
    path: String, dataset: String? = nil, voxelSize: SIMD3<Double>? = nil, channel: Int? = nil,
    allowsMissing: Bool = false, threads: Int = Parallel.availableThreads
  ) throws(VoxelithError) -> any VolumeSource {
    var options = VolumeOpenOptions(
      voxelSize: voxelSize, dataset: dataset, channel: channel, threads: threads)
    options.allowsMissing = allowsMissing
    return try open(path: path, options: options)
  }

  static func open(path: String, options: VolumeOpenOptions) throws(VoxelithError) -> any DescribedVolume {
    let file = try HDF5File.open(path)
    let data = try find(in: file, dataset: options.dataset)
    let array = data.signal
    guard let type = array.type else {
      throw VoxelithError(
        .data, "the dataset does not hold numbers", file: path, place: array.path)
    }
    guard !array.shape.isEmpty, !array.shape.contains(0), array.count != nil else {
      throw VoxelithError(.data, "the array is empty", file: path, place: array.path)
    }
    try array.checkFilters()
    try array.checkWhole(allowsMissing: options.allowsMissing)
    var layout = try HDF5VolumeLayout(
      data, channel: options.channel, isDescribing: options.isDescribing, takesAll: options.ignoresGaps)
    try checkScan(data, layout, ignoresGaps: options.ignoresGaps, file: path)
    let imaris = try ImarisImage(of: array, in: file)
    let shape = imaris?.shape ?? layout.shape(of: array.shape)
    var grid = try Grid(
      axes: (layout.z, layout.y, layout.x), of: data.axes, shape: shape, isGiven: options.voxelSize != nil,
      file: path)
    var source = "positions along the axes of \(array.path)"
    var corner = grid.hasKnownSpacing ? grid.cornerSource((layout.z, layout.y, layout.x), of: data.axes) : nil
    if grid.hasKnownSpacing { source += grid.bareSource((layout.z, layout.y, layout.x), of: data.axes) }
    if !grid.hasKnownSpacing, let sizes = array.attribute("element_size_um")?.numbers,
      sizes.count == 3
    {
      grid = Grid(shape: shape, spacing: SIMD3(sizes[2], sizes[1], sizes[0]))
      source = "attribute element_size_um of \(array.path)"
    }
    if let imaris {
      layout.notes += imaris.notes
      if !grid.hasKnownSpacing, let size = imaris.spacing {
        grid = Grid(shape: shape, spacing: size, origin: imaris.corner)
        (source, corner) = (imaris.source, imaris.source)
      }
    }
    var unread: String?
    if !grid.hasKnownSpacing, let told = try StoredVoxelSize(for: array, layout, in: file) {
      if let size = told.spacing {
        grid = Grid(shape: shape, spacing: size, origin: told.corner ?? .zero)
        (source, corner) = (told.source, told.cornerSource)
        layout.notes += told.notes
      } else {
        unread = told.source
      }
    }
    if options.voxelSize != nil { source = "--voxel-size" }
    grid = try SpectralOpenOptions(voxelSize: options.voxelSize).completed(grid, file: path)
    var uneven: String?
    for (index, axis) in data.axes.enumerated() {
      guard let axis, axis.values.count > 2, layout.fixed[index] == nil, !EvenSteps.areIn(axis.values)
      else {
        continue
      }
      uneven = "the positions along axis \(axis.name) have no even steps: they give no voxel size"
      layout.notes += [uneven].compactMap { $0 }
      if !grid.hasKnownSpacing {
        unread = unread ?? "the positions along axis \(axis.name) have no even steps"
      }
    }
    if options.allowsMissing, array.gaps != nil {
      layout.notes.append(
        "\(array.missingCount) of \(array.count ?? 0) elements are missing: \(array.gaps?.unwritten == nil ? "no file holds them" : "they were never written")"
      )
    }
    let (scale, notes) = try data.valueScale()
    layout.notes += notes
    var told = [uneven.map { "\($0), and are read as if they had" }]
    if array.attribute("MATLAB_class") != nil, shape.y > 1, shape.x > 1 {
      // MATLAB stores its first index last.
      let note = "MATLAB wrote the array: its rows lie along x here and its columns along y"
      layout.notes.append(note)
      told.append(note + ", so that pictures are mirrored beside those that MATLAB shows")
    }
    let volume = HDF5VolumeSource(
      grid: grid, type: type, array: array, layout: layout,
      origins: grid.origins(source: source, corner: corner, unread: unread), told: told.compactMap { $0 },
      threads: options.threads)
    return ScaledVolume.scaled(volume, scale)
  }

  /// A picture whose points were measured to and fro is no volume as it stands.
  ///
  /// - Throws: `data` where the positions of every point do not follow the axes of the array.
  private static func checkScan(
    _ data: NexusData, _ layout: HDF5VolumeLayout, ignoresGaps: Bool, file: String
  ) throws(VoxelithError) {
    let scan = [layout.z, layout.y, layout.x].compactMap { $0 }.sorted()
    var options = SpectralOpenOptions()
    options.voxelSize = .one
    guard let positions = try? ScanPositions.find(data, scan: scan, options: options),
      let found = try? ScanGrid(positions: positions.values, isKnown: false, voxelSize: nil, file: file)
    else { return }
    let measured = found.first.filter { $0 >= 0 }
    if found.report.missing > 0, found.report.repeated == 0,
      zip(measured, measured.dropFirst()).allSatisfy({ $0 < $1 })
    {
      if ignoresGaps { return }
      throw VoxelithError(
        .data,
        "the positions along the axes leave out places: \(found.report.missing) of \(found.report.shape.reduce(1, *)) voxels of an "
          + "even grid have no value", file: file, place: data.signal.path,
        advice:
          "put what is missing into the file, or take the values as they follow with --ignore-gaps and --voxel-size"
      )
    }
    guard found.first.indices.allSatisfy({ found.first[$0] == Int32($0) }) else {
      throw VoxelithError(
        .data,
        "the points of this picture were not measured in the order of its axes (a snake, or rows that fall)",
        file: file, place: data.signal.path,
        advice: "spectra of such scans are put in order by voxelith import")
    }
  }

  static func find(
    in file: HDF5File, dataset path: String?
  ) throws(VoxelithError) -> NexusData {
    if let path { return try NexusData(at: path, in: file) }
    let found = try NexusDiscovery(file)
    if let data = found.preferred, isVolume(data.signal) { return data }
    let plottable = found.all.filter { isVolume($0.signal) && sides($0.signal) >= 3 }
    if let only = plottable.first, plottable.count == 1 { return only }
    let volumes = found.arrays.filter { isVolume($0) }
    // A preview or a picture of colours is not taken for a volume where there is another array.
    let arrays = volumes.contains { !isPicture($0) } ? volumes.filter { !isPicture($0) } : volumes
    var candidates = plottable.map(\.signal)
    for rank in [3, 2, 4, 1] where candidates.isEmpty {
      candidates = arrays.filter { sides($0) == rank }
    }
    if let only = candidates.first, candidates.count == 1 {
      return try NexusData(at: only.path, in: file)
    }
    if candidates.isEmpty, let problem = found.problems.first { throw problem }
    throw VoxelithError(
      .data, candidates.isEmpty ? "the file holds no volume" : "the file holds \(candidates.count) volumes",
      file: file.path,
      advice: candidates.isEmpty
        ? nil : "name the dataset with --dataset; the file holds \(found.candidates(candidates))")
  }

  private static func isVolume(_ array: HDF5Dataset) -> Bool {
    array.type != nil && (2...6).contains(array.shape.count) && sides(array) <= 4 && !array.shape.contains(0)
  }

  /// Axes of the volume or picture that an array is: without those of length 1 at the end, then at the front, that are
  /// more than three.
  private static func sides(_ array: HDF5Dataset) -> Int {
    var shape = array.shape[...]
    while shape.count > 3, shape.last == 1 { shape.removeLast() }
    while shape.count > 3, shape.first == 1 { shape.removeFirst() }
    return shape.count
  }

  /// Whether an array is a picture for people: bytes with three or four colours, or one by its name.
  private static func isPicture(_ array: HDF5Dataset) -> Bool {
    let path = array.path.lowercased()
    if ["preview", "thumbnail", "icon", "snapshot"].contains(where: { path.contains($0) }) { return true }
    return array.type == .uint8 && array.shape.count == 3 && (3...4).contains(array.shape[2])
  }
}

/// An array of an HDF5 file as a volume.
final class HDF5VolumeSource: DescribedVolume {
  let grid: Grid
  let voxelType: VoxelType
  let chunkShape: Shape
  let array: HDF5Dataset
  private let layout: HDF5VolumeLayout
  private let origins: [GeometryOrigin]
  /// What every command tells of the volume.
  private let told: [String]
  private let threads: Int

  init(
    grid: Grid, type: VoxelType, array: HDF5Dataset, layout: HDF5VolumeLayout, origins: [GeometryOrigin],
    told: [String], threads: Int
  ) {
    self.told = told
    self.grid = grid
    self.array = array
    self.layout = layout
    self.origins = origins
    self.threads = threads
    // What is missing is NaN, which only floats can be.
    voxelType = array.gaps == nil || type == .float64 ? type : .float32
    if let chunk = array.chunk {
      let piece = layout.shape(of: chunk)
      chunkShape = Shape(
        z: min(piece.z, grid.shape.z), y: min(piece.y, grid.shape.y), x: min(piece.x, grid.shape.x))
    } else {
      chunkShape = Shape(z: 1, y: grid.shape.y, x: grid.shape.x)
    }
  }

  var name: String { array.file.path }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let (start, count) = layout.box(region, of: array.shape)
    let buffer = try stored(start: start, count: count)
    guard let steps = layout.steps(count) else { return buffer }
    return buffer.reordered(region.shape, steps)
  }

  private func stored(start: [Int], count: [Int]) throws(VoxelithError) -> VoxelBuffer {
    guard array.gaps != nil else { return try array.read(start: start, count: count, threads: threads) }
    guard voxelType == .float64 else { return .float32(try array.readFloats(start: start, count: count)) }
    return .float64(try array.readHeld(start: start, count: count, missing: .nan) { $0.doubles() })
  }

  var description: VolumeDescription {
    var description = VolumeDescription(
      kind: "hdf5", file: name, grid: grid, type: voxelType, channels: layout.channels, notes: layout.notes)
    description.dataset = array.path
    description.channelsAlong = layout.channelsAlong
    description.origins = origins
    return description
  }
}

extension HDF5VolumeSource: GrowingSource {
  var writingNotice: String? {
    let notices = [array.writingNotice].compactMap { $0 } + told.map { "\(name): \($0)" }
    return notices.isEmpty ? nil : notices.joined(separator: "\n")
  }
}
