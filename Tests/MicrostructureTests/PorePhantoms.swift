import Volumetry

/// Label volumes of simple shapes: a voxel belongs to a shape where its centre does.
enum PorePhantoms {
  static func labels(_ grid: Grid, _ isInside: (SIMD3<Double>) -> Bool) -> LabelVolume {
    var voxels: [UInt16] = []
    voxels.reserveCapacity(grid.shape.count)
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          voxels.append(isInside(grid.center(z: z, y: y, x: x) - grid.middle) ? 1 : 0)
        }
      }
    }
    return LabelVolume(grid: grid, voxels: voxels)
  }

  static func ball(_ grid: Grid, radius: Double, shift: SIMD3<Double> = .zero) -> LabelVolume {
    labels(grid) { p in ((p - shift) * (p - shift)).sum() < radius * radius }
  }

  static func random(_ shape: Shape, fraction: Double, seed: UInt64) -> LabelVolume {
    var generator = SeededGenerator(seed: seed)
    let grid = Grid(shape: shape, spacing: SIMD3(0.5, 0.7, 0.9))
    return LabelVolume(
      grid: grid, voxels: (0..<shape.count).map { _ in generator.uniform() < fraction ? 1 : 0 })
  }
}
