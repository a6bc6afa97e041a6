import Microstructure
import Volumetry

/// Mean angle in degrees to structures of known direction, over 12 directions on the half sphere.
enum Accuracy {
  static func printTable() throws {
    let cubes = Grid(shape: Shape(z: 64, y: 64, x: 64), spacing: .one)
    let flat = Grid(shape: Shape(z: 32, y: 64, x: 64), spacing: SIMD3(1, 1, 2))
    let cases: [(String, Grid, Double, Double)] = [
      ("1 um cubes, no noise", cubes, 0, 1.5), ("1 um cubes, noise 10 %", cubes, 100, 1.5),
      ("1 um cubes, noise 20 %", cubes, 200, 1.5), ("1 x 1 x 2 um, no noise", flat, 0, 2),
      ("1 x 1 x 2 um, noise 10 %", flat, 100, 2),
    ]
    print("| voxels | layers | cylinders | waves |\n|---|---|---|---|")
    for (name, grid, noise, sigma) in cases {
      var row = "| \(name) "
      for kind in OrientationPhantoms.Kind.allCases {
        row += "| \(rounded(try error(kind, grid, noise: noise, sigma: sigma))) "
      }
      print(row + "|")
    }
  }

  private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

  private static func error(
    _ kind: OrientationPhantoms.Kind, _ grid: Grid, noise: Double, sigma: Double
  ) throws -> Double {
    var sum = 0.0
    var count = 0
    let margin = SIMD3(16.0, 16, 16)
    for (index, truth) in OrientationPhantoms.directions(12).enumerated() {
      let volume = OrientationPhantoms.volume(
        kind, along: truth, grid: grid, noise: noise, seed: UInt64(index))
      let tensor = try StructureTensor(
        source: volume,
        options: StructureTensorOptions(
          sigma: sigma, rho: 4, direction: kind == .layers ? .normal : .axis))
      try tensor.run { (slab) throws(VoxelithError) in
        let (x, y, z) = (slab.field(.x), slab.field(.y), slab.field(.z))
        var i = 0
        for a in slab.region.z {
          for b in slab.region.y {
            for c in slab.region.x {
              let p = abs(grid.center(z: a, y: b, x: c) - grid.middle) + margin
              if all(p .<= 0.5 * grid.extent) {
                sum += OrientationPhantoms.angle(
                  SIMD3(Double(x[i]), Double(y[i]), Double(z[i])), truth)
                count += 1
              }
              i += 1
            }
          }
        }
      }
    }
    return sum / Double(count)
  }

  private static func abs(_ p: SIMD3<Double>) -> SIMD3<Double> {
    p.replacing(with: -p, where: p .< 0)
  }
}
