public import Volumetry

/// What labels with the blur taken out get wrong, from labels whose truth is known: those that were found are blurred, get
/// noise, and are looked for again.
extension PartialVolume {
  private static let mostTiles = 4

  /// Errors of the fractions of all classes in boxes of a size.
  ///
  /// - Parameters:
  ///   - labels: that were found in the volume.
  ///   - side: of a box in voxels, by axis.
  /// - Returns: by box, then class: the fraction that was found less the one that was there. None where no box lies in
  ///   voxels that all have a class.
  public func errors(
    of labels: any VolumeSource, side: SIMD3<Double>, resources: Resources
  ) throws(VoxelithError) -> [[Double]] {
    let shape = labels.grid.shape
    let chosen = Self.chosenTiles(shape)
    let results = try Parallel.map(chosen.count, threads: Self.limited(resources).threads) {
      (index) throws(VoxelithError) -> [[Double]] in
      let block = chosen[index]
      let outer = block.core.grown(by: Self.halo, within: shape)
      let found = try labels.readFloats(outer)
      return errors(
        found, shape: outer.shape, core: block.core.relative(to: outer), side: side,
        stream: UInt64(block.index))
    }
    return results.flatMap { $0 }
  }

  /// What the cost of faces decides of the fractions of all classes: those of labels made with less of it, less those that were made.
  ///
  /// - Parameter source: the grey values.
  public func looseness(
    of source: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> [Double] {
    let shape = source.grid.shape
    let chosen = Self.chosenTiles(shape)
    let classes = means.count
    let results = try Parallel.map(chosen.count, threads: Self.limited(resources).threads) {
      (index) throws(VoxelithError) -> [Int] in
      let outer = chosen[index].core.grown(by: Self.halo, within: shape)
      let grey = try source.readFloats(outer)
      var tile = PartialVolumeTile(grey, shape: outer.shape, model: self)
      tile.relax()
      var counts = [Int](repeating: 0, count: classes + 1)
      let core = chosen[index].core.relative(to: outer)
      for z in core.z {
        for y in core.y {
          let row = outer.shape.index(z: z, y: y, x: 0)
          for i in (row + core.x.lowerBound)..<(row + core.x.upperBound) where grey[i].isFinite {
            counts[Int(tile.early[i])] += 1
            counts[Int(tile.labels[i])] -= 1
            counts[classes] += 1
          }
        }
      }
      return counts
    }
    let all = max(1, results.reduce(0) { $0 + $1[classes] })
    return (0..<classes).map { own in Double(results.reduce(0) { $0 + $1[own] }) / Double(all) }
  }

  private static func chosenTiles(_ shape: Shape) -> [Block] {
    let all = BlockPlan(shape: shape, cores: tile, bytesPerVoxel: 1, inFlight: 1).blocks
    let count = min(mostTiles, all.count)
    return (0..<count).map { all[(2 * $0 + 1) * all.count / (2 * count)] }
  }

  private func errors(
    _ found: [Float], shape: Shape, core: Region, side: SIMD3<Double>, stream: UInt64
  ) -> [[Double]] {
    let classes = means.count
    let isInside = found.map { $0.isFinite && Int($0) < classes }
    // Faces run through voxels: what is scanned is shifted by a part of a voxel along all axes.
    let parts = (0..<classes).map { own in
      Self.shifted(found.map { $0 == Float(own) ? 1 : 0 }, shape)
    }
    var scan = [Float](repeating: 0, count: found.count)
    for own in 0..<classes {
      for i in scan.indices { scan[i] += Float(means[own]) * parts[own][i] }
    }
    // The shift has blurred, of which a voxel's own width is part.
    let width = max(0, blur * blur - Self.blurOfShift).squareRoot()
    let sigma = SIMD3(shape.x > 1 ? width : 0, shape.y > 1 ? width : 0, shape.z > 1 ? width : 0)
    scan = SeparableFilter.gaussian(scan, shape: shape, sigma: sigma, threads: 1)
    var generator = SeededGenerator(seed: 20241, stream: stream)
    for i in scan.indices { scan[i] += Float(noise * generator.normal()) }
    var tile = PartialVolumeTile(scan, shape: shape, model: self)
    tile.relax()
    let step = Shape(
      z: min(core.shape.z, max(1, Int(side.z.rounded()))),
      y: min(core.shape.y, max(1, Int(side.y.rounded()))),
      x: min(core.shape.x, max(1, Int(side.x.rounded()))))
    var result: [[Double]] = []
    for z in stride(from: core.z.lowerBound, through: core.z.upperBound - step.z, by: step.z) {
      for y in stride(from: core.y.lowerBound, through: core.y.upperBound - step.y, by: step.y) {
        for x in stride(from: core.x.lowerBound, through: core.x.upperBound - step.x, by: step.x) {
          let box = Region(lower: Shape(z: z, y: y, x: x), shape: step)
          guard let wrong = wrong(box, tile.labels, parts, isInside, shape) else { continue }
          result.append(wrong)
        }
      }
    }
    return result
  }

  /// Root mean square of the places of faces within their voxels.
  private static let shift = (1.0 / 12).squareRoot()
  /// Variance that a shift adds, less that of a voxel's own width.
  private static let blurOfShift = shift * (1 - shift) - 1.0 / 12

  /// Means of neighbours along all axes.
  private static func shifted(_ values: [Float], _ shape: Shape) -> [Float] {
    let kernel = Kernel(weights: [0, Float(1 - shift), Float(shift)])
    return Axis.allCases.reduce(values) {
      shape[$1] > 1 ? SeparableFilter.convolve($0, shape: shape, along: $1, with: kernel, threads: 1) : $0
    }
  }

  private func wrong(
    _ box: Region, _ labels: [UInt8], _ parts: [[Float]], _ isInside: [Bool], _ shape: Shape
  ) -> [Double]? {
    var sums = [Double](repeating: 0, count: means.count)
    for z in box.z {
      for y in box.y {
        let row = shape.index(z: z, y: y, x: 0)
        for i in (row + box.x.lowerBound)..<(row + box.x.upperBound) {
          guard isInside[i] else { return nil }
          sums[Int(labels[i])] += 1
          for own in parts.indices { sums[own] -= Double(parts[own][i]) }
        }
      }
    }
    return sums.map { $0 / Double(box.count) }
  }
}
