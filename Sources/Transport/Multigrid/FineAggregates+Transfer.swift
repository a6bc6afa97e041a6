import Volumetry

extension FineAggregates {
  /// Sums `residual - A field` over the voxels of each unknown.
  func restrict(
    _ field: PagedArray<Float>, residual: PagedArray<Float>, operator fine: FineOperator,
    into coarseResidual: PagedArray<Float>
  ) {
    var unused = [UInt8](repeating: 0, count: coarse.shape.z)
    let cuts = unknownCuts
    let factors = lattice.factors
    let width = coarse.shape.x
    var whole = coarseResidual.mutableSpan
    var none = unused.mutableSpan
    Parallel.forEachPiece(
      of: &whole, cuts: cuts, and: &none, cuts: Array(0...coarse.shape.z),
      threads: fine.threads
    ) { bz, target, _ in
      var rows = RowScratch(length: fine.shape.x)
      for i in target.indices { target[i] = 0 }
      for z in (bz * factors.z)..<min((bz + 1) * factors.z, fine.shape.z) {
        for y in 0..<fine.shape.y {
          let block = (bz * coarse.shape.y + y / factors.y) * width
          let starts = blockStart.span.extracting(block..<(block + width))
          for run in fine.runs.runs(ofRow: z * fine.shape.y + y) {
            let range = fine.runs.extent(of: run)
            let start = fine.shape.index(z: z, y: y, x: range.lowerBound)
            let voxels = start..<(start + range.count)
            fine.gather(field.span, z: z, y: y, range: range, into: &rows)
            residualRow(
              field.span.extracting(voxels), residual.span.extracting(voxels), rows.diagonal,
              sum: &rows.sum)
            scatterRow(
              rows.sum.span, cells.span.extracting(voxels), starts, first: range.lowerBound,
              halved: factors.x == 2, base: cuts[bz], to: &target)
          }
        }
      }
      fine.memory.touched(12 * factors.z * fine.slice + 4 * target.count)
    }
  }

  /// Adds to each active voxel the value of its unknown.
  func prolong(
    _ correction: PagedArray<Float>, operator fine: FineOperator, addingTo field: PagedArray<Float>
  ) {
    let factors = lattice.factors
    let width = coarse.shape.x
    _ = fine.sweep(field) { z, y, range, start, _, target in
      let block = (z / factors.z * coarse.shape.y + y / factors.y) * width
      let voxels = start..<(start + range.count)
      addCorrection(
        correction.span, cells.span.extracting(voxels),
        blockStart.span.extracting(block..<(block + width)), fine.codes.span.extracting(voxels),
        first: range.lowerBound, halved: factors.x == 2, to: &target)
      return 0
    }
  }
}

/// Turns the neighbours' sum of a run into the residual; zero where inactive.
private func residualRow(
  _ field: Span<Float>, _ residual: Span<Float>, _ diagonal: [Float], sum: inout [Float]
) {
  let diagonal = diagonal.span.extracting(0..<field.count)
  var wholeSum = sum.mutableSpan
  var sum = wholeSum._mutatingExtracting(0..<field.count)
  for i in field.indices {
    let value = residual[i] + sum[i] - diagonal[i] * field[i]
    sum[i] = diagonal[i] > 0 ? value : 0
  }
}

private func scatterRow(
  _ values: Span<Float>, _ cells: Span<UInt8>, _ blockStart: Span<Int32>, first: Int, halved: Bool,
  base: Int, to target: inout MutableSpan<Float>
) {
  let shift = halved ? 1 : 0
  for i in cells.indices where values[i] != 0 {
    let unknown = Int(blockStart[(first + i) >> shift]) + Int(cells[i] & PhaseMap.pieceMask)
    target[unknown - base] += values[i]
  }
}

private func addCorrection(
  _ correction: Span<Float>, _ cells: Span<UInt8>, _ blockStart: Span<Int32>, _ codes: Span<UInt8>,
  first: Int, halved: Bool, to target: inout MutableSpan<Float>
) {
  let shift = halved ? 1 : 0
  for i in cells.indices where codes[i] != 0 {
    let unknown = Int(blockStart[(first + i) >> shift]) + Int(cells[i] & PhaseMap.pieceMask)
    target[i] += correction[unknown]
  }
}
