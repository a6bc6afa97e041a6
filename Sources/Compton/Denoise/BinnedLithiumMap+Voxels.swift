import Volumetry

extension BinnedLithiumMap {
  typealias Body = (
    _ voxel: Int, _ place: Int, VoxelAnalyzer?, _ fractions: Span<Float>?, VoxelAnalyzer.Counted,
    borrowing VoxelAnalyzer.Scratch
  ) -> Void

  /// Counts the voxels of a box in z, y, x order and hands each on with its packed counts and spectra.
  ///
  /// - Parameters:
  ///   - isWanted: whether the voxel of a place in the grid is counted.
  ///   - body: is given the voxel's place in the box and in the grid.
  func forEachVoxel(
    _ region: Region, where isWanted: (_ place: Int) -> Bool = { _ in true }, _ body: Body
  ) throws(VoxelithError) {
    let counts = try map.source.readCounts(region)
    let bins = map.source.energy.count
    guard counts.count == region.count * bins else {
      throw VoxelithError(.internal, "a source gave \(counts.count) counts", file: map.source.name)
    }
    let parts = try map.fractions?.read(region)
    let phases = map.fractions?.count ?? 0
    let shape = map.source.grid.shape
    var lengths = [Float](repeating: 0, count: map.absorption?.stride ?? 0)
    var scratch = try map.analyzers.typical().scratch()
    var voxel = 0
    for z in region.z {
      for y in region.y {
        for x in region.x {
          defer { voxel += 1 }
          let place = shape.index(z: z, y: y, x: x)
          guard isWanted(place) else { continue }
          let visited = Visited(voxel: voxel, place: place, z: z, y: y, x: x)
          guard let parts else {
            try visit(visited, counts.span, fractions: nil, &lengths, &scratch, body)
            continue
          }
          try visit(
            visited, counts.span, fractions: parts.span.extracting((voxel * phases)..<((voxel + 1) * phases)),
            &lengths, &scratch, body)
        }
      }
    }
  }

  private struct Visited {
    let (voxel, place): (Int, Int)
    let (z, y, x): (Int, Int, Int)
  }

  private func visit(
    _ at: Visited, _ counts: Span<Float>, fractions own: Span<Float>?, _ lengths: inout [Float],
    _ scratch: inout VoxelAnalyzer.Scratch, _ body: Body
  ) throws(VoxelithError) {
    guard let analyzer = try map.analyzers.analyzer(y: at.y, x: at.x) else {
      body(at.voxel, at.place, nil, own, VoxelAnalyzer.Counted(status: .deadPixel), scratch)
      return
    }
    // Not a number, where the fractions of a voxel are not known, is no less than any.
    if let own, !(own[0] >= Float(map.options.minimumFraction)) {
      let reason = VoxelStatus.ofUnchosen(isCovered: !own[0].isNaN)
      body(at.voxel, at.place, nil, own, VoxelAnalyzer.Counted(status: reason), scratch)
      return
    }
    if let absorption = map.absorption {
      for index in lengths.indices { lengths[index] = 0 }
      absorption.paths(
        from: map.source.grid.center(z: at.z, y: at.y, x: at.x),
        exit: absorption.exit(angle: map.analyzers.geometry.angle(y: at.y, x: at.x)), into: &lengths, at: 0)
    }
    var counted = analyzer.count(
      counts, at: at.voxel * map.source.energy.count, fractions: own, paths: lengths.span,
      scratch: &scratch)
    // What a bin expects is the sum of whole spectra.
    if scratch.hasSaturation { counted.status = .badCounts }
    body(at.voxel, at.place, analyzer, own, counted, scratch)
  }
}
