public import Volumetry

/// Volumes in HDF5 files.
public enum HDF5VolumeFile {
  /// Opens an array of an HDF5 file as a volume.
  ///
  /// Without a path the array is the one that the file's `default` attributes lead to, or the only
  /// NXdata (an NXtomo scan has it), or the only array of three axes, or the only one of two. An array
  /// whose axes the file calls x, y and z is read in that sense, whatever their order.
  ///
  /// The voxel size is `voxelSize` (x, y, z in um), or comes from the positions along the axes where
  /// they are lengths, or from the attribute `element_size_um` (z, y, x); the pixel size of a detector is
  /// not taken for that of the sample.
  ///
  /// - Parameter channel: index along the axis that is not space, of an array of four axes.
  /// - Throws: `missing` where the file, the array or a file that it is linked to is not there; `data` where
  ///   the file is damaged, or the array must be named; `usage` where there is no such channel.
  public static func open(
    path: String, dataset: String? = nil, voxelSize: SIMD3<Double>? = nil, channel: Int? = nil,
    threads: Int = Parallel.availableThreads
  ) throws(VoxelithError) -> any VolumeSource {
    let file = try HDF5File.open(path)
    let data = try find(in: file, dataset: dataset)
    guard let type = data.signal.type else {
      throw VoxelithError(
        .data, "the dataset does not hold numbers", file: path, place: data.signal.path)
    }
    guard !data.signal.shape.isEmpty, !data.signal.shape.contains(0) else {
      throw VoxelithError(.data, "the array is empty", file: path, place: data.signal.path)
    }
    try data.signal.checkFilters()
    let layout = try HDF5VolumeLayout(data, channel: channel)
    let shape = layout.shape(of: data.signal.shape)
    var grid = Grid(axes: (layout.z, layout.y, layout.x), of: data.axes, shape: shape)
    if !grid.hasKnownSpacing, let sizes = data.signal.attribute("element_size_um")?.numbers,
      sizes.count == 3
    {
      grid = Grid(shape: shape, spacing: SIMD3(sizes[2], sizes[1], sizes[0]))
    }
    grid = try SpectralOpenOptions(voxelSize: voxelSize).completed(grid, file: path)
    return HDF5VolumeSource(grid: grid, type: type, array: data.signal, layout: layout, threads: threads)
  }

  private static func find(
    in file: HDF5File, dataset path: String?
  ) throws(VoxelithError) -> NexusData {
    if let path { return try NexusData(at: path, in: file) }
    let found = try NexusDiscovery(file)
    if let data = found.preferred, isVolume(data.signal) { return data }
    let plottable = found.all.filter { isVolume($0.signal) && $0.signal.shape.count >= 3 }
    if let only = plottable.first, plottable.count == 1 { return only }
    let arrays = found.arrays.filter { isVolume($0) }
    var candidates = plottable.map(\.signal)
    for rank in [3, 2, 4] where candidates.isEmpty {
      candidates = arrays.filter { $0.shape.count == rank }
    }
    if let only = candidates.first, candidates.count == 1 {
      return try NexusData(at: only.path, in: file)
    }
    if candidates.isEmpty, let problem = found.problems.first { throw problem }
    throw VoxelithError(
      .data, candidates.isEmpty ? "the file holds no volume" : "the file holds \(candidates.count) volumes",
      file: file.path,
      advice: candidates.isEmpty
        ? nil : "name the dataset; the file holds \(found.candidates(candidates))")
  }

  private static func isVolume(_ array: HDF5Dataset) -> Bool {
    array.type != nil && (2...4).contains(array.shape.count) && !array.shape.contains(0)
  }
}

/// An array of an HDF5 file as a volume.
final class HDF5VolumeSource: VolumeSource {
  let grid: Grid
  let voxelType: VoxelType
  let chunkShape: Shape
  let array: HDF5Dataset
  private let layout: HDF5VolumeLayout
  private let threads: Int

  init(grid: Grid, type: VoxelType, array: HDF5Dataset, layout: HDF5VolumeLayout, threads: Int) {
    self.grid = grid
    self.array = array
    self.layout = layout
    self.threads = threads
    voxelType = type
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
    let (start, count) = layout.box(region, rank: array.shape.count)
    let buffer = try array.read(start: start, count: count, threads: threads)
    guard let steps = layout.steps(count) else { return buffer }
    return buffer.reordered(region.shape, steps)
  }
}
