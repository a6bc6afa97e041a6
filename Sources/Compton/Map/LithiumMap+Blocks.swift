public import Volumetry

extension LithiumMap {
  /// Maps the voxels of one box.
  ///
  /// Pixels come one after another, each with all its depths, so that a pixel's spectra are used while they are at
  /// hand.
  public func map(_ region: Region) throws(VoxelithError) -> BlockResult {
    try map(region, addingTo: Guarded(emptySums), buffers: CountBuffers())
  }

  func map(
    _ region: Region, addingTo sums: Guarded<CountSums>, buffers: CountBuffers
  ) throws(VoxelithError) -> BlockResult {
    var counts = buffers.take()
    try source.readCounts(region, into: &counts)
    let result = try remembered(region, counts: counts, addingTo: sums)
    buffers.give(counts)
    return result
  }

  /// The result of counts that are known, or the fit of those that are not.
  private func remembered(
    _ region: Region, counts: [Float], addingTo sums: Guarded<CountSums>
  ) throws(VoxelithError) -> BlockResult {
    guard let memory else { return try map(region, counts: counts, addingTo: sums) }
    let mark = CountMark(counts.span)
    if let known = memory.entry(region, mark) {
      return try map(region, counts: counts, addingTo: sums, known: known.result)
    }
    let result = try map(region, counts: counts, addingTo: sums)
    memory.keep(MapMemory.Entry(mark: mark, result: result), for: region)
    return result
  }

  /// - Parameter known: the results of these counts, where they were fitted before: they are then only added up.
  private func map(
    _ region: Region, counts: [Float], addingTo sums: Guarded<CountSums>, known: BlockResult? = nil
  ) throws(VoxelithError) -> BlockResult {
    let bins = source.energy.count
    guard counts.count == region.count * bins else {
      throw VoxelithError(.internal, "a source gave \(counts.count) counts", file: source.name)
    }
    var result =
      known
      ?? BlockResult(
        voxels: region.count, rows: region.shape.z * region.shape.y, hasInformation: options.wantsInformation,
        fractionPulls: fractionPulls)
    let isKnown = known != nil
    let inputs = ColumnInputs(
      region: region, bins: bins, fractions: try fractions?.read(region) ?? [], phases: fractions?.count ?? 0,
      chosen: try selection?.read(region) ?? [], absorption: absorption, grid: source.grid,
      minimumFraction: Float(options.minimumFraction))
    var lengths = [Float](repeating: 0, count: absorption?.stride ?? 0)
    var scratch = try analyzers.typical().scratch()
    var columns = ColumnSums()
    let groups = pixelGroups
    let parts = depthParts
    for y in 0..<region.shape.y {
      columns.clear(pixels: region.shape.x, parts: parts.count)
      for x in 0..<region.shape.x {
        let pixel = (y: region.lower.y + y, x: region.lower.x + x)
        let first = y * region.shape.x + x
        guard let analyzer = try analyzers.analyzer(y: pixel.y, x: pixel.x) else {
          for z in 0..<region.shape.z where !isKnown {
            result.set(
              VoxelResult(fit: VoxelFit(status: .deadPixel)), voxel: inputs.voxel(first, z),
              row: inputs.row(first, z))
          }
          continue
        }
        let exit = absorption?.exit(angle: analyzers.geometry.angle(y: pixel.y, x: pixel.x)) ?? .zero
        Self.map(
          inputs, first, pixel: pixel, exit: exit, with: analyzer, counts: counts.span, lengths: &lengths,
          isKnown: isKnown, scratch: &scratch, sums: &columns, group: groups.group(y: pixel.y, x: pixel.x),
          parts: parts, into: &result)
      }
      sums.withLock { columns.add(to: &$0) }
    }
    return result
  }

  /// The voxels behind one pixel.
  private static func map(
    _ inputs: borrowing ColumnInputs, _ first: Int, pixel: (y: Int, x: Int), exit: SIMD3<Double>,
    with analyzer: VoxelAnalyzer, counts: Span<Float>, lengths: inout [Float], isKnown: Bool,
    scratch: inout VoxelAnalyzer.Scratch, sums: inout ColumnSums, group: Int, parts: DepthParts,
    into result: inout BlockResult
  ) {
    let bins = inputs.bins
    let phases = inputs.phases
    let isPlain = phases == 0 && inputs.absorption == nil
    sums.open(analyzer.fitBins)
    var part = parts.part(z: inputs.region.lower.z)
    for z in 0..<inputs.region.shape.z {
      let own = parts.part(z: inputs.region.lower.z + z)
      if own != part {
        sums.close(group, part: part, bins: analyzer.fitBins)
        sums.open(analyzer.fitBins)
        part = own
      }
      let voxel = inputs.voxel(first, z)
      let row = inputs.row(first, z)
      guard inputs.isChosen(voxel) else {
        if isKnown { continue }
        let reason = VoxelStatus.ofUnchosen(isCovered: !inputs.isUncovered(voxel))
        result.set(VoxelResult(fit: VoxelFit(status: reason)), voxel: voxel, row: row)
        continue
      }
      if let absorption = inputs.absorption {
        for index in lengths.indices { lengths[index] = 0 }
        absorption.paths(
          from: inputs.grid.center(z: inputs.region.lower.z + z, y: pixel.y, x: pixel.x), exit: exit,
          into: &lengths, at: 0)
      }
      if isKnown {
        let counted: VoxelAnalyzer.Counted
        if phases > 0 {
          let own = inputs.fractions.span.extracting((voxel * phases)..<((voxel + 1) * phases))
          counted = analyzer.count(
            counts, at: voxel * bins, fractions: own, paths: lengths.span, scratch: &scratch)
        } else {
          counted = analyzer.count(
            counts, at: voxel * bins, fractions: nil, paths: lengths.span, scratch: &scratch)
        }
        let status = VoxelStatus(rawValue: result.mask[voxel])
        if counted.status == .good, status?.hasValue == true, !scratch.hasSaturation {
          sums.add(scratch.packed.span)
          if !isPlain { sums.addExpected(analyzer, scratch) }
        }
        continue
      }
      let value: VoxelResult
      if phases > 0 {
        let own = inputs.fractions.span.extracting((voxel * phases)..<((voxel + 1) * phases))
        value = analyzer.analyze(
          counts, at: voxel * bins, fractions: own, paths: lengths.span, scratch: &scratch)
      } else {
        value = analyzer.analyze(
          counts, at: voxel * bins, paths: lengths.span, scratch: &scratch)
      }
      result.set(value, voxel: voxel, row: row)
      if value.fit.status.hasValue, !scratch.hasSaturation {
        sums.add(scratch.packed.span)
        if !isPlain { sums.addExpected(analyzer, scratch) }
      }
    }
    sums.close(group, part: part, bins: analyzer.fitBins)
  }
}

/// What the columns of one box share.
private struct ColumnInputs {
  let region: Region
  let bins: Int
  let fractions: [Float]
  let phases: Int
  let chosen: [Bool]
  let absorption: Absorption?
  let grid: Grid
  let minimumFraction: Float

  /// Place of a voxel behind a pixel among all of the box, and its row.
  func voxel(_ first: Int, _ z: Int) -> Int { z * region.shape.y * region.shape.x + first }
  func row(_ first: Int, _ z: Int) -> Int { z * region.shape.y + first / region.shape.x }

  /// Whether the voxel is asked for and holds active material.
  @inline(__always)
  /// Whether fractions are asked for, and those of the voxel are not known.
  func isUncovered(_ voxel: Int) -> Bool {
    phases > 0 && (chosen.isEmpty || chosen[voxel]) && fractions[voxel * phases].isNaN
  }

  func isChosen(_ voxel: Int) -> Bool {
    (chosen.isEmpty || chosen[voxel]) && (phases == 0 || fractions[voxel * phases] >= minimumFraction)
  }
}
