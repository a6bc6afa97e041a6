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
    let all = BlockPlan(shape: shape, cores: Self.tile, bytesPerVoxel: 1, inFlight: 1).blocks
    let count = min(Self.mostTiles, all.count)
    let chosen = (0..<count).map { all[(2 * $0 + 1) * all.count / (2 * count)] }
    let results = try Parallel.map(count, threads: Self.limited(resources).threads) {
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

  private func errors(
    _ found: [Float], shape: Shape, core: Region, side: SIMD3<Double>, stream: UInt64
  ) -> [[Double]] {
    let classes = means.count
    let isInside = found.map { $0.isFinite && Int($0) < classes }
    let known = found.indices.map { isInside[$0] ? UInt8(found[$0]) : 0 }
    var tile = PartialVolumeTile(labels: known, shape: shape, model: self)
    var scan = tile.blurredLabels()
    var generator = SeededGenerator(seed: 20241, stream: stream)
    for i in scan.indices { scan[i] += Float(noise * generator.normal()) }
    tile = PartialVolumeTile(scan, shape: shape, model: self)
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
          guard let wrong = wrong(box, tile.labels, known, isInside, shape) else { continue }
          result.append(wrong)
        }
      }
    }
    return result
  }

  private func wrong(
    _ box: Region, _ labels: [UInt8], _ known: [UInt8], _ isInside: [Bool], _ shape: Shape
  ) -> [Double]? {
    var counts = [Int](repeating: 0, count: means.count)
    for z in box.z {
      for y in box.y {
        let row = shape.index(z: z, y: y, x: 0)
        for i in (row + box.x.lowerBound)..<(row + box.x.upperBound) {
          guard isInside[i] else { return nil }
          counts[Int(labels[i])] += 1
          counts[Int(known[i])] -= 1
        }
      }
    }
    return counts.map { Double($0) / Double(box.count) }
  }
}
