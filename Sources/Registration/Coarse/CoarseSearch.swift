import Volumetry

/// First guesses of an alignment: every rotation of a grid of angles, and for each the best shift by
/// masked correlation in Fourier space.
struct CoarseSearch {
  struct Candidate: Sendable {
    let transform: SpatialTransform
    let score: Double
  }

  /// What is compared.
  enum Feature: Sendable {
    /// The values themselves.
    case values
    /// How fast they change, for pairs whose values have no common order.
    case gradient
    /// Which class of values each fixed voxel belongs to, whatever moving value goes with it.
    case classes
  }

  let fixed: FixedSamples
  let moving: WorkingImage
  /// In degrees.
  var maximumAngle: Double
  let searchesFullTurn: Bool
  let minimumOverlap: Double
  let allowsInversion: Bool
  let isInPlane: Bool
  let resources: Resources
  /// Applied to the moving volume before it is turned: a mirror or a change of axes that is tried as a rival.
  var orientation = LinearMap.identity
  /// Cells and angles are this many times larger than for the search proper.
  var coarseness = 1.0
  /// Classes of the fixed values where these are compared.
  var classes = 5

  /// Candidates in falling order of score, no two closer than one coarse cell.
  func candidates(_ feature: Feature, keep: Int) throws(VoxelithError) -> [Candidate] {
    try candidates(feature, of: [orientation], keep: keep)[0]
  }

  /// Candidates of several orientations, this one's among them, which all change axes or none does. Of one turn they are looked at
  /// one after the other, mirrored ones first: these lack the same voxels.
  func candidates(
    _ feature: Feature, of orientations: [LinearMap], keep: Int
  ) throws(VoxelithError) -> [[Candidate]] {
    let cell = self.cell
    let fixedGrid = Self.lattice(extent: fixed.lattice.extent, cell: cell)
    let fixedPlaced = Grid(
      shape: fixedGrid.shape, spacing: fixedGrid.spacing,
      origin: fixed.lattice.middle - 0.5 * fixedGrid.extent)
    let view = try ResampledVolume(
      Volume(grid: fixed.lattice, voxels: fixed.values), on: fixedPlaced, interpolation: .area)
    var fixedValues = try view.readFloats(Region(whole: fixedPlaced.shape))
    try Cancellation.poll()
    if feature == .gradient { fixedValues = Self.gradientMagnitude(fixedValues, fixedPlaced.shape) }

    let rotations = self.rotations
    let movingGrid = movingLattice
    let h = cell.max()
    let model = try coarseModel(on: movingGrid, cell: h)

    let fixedVoxels = fixedValues
    func isMirror(_ map: LinearMap) -> Bool { map.x.x != 0 && map.y.y != 0 && map.z.z != 0 }
    let order =
      orientations.indices.filter { isMirror(orientations[$0]) }
      + orientations.indices.filter { !isMirror(orientations[$0]) }
    let pieces = min(rotations.count, 4 * resources.threads)
    let parts = try Parallel.map(pieces, threads: resources.threads) {
      (piece) throws(VoxelithError) -> [(orientation: Int, turn: Int, candidate: Candidate)] in
      let matcher = try Matcher(
        feature, fixed: fixedVoxels, shape: fixedPlaced.shape, movingShape: movingGrid.shape, classes: classes
      )
      guard let matcher else { return [] }
      var found: [(orientation: Int, turn: Int, candidate: Candidate)] = []
      for index in stride(from: piece, to: rotations.count, by: pieces) {
        for number in order {
          try resources.cancellation.check()
          let rotation = rotations[index] * orientations[number]
          let place = SpatialTransform(
            linear: rotation, translation: moving.grid.middle - rotation * movingGrid.middle)
          let samples = model.sample(place, isStrict: true, threads: 1)
          var values = (0..<movingGrid.shape.count).map { samples[4 * $0] }
          if feature == .gradient { values = Self.gradientMagnitude(values, movingGrid.shape) }
          guard
            let peak = try matcher.scores(
              of: values, minimumOverlap: minimumOverlap, allowsInversion: allowsInversion)?.best
          else { continue }
          let shift = cell * SIMD3(Double(peak.shift.x), Double(peak.shift.y), Double(peak.shift.z))
          let ahead = SpatialTransform(translation: shift + movingGrid.origin - fixedPlaced.origin)
          found.append(
            (number, index, Candidate(transform: place.composed(after: ahead), score: peak.score)))
        }
      }
      return found
    }
    let all = parts.flatMap { $0 }.sorted {
      ($1.candidate.score, $0.turn) < ($0.candidate.score, $1.turn)
    }
    return orientations.indices.map { number in
      var kept: [Candidate] = []
      for entry in all where entry.orientation == number && kept.count < keep {
        let candidate = entry.candidate
        if kept.allSatisfy({
          $0.transform.meanError(against: candidate.transform, over: fixed.lattice) > h
        }) {
          kept.append(candidate)
        }
      }
      return kept
    }
  }

  /// What the moving volume shows on a lattice of coarse cells.
  func coarseModel(on lattice: Grid, cell: Double) throws(VoxelithError) -> ForwardModel {
    // Two cells a side and a blur stand for the mean over a coarse cell, whichever way it is turned.
    let factor = max(1, Int(0.5 * cell / moving.grid.spacing.max() + 0.01))
    func side(_ n: Int) -> Int { max(1, min(factor, n)) }
    let shape = moving.grid.shape
    let binned = try moving.binned(by: Shape(z: side(shape.z), y: side(shape.y), x: side(shape.x)))
    try Cancellation.poll()
    let blurred = binned.blurred(sigma: 0.35 * cell, threads: resources.threads)
    return ForwardModel(
      image: WorkingImage(grid: blurred.grid, voxels: blurred.voxels), lattice: lattice, box: .zero,
      spread: .none)
  }

  /// Number of positions and turns that are looked at.
  var positions: Int { rotations.count * cells }

  /// Positions for every turn.
  var cells: Int {
    let a = Self.lattice(extent: fixed.lattice.extent, cell: cell).shape
    let b = movingLattice.shape
    return (a.z + b.z - 1) * (a.y + b.y - 1) * (a.x + b.x - 1)
  }

  /// One lattice that holds the moving volume as it lies; of a turned one the corners are cut, but after a turn all
  /// the way round, or a change of axes, it is as wide as the volume is anywhere.
  private var movingLattice: Grid {
    var extent = moving.grid.extent
    if searchesFullTurn || orientation != .identity {
      let widest = searchesFullTurn ? max(extent.x, extent.y) : extent.max()
      extent = pointwiseMax(extent, SIMD3(widest, widest, searchesFullTurn ? extent.z : widest))
    }
    if isInPlane { extent.z = moving.grid.extent.z }
    return Self.lattice(extent: extent, cell: cell)
  }

  /// Sides of a coarse cell: about 16^3 cells for two cubes of one size, 12^3 for the smaller of two unlike ones.
  private var cell: SIMD3<Double> {
    func volume(_ e: SIMD3<Double>) -> Double { e.x * e.y * e.z }
    let a = fixed.lattice.extent
    let b = moving.grid.extent
    let longest = max(a.max(), b.max())
    let least = fixed.lattice.spacing.min()
    if isInPlane {
      let h = max((max(a.x * a.y, b.x * b.y) / 2304).squareRoot(), longest / 96, least)
      return SIMD3(h, h, min(a.z, b.z))
    }
    let alike = max(cubeRoot(max(volume(a), volume(b)) / 4096), longest / 48)
    let apart = max(cubeRoot(min(volume(a), volume(b)) / 1728), longest / 64)
    let h = max(coarseness * min(alike, apart), least)
    // A cell is no thicker than a thin slab.
    return pointwiseMin(SIMD3(repeating: h), pointwiseMin(a, b))
  }

  static func lattice(extent: SIMD3<Double>, cell: SIMD3<Double>) -> Grid {
    func side(_ length: Double, _ h: Double) -> Int { max(1, Int((length / h + 0.25).rounded(.down))) }
    return Grid(
      shape: Shape(z: side(extent.z, cell.z), y: side(extent.y, cell.y), x: side(extent.x, cell.x)),
      spacing: cell)
  }

  private var rotations: [LinearMap] {
    let smaller = pointwiseMin(fixed.lattice.extent, moving.grid.extent)
    let step = min(15.0, max(4.0, 2.4 * cell.max() / smaller.max() * 180 / .pi))
    return rotations(step: step)
  }

  /// All combinations of angles about z, x and y.
  private func rotations(step: Double) -> [LinearMap] {
    func angles(_ limit: Double) -> [Double] {
      // Every angle up to the limit lies within half a step of one that is tried.
      let outermost = limit - 0.5 * step
      guard outermost > 0 else { return [0] }
      let count = Int((outermost / step).rounded(.up))
      return (-count...count).map { Double($0) * outermost / Double(count) }
    }
    let tilts = isInPlane ? [0] : angles(maximumAngle)
    var turns = angles(maximumAngle)
    if searchesFullTurn {
      let count = Int((360 / step).rounded(.up))
      turns = (0..<count).map { Double($0) * 360 / Double(count) }
    }
    var result: [LinearMap] = []
    for z in turns {
      for x in tilts {
        for y in tilts {
          result.append(
            LinearMap(angle: z * .pi / 180, about: .z) * LinearMap(angle: x * .pi / 180, about: .x)
              * LinearMap(angle: y * .pi / 180, about: .y))
        }
      }
    }
    return result
  }

  /// Length of the central differences; NaN beside missing voxels and at the border.
  static func gradientMagnitude(_ values: [Float], _ shape: Shape) -> [Float] {
    var result = [Float](repeating: .nan, count: values.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let at = shape.index(z: z, y: y, x: x)
          func difference(_ i: Int, _ n: Int, _ stride: Int) -> Float {
            if n == 1 { return 0 }
            return i == 0 || i == n - 1 ? .nan : values[at + stride] - values[at - stride]
          }
          let dx = difference(x, shape.x, 1)
          let dy = difference(y, shape.y, shape.x)
          let dz = difference(z, shape.z, shape.x * shape.y)
          result[at] = (dx * dx + dy * dy + dz * dz).squareRoot()
        }
      }
    }
    return result
  }
}
