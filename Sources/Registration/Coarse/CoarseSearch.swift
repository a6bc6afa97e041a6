import Volumetry

/// First guesses of an alignment: every rotation of a grid of angles, and for each the best shift by
/// masked correlation in Fourier space.
struct CoarseSearch {
  struct Candidate: Sendable {
    let transform: SpatialTransform
    let score: Double
  }

  /// What is compared: the values themselves, or how fast they change (for pairs whose values have no
  /// common order).
  enum Feature: Sendable {
    case values
    case gradient
  }

  let fixed: FixedSamples
  let moving: WorkingImage
  /// In degrees.
  let maximumAngle: Double
  let searchesFullTurn: Bool
  let minimumOverlap: Double
  let allowsInversion: Bool
  let resources: Resources

  /// Cells of the coarse lattices: about 16^3 for a cube.
  private let cells = 4096.0

  /// Candidates in falling order of score, no two closer than one coarse cell.
  func candidates(_ feature: Feature, keep: Int) throws(VoxelithError) -> [Candidate] {
    let h = spacing
    let fixedGrid = Self.lattice(extent: fixed.lattice.extent, h: h)
    let fixedPlaced = Grid(
      shape: fixedGrid.shape, spacing: fixedGrid.spacing,
      origin: fixed.lattice.middle - 0.5 * fixedGrid.extent)
    let view = try ResampledVolume(
      Volume(grid: fixed.lattice, voxels: fixed.values), on: fixedPlaced, interpolation: .area)
    var fixedValues = try view.readFloats(Region(whole: fixedPlaced.shape))
    if feature == .gradient { fixedValues = Self.gradientMagnitude(fixedValues, fixedPlaced.shape) }

    let radius = 0.5 * max(fixed.lattice.extent.x, fixed.lattice.extent.y, fixed.lattice.extent.z)
    let step = min(15.0, max(4.0, 1.2 * h / radius * 180 / .pi))
    let rotations = rotations(step: step)
    // One lattice that holds the moving volume in every rotation.
    var extent = SIMD3<Double>.zero
    for rotation in rotations {
      let back = rotation.transposed
      let half = SIMD3(
        (absolute(back.x) * moving.grid.extent).sum(), (absolute(back.y) * moving.grid.extent).sum(),
        (absolute(back.z) * moving.grid.extent).sum())
      extent = pointwiseMax(extent, half)
    }
    let movingGrid = Self.lattice(extent: extent, h: h)
    // Two cells a side are enough for the mean over a coarse cell.
    let image = try moving.binned(by: max(1, Int(0.5 * h / moving.grid.spacing.max() + 0.01)))
    let model = ForwardModel(
      image: image, lattice: movingGrid, box: SIMD3(repeating: h), spread: .none)

    let fixedVoxels = fixedValues
    let pieces = min(rotations.count, 8 * resources.threads)
    let parts = try Parallel.map(pieces, threads: resources.threads) {
      (piece) throws(VoxelithError) -> [(Int, Candidate)] in
      try resources.cancellation.check()
      let correlator = try MaskedCorrelation(
        fixed: fixedVoxels, shape: fixedPlaced.shape, movingShape: movingGrid.shape)
      var found: [(Int, Candidate)] = []
      for index in stride(from: piece, to: rotations.count, by: pieces) {
        let rotation = rotations[index]
        let place = SpatialTransform(
          linear: rotation, translation: moving.grid.middle - rotation * movingGrid.middle)
        let samples = model.sample(place, isStrict: true, threads: 1)
        var values = (0..<movingGrid.shape.count).map { samples[4 * $0] }
        if feature == .gradient { values = Self.gradientMagnitude(values, movingGrid.shape) }
        guard
          let peak = correlator.bestShift(
            of: values, minimumOverlap: minimumOverlap,
            allowsInversion: allowsInversion && feature == .values)
        else { continue }
        let shift = h * SIMD3(Double(peak.shift.x), Double(peak.shift.y), Double(peak.shift.z))
        let ahead = SpatialTransform(translation: shift + movingGrid.origin - fixedPlaced.origin)
        found.append((index, Candidate(transform: place.composed(after: ahead), score: peak.score)))
      }
      return found
    }
    let all = parts.flatMap { $0 }.sorted { ($1.1.score, $0.0) < ($0.1.score, $1.0) }.map(\.1)
    var kept: [Candidate] = []
    for candidate in all where kept.count < keep {
      if kept.allSatisfy({
        $0.transform.meanError(against: candidate.transform, over: fixed.lattice) > h
      }) {
        kept.append(candidate)
      }
    }
    return kept
  }

  private var spacing: Double {
    func volume(_ e: SIMD3<Double>) -> Double { e.x * e.y * e.z }
    let a = fixed.lattice.extent
    let b = moving.grid.extent
    let h = cubeRoot(max(volume(a), volume(b)) / cells)
    let longest = max(a.max(), b.max())
    return max(h, longest / 48, fixed.lattice.spacing.min())
  }

  private static func lattice(extent: SIMD3<Double>, h: Double) -> Grid {
    func side(_ length: Double) -> Int { max(1, Int((length / h + 0.25).rounded(.down))) }
    return Grid(
      shape: Shape(z: side(extent.z), y: side(extent.y), x: side(extent.x)), spacing: SIMD3(repeating: h))
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
    let tilts = angles(maximumAngle)
    var turns = tilts
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

private func absolute(_ v: SIMD3<Double>) -> SIMD3<Double> { SIMD3(abs(v.x), abs(v.y), abs(v.z)) }
