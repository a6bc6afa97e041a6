public import Volumetry

/// Volume fractions of the phases on a coarse grid: what rays are traced through.
///
/// The grid may lie in the frame of another instrument, to which an affine map leads.
public struct PhaseField: Sendable {
  public let grid: Grid
  /// One array (z, y, x) per phase.
  public let fractions: [[Float]]
  /// 3 x 4 row-major: from points of the spectra's frame to points of this grid, um.
  private let map: [[Double]]

  /// - Parameters:
  ///   - transform: 4 x 4 (or 3 x 4) row-major matrix from the spectra's points to the field's; nil for one frame.
  /// - Throws: `data` where sizes do not fit or a voxel size is missing.
  public init(
    grid: Grid, fractions: [[Float]], transform: [[Double]]? = nil
  ) throws(VoxelithError) {
    try grid.validate()
    guard grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "absorption needs the voxel size of the phases", advice: "give the voxel size in µm")
    }
    guard !fractions.isEmpty, fractions.allSatisfy({ $0.count == grid.shape.count }) else {
      throw VoxelithError(.data, "the phases of the absorbing sample do not fit \(grid.shape) voxels")
    }
    let map = transform ?? [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    guard map.count >= 3, map.prefix(3).allSatisfy({ $0.count == 4 && $0.allSatisfy(\.isFinite) }) else {
      throw VoxelithError(.data, "the transform from spectra to absorbing phases is not a 4 x 4 matrix")
    }
    self.grid = grid
    self.fractions = fractions
    self.map = map
  }

  /// Reads fractions from volumes on one grid, phase by phase. A value that is not a number counts as nothing.
  public init(
    sources: [any VolumeSource], transform: [[Double]]? = nil
  ) throws(VoxelithError) {
    guard let first = sources.first else { throw VoxelithError(.data, "there are no absorbing phases") }
    var fractions: [[Float]] = []
    for source in sources {
      fractions.append(
        try source.readFloats(Region(whole: source.grid.shape)).map { $0.isFinite ? max(0, $0) : 0 })
    }
    try self.init(grid: first.grid, fractions: fractions, transform: transform)
  }

  /// Averages labels over cubes of about `cell` micrometres, slab by slab.
  ///
  /// - Parameters:
  ///   - values: label of each phase.
  public init(
    labels: any VolumeSource, values: [Int], cell: Double, transform: [[Double]]? = nil
  ) throws(VoxelithError) {
    let fine = labels.grid
    func step(_ spacing: Double, _ count: Int) -> Int { min(count, max(1, Int((cell / spacing).rounded()))) }
    let steps = Shape(
      z: step(fine.spacing.z, fine.shape.z), y: step(fine.spacing.y, fine.shape.y),
      x: step(fine.spacing.x, fine.shape.x))
    let shape = Shape(
      z: (fine.shape.z + steps.z - 1) / steps.z, y: (fine.shape.y + steps.y - 1) / steps.y,
      x: (fine.shape.x + steps.x - 1) / steps.x)
    let grid = Grid(
      shape: shape, spacing: fine.spacing * SIMD3(Double(steps.x), Double(steps.y), Double(steps.z)),
      origin: fine.origin, hasKnownSpacing: fine.hasKnownSpacing)
    var fractions = [[Float]](repeating: [Float](repeating: 0, count: shape.count), count: values.count)
    let weight = 1 / Float(steps.z * steps.y * steps.x)
    for z in 0..<fine.shape.z {
      let read = try labels.readLabels(Region(slices: z..<(z + 1), of: fine.shape))
      for y in 0..<fine.shape.y {
        let row = shape.index(z: z / steps.z, y: y / steps.y, x: 0)
        for x in 0..<fine.shape.x {
          let label = Int(read[y * fine.shape.x + x])
          for (phase, value) in values.enumerated() where value == label {
            fractions[phase][row + x / steps.x] += weight
          }
        }
      }
    }
    try self.init(grid: grid, fractions: fractions, transform: transform)
  }

  /// Adds the length in cm that a ray from `point` runs through each phase until it leaves the grid.
  ///
  /// Cells are crossed one after another with their exact lengths (Amanatides and Woo, Eurographics 1987).
  ///
  /// - Parameters:
  ///   - direction: unit vector in the spectra's frame.
  func addPaths(
    from point: SIMD3<Double>, along direction: SIMD3<Double>, into lengths: inout [Float], at start: Int
  ) {
    var origin = SIMD3<Double>.zero
    var step = SIMD3<Double>.zero
    for row in 0..<3 {
      let m = SIMD3(map[row][0], map[row][1], map[row][2])
      origin[row] = (m * point).sum() + map[row][3]
      step[row] = (m * direction).sum()
    }
    // In units of cells, with the ray's parameter in um of the spectra's frame.
    origin = (origin - grid.origin) / grid.spacing
    step /= grid.spacing
    let size = SIMD3(grid.shape.x, grid.shape.y, grid.shape.z)
    var enter = 0.0
    var leave = Double.infinity
    for axis in 0..<3 {
      if abs(step[axis]) < 1e-15 {
        if origin[axis] < 0 || origin[axis] >= Double(size[axis]) { return }
        continue
      }
      let a = -origin[axis] / step[axis]
      let b = (Double(size[axis]) - origin[axis]) / step[axis]
      enter = max(enter, min(a, b))
      leave = min(leave, max(a, b))
    }
    guard leave > enter else { return }
    var cell = SIMD3<Int>.zero
    var next = SIMD3<Double>(repeating: .infinity)
    var delta = next
    let entry = origin + enter * step
    for axis in 0..<3 {
      cell[axis] = min(max(Int(entry[axis].rounded(.down)), 0), size[axis] - 1)
      guard abs(step[axis]) >= 1e-15 else { continue }
      delta[axis] = 1 / abs(step[axis])
      let border = Double(cell[axis] + (step[axis] > 0 ? 1 : 0))
      next[axis] = (border - origin[axis]) / step[axis]
    }
    var at = enter
    while at < leave {
      let axis = next.x <= next.y ? (next.x <= next.z ? 0 : 2) : (next.y <= next.z ? 1 : 2)
      let end = min(next[axis], leave)
      if end > at {
        let index = grid.shape.index(z: cell.z, y: cell.y, x: cell.x)
        let length = Float((end - at) * 1e-4)
        for phase in fractions.indices { lengths[start + phase] += length * fractions[phase][index] }
        at = end
      }
      next[axis] += delta[axis]
      cell[axis] += step[axis] > 0 ? 1 : -1
      if cell[axis] < 0 || cell[axis] >= size[axis] { return }
    }
  }
}
