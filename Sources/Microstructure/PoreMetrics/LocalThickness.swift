public import Volumetry

/// Local thickness: for each voxel of a phase the diameter of the largest ball that lies in the phase
/// and holds the voxel (T. Hildebrand and P. Ruegsegger, J. Microsc. 185 (1997) 67). Its histogram by
/// volume is the pore size distribution.
///
/// A ball holds the centres that are nearer than the nearest centre outside. Its diameter is twice that
/// distance less half a voxel: a slab of w voxels then measures w - 1/2 or w + 1/2 as its middle falls
/// between voxels or on one, and is right on average.
///
/// Volumes larger than memory are taken in blocks, twice: the largest radius anywhere tells how far
/// around a block the balls that cover it may reach. The cut never shows in the answer.
public struct LocalThickness: Sendable {
  /// Diameters in micrometres; zero outside the phase.
  public let diameters: Volume<Float>
  public let sizes: PoreSizes

  /// Local thickness in memory.
  ///
  /// - Throws: as ``run(_:into:cells:resources:)``.
  public static func measure(
    _ phase: PhaseLabels, resources: Resources = Resources()
  ) throws(VoxelithError) -> LocalThickness {
    let sink = MemorySink<Float>(grid: phase.grid)
    let sizes = try run(phase, into: sink, resources: resources).sizes
    return LocalThickness(diameters: sink.volume, sizes: sizes)
  }

  /// Writes the diameters in micrometres, zero outside the phase, box by box.
  ///
  /// - Parameter map: cells to give mean diameters for.
  /// - Returns: the pore sizes, and the mean diameter in each cell where cells were given.
  /// - Throws: `usage` where not even one voxel with the surroundings that the largest ball needs fits the
  ///   memory budget, `data` where the phase does not exist or fills the whole volume.
  @discardableResult
  public static func run(
    _ phase: PhaseLabels, into sink: some VolumeSink, cells map: CellMap? = nil,
    resources: Resources = Resources()
  ) throws(VoxelithError) -> (sizes: PoreSizes, field: CellField?) {
    let voxels = try phase.counts(in: CellMap(whole: phase.grid), resources: resources).phase[0]
    guard voxels > 0 else {
      throw VoxelithError(.data, "no voxel has the label \(phase.phase)", file: phase.labels.name)
    }
    guard voxels < phase.grid.shape.count else {
      throw VoxelithError(
        .data, "the phase \(phase.phase) fills the volume, so it has no thickness",
        file: phase.labels.name)
    }
    var sizes = PoreSizes()
    var means = map.map { CellMeans($0) }
    do throws(VoxelithError) {
      let blocks = try ThicknessBlocks(phase, resources: resources)
      try blocks.run { (region, diameters) throws(VoxelithError) in
        sizes.add(diameters)
        means?.add(diameters, region)
        try sink.write(.float32(diameters), to: region)
      }
      try sink.finish()
    } catch {
      sink.abandon()
      throw error
    }
    return (sizes, means?.field)
  }
}

/// Mean diameters of cells, summed in whole numbers of 2^-24 um: the order does not matter.
private struct CellMeans {
  private let map: CellMap
  private var sums: [Int64]
  private var counts: [Int]

  init(_ map: CellMap) {
    self.map = map
    sums = [Int64](repeating: 0, count: map.count)
    counts = [Int](repeating: 0, count: map.count)
  }

  mutating func add(_ diameters: [Float], _ region: Region) {
    var i = 0
    for z in region.z {
      for y in region.y {
        for x in region.x {
          if diameters[i] > 0, let cell = map.cell(z: z, y: y, x: x) {
            sums[cell] += Int64((Double(diameters[i]) * 0x1p24).rounded())
            counts[cell] += 1
          }
          i += 1
        }
      }
    }
  }

  var field: CellField {
    CellField(
      grid: map.coarse, sums: sums.map { Double($0) * 0x1p-24 }, weights: counts.map(Double.init))
  }
}
