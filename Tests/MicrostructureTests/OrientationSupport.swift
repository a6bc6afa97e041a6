import Microstructure
import Volumetry

/// A whole answer of the structure tensor in memory.
struct OrientationField {
  var fields: [OrientationSlab.Field: Volume<Float>] = [:]
  let grid: Grid

  init(_ tensor: StructureTensor, resources: Resources = Resources()) throws {
    grid = tensor.outputGrid
    var volumes = OrientationSlab.Field.allCases.map { _ in
      Volume<Float>(grid: tensor.outputGrid, repeating: -9)
    }
    try tensor.run(resources: resources) { (slab) throws(VoxelithError) in
      for field in OrientationSlab.Field.allCases {
        volumes[field.rawValue].paste(slab.field(field), into: slab.region)
      }
    }
    for field in OrientationSlab.Field.allCases { fields[field] = volumes[field.rawValue] }
  }

  func direction(_ i: Int) -> SIMD3<Double> {
    SIMD3(Double(self[.x][i]), Double(self[.y][i]), Double(self[.z][i]))
  }

  subscript(_ field: OrientationSlab.Field) -> [Float] { fields[field]?.voxels ?? [] }

  /// Bits of all fields, for comparison; NaN compares equal to NaN.
  var bits: [[UInt32]] {
    OrientationSlab.Field.allCases.map { self[$0].map(\.bitPattern) }
  }

  /// Mean angle in degrees to a known direction over the samples at least `margin` samples from the
  /// border, and the largest.
  func error(to truth: SIMD3<Double>, margin: Int) -> (mean: Double, worst: Double, count: Int) {
    var sum = 0.0
    var worst = 0.0
    var count = 0
    let shape = grid.shape
    for z in margin..<(shape.z - margin) {
      for y in margin..<(shape.y - margin) {
        for x in margin..<(shape.x - margin) {
          let i = shape.index(z: z, y: y, x: x)
          guard self[.x][i].isFinite else { continue }
          let angle = OrientationPhantoms.angle(direction(i), truth)
          sum += angle
          worst = max(worst, angle)
          count += 1
        }
      }
    }
    return (sum / Double(count), worst, count)
  }
}
