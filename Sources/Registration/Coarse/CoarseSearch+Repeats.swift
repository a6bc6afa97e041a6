import Volumetry

extension CoarseSearch {
  /// Another place, as far as it agrees.
  struct Repeat {
    let transform: SpatialTransform
    /// Its correlation over that of the place it is compared with.
    let part: Double
  }

  /// Shifts of an alignment, turned as it is, at which the volumes agree, too: the marks of an object that repeats itself,
  /// and of an alignment that is not the best one. Cells are about half as large as for the search itself.
  ///
  /// - Parameter part: of the alignment's own correlation that is worth a look.
  func repeats(
    of place: SpatialTransform, _ feature: Feature, part: Double, keep: Int
  ) throws(VoxelithError) -> [Repeat] {
    let cell = fineCell(scale: place.scale)
    let fixedGrid = Self.lattice(extent: fixed.lattice.extent, cell: cell)
    let fixedPlaced = Grid(
      shape: fixedGrid.shape, spacing: fixedGrid.spacing,
      origin: fixed.lattice.middle - 0.5 * fixedGrid.extent)
    // The moving volume as the fixed space sees it, on a lattice that continues the fixed one.
    let movingGrid = Self.lattice(extent: moving.grid.extent / place.scale, cell: cell)
    let wanted = try place.inverted()(moving.grid.middle) - 0.5 * movingGrid.extent
    let ahead = (wanted - fixedPlaced.origin) / cell
    let steps = SIMD3(Int(ahead.x.rounded()), Int(ahead.y.rounded()), Int(ahead.z.rounded()))
    func um(_ shift: SIMD3<Int>) -> SIMD3<Double> {
      cell * SIMD3(Double(shift.x), Double(shift.y), Double(shift.z))
    }
    let movingPlaced = Grid(
      shape: movingGrid.shape, spacing: cell, origin: fixedPlaced.origin + um(steps))
    let view = try ResampledVolume(
      Volume(grid: fixed.lattice, voxels: fixed.values), on: fixedPlaced, interpolation: .area)
    let matcher = try Matcher(
      feature, fixed: try view.readFloats(Region(whole: fixedPlaced.shape)), shape: fixedPlaced.shape,
      movingShape: movingPlaced.shape, classes: classes)
    try Cancellation.poll()
    let samples = try coarseModel(on: movingPlaced, cell: cell.max() * place.scale)
      .sample(place, isStrict: true, threads: resources.threads)
    try Cancellation.poll()
    // Fixed voxel x lies on moving voxel x - steps.
    let own = SIMD3(0, 0, 0) &- steps
    guard
      let scores = try matcher?.scores(
        of: (0..<movingPlaced.shape.count).map { samples[4 * $0] }, minimumOverlap: minimumOverlap,
        allowsInversion: allowsInversion), let strength = scores.strength(near: own), strength > 0
    else { return [] }
    return scores.others(than: own, apart: 2, keep: keep).compactMap { peak in
      let part = { abs($0) / Double(strength) }(peak.correlation)
      let shift = SpatialTransform(translation: um(peak.shift &+ steps))
      return Repeat(transform: place.composed(after: shift), part: part)
    }.filter { $0.part >= part }
  }

  /// About 40^3 cells for two cubes of one size, 24^3 for the smaller of two unlike ones.
  private func fineCell(scale: Double) -> SIMD3<Double> {
    func volume(_ e: SIMD3<Double>) -> Double { e.x * e.y * e.z }
    let a = fixed.lattice.extent
    let b = moving.grid.extent / scale
    let least = fixed.lattice.spacing.min()
    if isInPlane {
      let h = max((max(a.x * a.y, b.x * b.y) / 9216).squareRoot(), least)
      return SIMD3(h, h, min(a.z, b.z))
    }
    let alike = cubeRoot(max(volume(a), volume(b)) / 64_000)
    let apart = cubeRoot(min(volume(a), volume(b)) / 13_824)
    let longest = max(a.max(), b.max()) / 96
    return pointwiseMin(SIMD3(repeating: max(min(alike, apart), longest, least)), pointwiseMin(a, b))
  }
}
