import Volumetry

/// The finite-volume matrix on the voxels, never stored: rows are formed from the medium as needed.
///
/// Seven points, conductance of a face between voxels of diffusivity a and b the harmonic mean,
/// `area / distance * 2 / (1/a + 1/b)`; a fixed face lies half a voxel outside, so its conductance
/// is `area / distance * 2a`. Voxels that do not percolate or do not conduct are inactive: they hold
/// zero in every field. (S. V. Patankar, Numerical Heat Transfer and Fluid Flow, 1980, section 4.2-3.)
struct FineOperator: Sendable {
  let shape: Shape
  let boundary: BoundaryConditions
  /// Area over distance per axis (x, y, z), the largest being 1.
  var weights: SIMD3<Float> { SIMD3<Float>(exactWeights) }
  let exactWeights: SIMD3<Double>
  /// The active voxels, row by row; gaps are inactive.
  let runs: RunTable
  /// With one diffusivity the diagonal of the matrix (0 where inactive), which is all that is needed;
  /// with several the resistivity 1/D of each voxel (infinite where inactive).
  let medium: [Float]
  let isUniform: Bool
  let threads: Int

  /// Voxels that a slab of the parallel loops holds: one slice.
  var slice: Int { shape.y * shape.x }
  var sliceCuts: [Int] { Parallel.cuts(of: shape.count, stride: slice) }

  init(
    map: PhaseMap, runs: RunTable, percolation: Percolation, boundary: BoundaryConditions, threads: Int
  ) {
    let merged = runs.selecting(percolation.isKept, joiningGapsBelow: 16)
    self.shape = map.shape
    self.boundary = boundary
    self.runs = merged
    self.threads = threads
    exactWeights = Self.weights(of: map.grid.spacing)
    isUniform = percolation.counts.dropFirst().count(where: { $0 > 0 }) == 1
    let resistivity = Self.resistivity(map: map, runs: runs, percolation: percolation, threads: threads)
    medium =
      isUniform
      ? Self.diagonal(resistivity, runs: merged, boundary: boundary, weights: exactWeights, threads: threads)
      : resistivity
  }

  /// Area of a face over the distance of the centres, per axis, scaled so that the largest is 1.
  static func weights(of spacing: SIMD3<Double>) -> SIMD3<Double> {
    let inverse = SIMD3<Double>.one / (spacing * spacing)
    return inverse / inverse.max()
  }

  func isActive(_ voxel: Int) -> Bool { isUniform ? medium[voxel] > 0 : medium[voxel] < .infinity }

  /// Conductance of the face between two active voxels across `axis`.
  func conductance(_ first: Int, _ second: Int, across axis: Axis) -> Float {
    isUniform ? weight(axis) : 2 * weight(axis) / (medium[first] + medium[second])
  }

  /// Conductance between an active voxel and a fixed face.
  func faceConductance(_ voxel: Int, across axis: Axis) -> Float {
    isUniform ? 2 * weight(axis) : 2 * weight(axis) / medium[voxel]
  }

  func weight(_ axis: Axis) -> Float {
    switch axis {
    case .z: weights.z
    case .y: weights.y
    case .x: weights.x
    }
  }

  private static func resistivity(
    map: PhaseMap, runs: RunTable, percolation: Percolation, threads: Int
  ) -> [Float] {
    let shape = map.shape
    let uniform = percolation.counts.dropFirst().count(where: { $0 > 0 }) == 1
    let table = map.valueByClass.map { $0 > 0 ? (uniform ? 1 : Float(1 / $0)) : .infinity }
    var result = [Float](repeating: .infinity, count: shape.count)
    let slice = shape.y * shape.x
    Parallel.forEachSlab(of: &result, stride: slice, threads: threads) { z, slab in
      for y in 0..<shape.y {
        let row = z * shape.y + y
        for run in runs.runs(ofRow: row) where percolation.isKept[run] {
          for x in runs.extent(of: run) {
            let cell = map.cells[row * shape.x + x]
            slab[y * shape.x + x] = table[Int(cell >> PhaseMap.classShift)]
          }
        }
      }
    }
    return result
  }

  /// Sum of the conductances of each active voxel's faces where all active voxels conduct alike.
  private static func diagonal(
    _ resistivity: [Float], runs: RunTable, boundary: BoundaryConditions, weights: SIMD3<Double>,
    threads: Int
  ) -> [Float] {
    let probe = FineOperator(
      shape: runs.shape, boundary: boundary, weights: weights, runs: runs, resistivity: resistivity,
      threads: threads)
    var result = [Float](repeating: 0, count: runs.shape.count)
    Parallel.forEachSlab(of: &result, stride: probe.slice, threads: threads) { z, slab in
      var rows = RowScratch(length: runs.shape.x)
      for y in 0..<runs.shape.y {
        probe.forEachRun(z: z, y: y) { start, range in
          probe.gatherDiagonal(z: z, y: y, range: range, into: &rows)
          let diagonal = rows.diagonal.span
          for i in 0..<range.count {
            slab[start - z * probe.slice + i] = diagonal[i]
          }
        }
      }
    }
    return result
  }

  private init(
    shape: Shape, boundary: BoundaryConditions, weights: SIMD3<Double>, runs: RunTable,
    resistivity: [Float], threads: Int
  ) {
    self.shape = shape
    self.boundary = boundary
    exactWeights = weights
    self.runs = runs
    self.threads = threads
    medium = resistivity
    isUniform = false
  }

  /// Calls `body(firstVoxel, range of x)` for every run of a row.
  func forEachRun(z: Int, y: Int, _ body: (Int, Range<Int>) -> Void) {
    let row = z * shape.y + y
    for run in runs.runs(ofRow: row) {
      let range = runs.extent(of: run)
      body(row * shape.x + range.lowerBound, range)
    }
  }
}
