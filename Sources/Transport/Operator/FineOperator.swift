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
  /// 0 where inactive; with one diffusivity the number of the voxel's diagonal in ``diagonals``, which
  /// is all that is needed.
  let codes: PagedArray<UInt8>
  /// Values that the diagonal can have where all active voxels conduct alike.
  let diagonals: DiagonalTable
  /// With several diffusivities the resistivity 1/D of each voxel, infinite where inactive; else empty.
  let medium: PagedArray<Float>
  let isUniform: Bool
  let memory: WorkingMemory
  let threads: Int

  /// Voxels that a slab of the parallel loops holds: one slice.
  var slice: Int { shape.y * shape.x }
  var sliceCuts: [Int] { Parallel.cuts(of: shape.count, stride: slice) }

  init(
    map: PhaseMap, runs: RunTable, percolation: Percolation, boundary: BoundaryConditions,
    memory: WorkingMemory, threads: Int
  ) throws(VoxelithError) {
    let merged = try runs.selecting(percolation.isKept, joiningGapsBelow: 16)
    self.shape = map.shape
    self.boundary = boundary
    self.runs = merged
    self.threads = threads
    self.memory = memory
    exactWeights = Self.weights(of: map.grid.spacing)
    isUniform = percolation.counts.dropFirst().count(where: { $0 > 0 }) == 1
    diagonals = DiagonalTable(weights: exactWeights)
    let active = try Self.activity(runs: runs, percolation: percolation, memory: memory, threads: threads)
    medium =
      isUniform
      ? try PagedArray(in: memory) : try Self.resistivity(map: map, active: active, threads: threads)
    codes =
      isUniform
      ? try diagonals.codes(active: active, shape: map.shape, boundary: boundary, threads: threads) : active
  }

  /// Area of a face over the distance of the centres, per axis, scaled so that the largest is 1.
  static func weights(of spacing: SIMD3<Double>) -> SIMD3<Double> {
    let inverse = SIMD3<Double>.one / (spacing * spacing)
    return inverse / inverse.max()
  }

  func isActive(_ voxel: Int) -> Bool { codes[voxel] != 0 }

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

  /// 1 for each voxel of a percolating run.
  private static func activity(
    runs: RunTable, percolation: Percolation, memory: WorkingMemory, threads: Int
  ) throws(VoxelithError) -> PagedArray<UInt8> {
    let shape = runs.shape
    let result = try PagedArray<UInt8>(repeating: 0, count: shape.count, in: memory)
    var span = result.mutableSpan
    Parallel.forEachSlab(of: &span, stride: shape.y * shape.x, threads: threads) { z, slab in
      for y in 0..<shape.y {
        for run in runs.runs(ofRow: z * shape.y + y) where percolation.isKept[run] {
          for x in runs.extent(of: run) { slab[y * shape.x + x] = 1 }
        }
      }
      memory.touched(slab.count + 5 * runs.runs(ofSlice: z).count)
    }
    return result
  }

  private static func resistivity(
    map: PhaseMap, active: PagedArray<UInt8>, threads: Int
  ) throws(VoxelithError) -> PagedArray<Float> {
    let table = map.valueByClass.map { $0 > 0 ? Float(1 / $0) : .infinity }
    let slice = map.shape.y * map.shape.x
    let memory = active.memory
    let result = try PagedArray<Float>(repeating: .infinity, count: map.shape.count, in: memory)
    var span = result.mutableSpan
    Parallel.forEachSlab(of: &span, stride: slice, threads: threads) { z, slab in
      for i in slab.indices where active[z * slice + i] != 0 {
        slab[i] = table[Int(map.cells[z * slice + i] >> PhaseMap.classShift)]
      }
      memory.touched(6 * slab.count)
    }
    return result
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
