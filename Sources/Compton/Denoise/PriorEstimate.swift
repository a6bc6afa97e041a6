import Volumetry

/// What the weights of a window make of the measured map, for each of the group's eight voxels.
struct PriorEstimate {
  var x = SIMD8<Float>.zero
  var countingVariance = SIMD8<Float>.zero
  var sharedSigma = SIMD8<Float>.zero
  var fractionSigma = SIMD8<Float>.zero
  /// (P + strength L)^-1 of the voxel itself: the variance that a prior of this strength leaves.
  var posteriorVariance = SIMD8<Float>.zero
  /// Weight of the voxel's own measurement.
  var own = SIMD8<Float>.zero
  /// Second central moments of the weights along x, y, z in um^2, with those of a voxel's box.
  var moments = SIMD8<Float>.zero
  /// Squared deviations of the measured map within the kernel over what noise explains.
  var misfit = SIMD8<Float>.zero
  /// 1 over the sum of the squared weights: how many equal voxels would leave the same noise.
  var effectiveVoxels = SIMD8<Float>.zero

  /// - Parameters:
  ///   - reference: a number near x, so that single precision holds differences.
  init(_ window: borrowing PriorWindow, system: PriorSystem, group lower: Shape, reference: Float) {
    let map = system.map
    let shape = map.grid.shape
    let spacing = SIMD3<Float>(map.grid.spacing)
    var sum = SIMD8<Float>.zero
    var first = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
    var second = SIMD8<Float>.zero
    Self.forEach(window, system) { voxel, place, cell in
      let weight = window.weight(cell)
      let d =
        SIMD3<Float>(
          Float(place.x - lower.x), Float(place.y - lower.y), Float(place.z - lower.z)) * spacing
      let variance = map.countingVariance[voxel]
      sum += weight
      x += weight * (map.x[voxel] - reference)
      countingVariance += weight * weight * variance
      sharedSigma += weight * map.sharedSigma[voxel]
      fractionSigma += weight * map.fractionSigma[voxel]
      effectiveVoxels += weight * weight
      first.0 += weight * d.x
      first.1 += weight * d.y
      first.2 += weight * d.z
      second += weight * (d * d).sum()
    }
    let inverse = (1 / sum).replacing(with: 0, where: sum .<= 0)
    x *= inverse
    countingVariance *= inverse * inverse
    sharedSigma *= inverse
    fractionSigma *= inverse
    effectiveVoxels = 1 / larger(effectiveVoxels * inverse * inverse, SIMD8(repeating: 1e-30))
    let mean = (first.0 * inverse, first.1 * inverse, first.2 * inverse)
    moments =
      second * inverse - mean.0 * mean.0 - mean.1 * mean.1 - mean.2 * mean.2 + (spacing * spacing).sum() / 12
    var observed = SIMD8<Float>.zero
    var expected = SIMD8<Float>.zero
    Self.forEach(window, system) { voxel, _, cell in
      let weight = window.weight(cell) * inverse
      let deviation = map.x[voxel] - reference - x
      let precision = system.information[voxel]
      observed += weight * precision * deviation * deviation
      expected +=
        weight * precision * (map.countingVariance[voxel] * (1 - 2 * weight) + countingVariance)
    }
    misfit = (observed / expected).replacing(with: .nan, where: expected .<= 1e-6)
    for lane in 0..<8 {
      let (z, y, x) = (lower.z + lane >> 2, lower.y + (lane >> 1) & 1, lower.x + lane & 1)
      guard sum[lane] > 0, z >= 0, y >= 0, x >= 0, z < shape.z, y < shape.y, x < shape.x else {
        self.x[lane] = .nan
        continue
      }
      let cell = window.cell(z: z, y: y, x: x)
      posteriorVariance[lane] = window.column(cell)[lane]
      own[lane] = window.weight(cell)[lane] * inverse[lane]
    }
    x += reference
  }

  @inline(__always)
  private static func forEach(
    _ window: borrowing PriorWindow, _ system: PriorSystem,
    _ body: (_ voxel: Int, _ place: Shape, _ cell: Int) -> Void
  ) {
    let shape = system.map.grid.shape
    for z in window.box.z {
      for y in window.box.y {
        var voxel = shape.index(z: z, y: y, x: window.box.lower.x)
        var cell = window.cell(z: z, y: y, x: window.box.lower.x)
        for x in window.box.x {
          if system.information[voxel] > 0 { body(voxel, Shape(z: z, y: y, x: x), cell) }
          voxel += 1
          cell += 1
        }
      }
    }
  }
}
