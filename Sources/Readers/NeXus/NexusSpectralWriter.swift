public import Volumetry

/// Writes spectra in the XCS NeXus layout, box by box.
///
/// `/entry/data` holds `counts` (z, y, x, energy) in chunks of whole spectra, `energy` (bin centres, keV) and
/// the centres of the voxels `z y x` (um); `/entry/instrument` holds the beam and the detector, with one `live_time` or
/// one for every voxel (z, y, x). The file
/// is written under a temporary name and gets its own when it is complete.
public final class NexusSpectralWriter: SpectralSink {
  private let output: HDF5Output
  private let counts: HDF5OutputArray
  private let grid: Grid
  private let bins: Int
  private let type: VoxelType
  private var written = 0

  /// Bytes of counts that a chunk is filled up to: large enough for streaming, small enough for reading
  /// one voxel.
  static let chunkBytes = 256 << 10
  /// Bytes of counts that are held while they are streamed.
  private static let blockBytes = 256 << 20
  /// What reading a block takes for each bin of a voxel: the numbers of the file, as they were counted, in order, and as
  /// they are written.
  private static let blockBytesPerBin = 20

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - type: `uint32` for counts as measured, `float32` for any other.
  ///   - deflate: level of compression from 1 to 9; none by default, which is fastest.
  ///   - program: name and version that the file gives for its maker.
  ///   - note: how the data were made, as the maker wants it kept (JSON, say).
  /// - Throws: `cannotCreate` where the file exists and may not be overwritten; `data` where the angles per
  ///   pixel do not fit the grid; `usage` for another type.
  public init(
    path: String, grid: Grid, energy: EnergyAxis, acquisition: Acquisition = Acquisition(),
    type: VoxelType = .uint32, deflate: Int? = nil, overwrite: Bool = false,
    program: (name: String, version: String) = ("voxelith", "0"), note: String? = nil
  ) throws(VoxelithError) {
    guard type == .uint32 || type == .float32 else {
      throw VoxelithError(
        .usage, "spectra are written as uint32 or float32 and not as \(type.rawValue)", file: path)
    }
    try grid.validate(file: path)
    try acquisition.validate(grid: grid, file: path)
    self.grid = grid
    self.type = type
    bins = energy.count
    output = try HDF5Output(path: path, overwrite: overwrite)
    try output.group("/entry", class: "NXentry")
    try output.attribute("NX_class", .strings(["NXroot"]), of: "/")
    try output.attribute("default", .strings(["entry"]), of: "/")
    try output.attribute("default", .strings(["data"]), of: "/entry")
    try output.group("/entry/data", class: "NXdata")
    counts = try HDF5OutputArray(
      "/entry/data/counts", in: output, type: type,
      shape: [grid.shape.z, grid.shape.y, grid.shape.x, energy.count],
      chunk: Self.chunk(grid.shape, bins: energy.count, size: type.size),
      packing: deflate.map { .deflate(level: $0) } ?? .none)
    try output.attribute("units", .strings(["counts"]), of: "/entry/data/counts")
    try output.attribute("interpretation", .strings(["spectrum"]), of: "/entry/data/counts")
    try output.axes(of: grid, in: "/entry/data", signal: "counts", further: ["energy"])
    try output.value("/entry/data/energy", .numbers(energy.centers), shape: [energy.count], units: "keV")
    try output.instrument(acquisition, shape: grid.shape)
    try output.process(program: program, note: note)
  }

  /// Whole spectra: a row of voxels if it fits, then rows of a slice, then slices.
  static func chunk(_ shape: Shape, bins: Int, size: Int) -> [Int] {
    let spectra = max(1, chunkBytes / max(1, bins * size))
    let x = min(shape.x, spectra)
    let y = min(shape.y, max(1, spectra / x))
    let z = min(shape.z, max(1, spectra / (x * y)))
    return [z, y, x, bins]
  }

  /// Streams the spectra of a source of the same grid and finishes the file; where that fails, none is left.
  ///
  /// - Parameter stage: name for progress and timing.
  /// - Throws: what the source and ``write(_:to:)`` throw; `interrupted`.
  public func write(
    all source: any SpectralSource, stage: String, resources: Resources
  ) throws(VoxelithError) {
    do throws(VoxelithError) {
      let plan = try BlockPlan(
        shape: grid.shape, bytesPerVoxel: Self.blockBytesPerBin * bins,
        memory: max(Self.blockBytesPerBin * bins, min(resources.memory / 4, Self.blockBytes)),
        inFlight: resources.threads + 1)
      try BlockStream.run(plan.blocks, stage: stage, resources: resources) {
        (block) throws(VoxelithError) in
        try source.readCounts(block.core)
      } consume: { (block, counts) throws(VoxelithError) in
        try write(counts, to: block.core)
      }
      try finish()
    } catch {
      abandon()
      throw error
    }
  }

  /// Takes the counts of a box in the order z, y, x, bin.
  ///
  /// - Throws: `internal` where their number does not fit, `data` where a count is to be written as an
  ///   integer and is none.
  public func write(_ values: [Float], to region: Region) throws(VoxelithError) {
    guard region.fits(in: grid.shape), values.count == region.count * bins else {
      throw VoxelithError(
        .internal, "\(values.count) counts for the voxels \(region) of \(bins) bins", file: output.path)
    }
    let start = [region.lower.z, region.lower.y, region.lower.x, 0]
    let count = [region.shape.z, region.shape.y, region.shape.x, bins]
    let buffer: VoxelBuffer = type == .float32 ? .float32(values) : .uint32(try whole(values, region))
    try counts.write(buffer, start: start, count: count)
    written += region.count
  }

  private func whole(_ values: [Float], _ region: Region) throws(VoxelithError) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let count = UInt32(exactly: value) else {
        let voxel = index / bins
        let x = region.lower.x + voxel % region.shape.x
        let y = region.lower.y + voxel / region.shape.x % region.shape.y
        let z = region.lower.z + voxel / (region.shape.x * region.shape.y)
        throw VoxelithError(
          .data, "the count \(value) is not a whole number", file: output.path,
          place: "voxel z \(z), y \(y), x \(x), bin \(index % bins)", advice: "write float32 instead")
      }
      result.append(count)
    }
    return result
  }

  /// Completes the file.
  ///
  /// - Throws: `internal` where voxels were left out; the file is then removed.
  public func finish() throws(VoxelithError) {
    guard written == grid.shape.count else {
      output.abandon()
      throw VoxelithError(
        .internal, "\(written) of \(grid.shape.count) voxels were written", file: output.path)
    }
    counts.close()
    try output.finish()
  }

  public func abandon() {
    counts.close()
    output.abandon()
  }
}
