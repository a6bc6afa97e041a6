import Volumetry

/// Where the bins of a map lie, and how far the second pass must hold them.
struct BinExtents {
  struct Extent: BitwiseCopyable {
    /// Sums of the voxels' places from the grid's corner in um, along x, y, z, and of their squares.
    var first = (0.0, 0.0, 0.0)
    var second = 0.0
    var voxels: UInt32 = 0
    /// Row of the first voxel.
    var row: Int32 = 0
    /// Slice of the last one; -1 before any.
    var last: Int32 = -1

    /// Full width in um, see ``BinnedBox/resolution``.
    ///
    /// - Parameter box: second moment of a voxel, all axes together.
    func width(box: Double) -> Float {
      let n = Double(max(1, voxels))
      let mean = SIMD3(first.0, first.1, first.2) / n
      let moment = max(0, second / n - (mean * mean).sum()) + box
      return DenoisedMap.width * Float((moment / 3).squareRoot())
    }
  }

  private(set) var table: PagedArray<Extent>
  /// For each row the most bins of any slice whose first voxels lie in that row.
  private(set) var most: [Int]

  /// - Throws: as `PagedArray/init(repeating:count:in:)`.
  init(_ labels: PagedArray<Int32>, bins: Int, grid: Grid) throws(VoxelithError) {
    let (memory, shape) = (labels.memory, grid.shape)
    most = [Int](repeating: 0, count: shape.y)
    table = try PagedArray(repeating: Extent(), count: bins, in: memory)
    var access = ScatteredAccess(count: bins, bytes: MemoryLayout<Extent>.stride, in: memory)
    let table = table
    for z in 0..<shape.z {
      var open = [Int](repeating: 0, count: shape.y)
      for y in 0..<shape.y {
        access.refresh()
        for x in 0..<shape.x {
          let label = labels[shape.index(z: z, y: y, x: x)]
          guard label >= 0 else { continue }
          let bin = Int(label)
          access.reach(bin)
          var extent = table[bin]
          let at = grid.center(z: z, y: y, x: x) - grid.origin
          if extent.voxels == 0 { extent.row = Int32(y) }
          if extent.last != Int32(z) { open[Int(extent.row)] += 1 }
          extent.last = Int32(z)
          extent.voxels += 1
          extent.first = (extent.first.0 + at.x, extent.first.1 + at.y, extent.first.2 + at.z)
          extent.second += (at * at).sum()
          table[bin] = extent
        }
        memory.touched(shape.x * MemoryLayout<Int32>.stride)
      }
      for y in open.indices { most[y] = max(most[y], open[y]) }
    }
  }

  /// Bins whose first voxels lie in some rows, and the rows that hold all their voxels.
  struct Band: Sendable {
    let first: Range<Int>
    var rows: Range<Int>
  }

  /// Bands of which a slice cuts so many bins at most, or of a single row.
  func bands(bins limit: Int, labels: PagedArray<Int32>, shape: Shape) -> [Band] {
    var bands: [Band] = []
    var (start, held) = (0, 0)
    for y in most.indices {
      if y > start, held + most[y] > limit {
        bands.append(Band(first: start..<y, rows: start..<y))
        (start, held) = (y, 0)
      }
      held += most[y]
    }
    bands.append(Band(first: start..<most.count, rows: start..<most.count))
    if bands.count > 1 { widen(&bands, labels: labels, shape: shape) }
    return bands
  }

  /// Lets bands reach to the last voxels of their bins.
  private func widen(_ bands: inout [Band], labels: PagedArray<Int32>, shape: Shape) {
    var bandOfRow = [Int](repeating: 0, count: shape.y)
    for (index, band) in bands.enumerated() {
      for y in band.first { bandOfRow[y] = index }
    }
    var access = ScatteredAccess(
      count: table.count, bytes: MemoryLayout<Extent>.stride, in: labels.memory)
    var reach = bands.map(\.rows)
    for line in 0..<(shape.z * shape.y) {
      let y = line % shape.y
      access.refresh()
      for voxel in (line * shape.x)..<((line + 1) * shape.x) where labels[voxel] >= 0 {
        let bin = Int(labels[voxel])
        access.reach(bin)
        let band = bandOfRow[Int(table[bin].row)]
        if !reach[band].contains(y) {
          reach[band] = min(y, reach[band].lowerBound)..<max(y + 1, reach[band].upperBound)
        }
      }
      labels.memory.touched(shape.x * MemoryLayout<Int32>.stride)
    }
    for index in bands.indices { bands[index].rows = reach[index] }
  }
}
