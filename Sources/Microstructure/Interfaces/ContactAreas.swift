import Volumetry

/// Area of contact between each pair of phases: faces of voxels times the cosine between face and interface.
///
/// The normal of the interface between phases a and b is the gradient of the smoothed a less the smoothed b, as
/// ``SpecificSurface`` has it for one phase.
struct ContactAreas: Sendable {
  private static let one = 0x1p36
  let cells: InterfaceCells
  let normals: SmoothNormals

  init(_ cells: InterfaceCells, grid: Grid) {
    self.cells = cells
    normals = SmoothNormals(grid: grid)
  }

  /// Sums of cosines across x, y, z by pair, in whole numbers.
  func sums(of block: Block, classes: [Int8]) -> [SIMD3<Int64>] {
    let shape = block.padded.shape
    var result = [SIMD3<Int64>](repeating: .zero, count: cells.pairs.count)
    let present = cells.present(in: classes)
    guard present.count > 1 else { return result }
    var gradients = [[SIMD3<Float>]](repeating: [], count: cells.phases.count)
    for phase in present {
      let field = normals.gradient(classes.map { $0 == phase ? 1 : 0 }, shape: shape)
      gradients[Int(phase)] = field.x.indices.map { SIMD3(field.x[$0], field.y[$0], field.z[$0]) }
    }
    let core = block.core.relative(to: block.padded)
    let steps = [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    for z in core.z {
      for y in core.y {
        for x in core.x {
          let i = shape.index(z: z, y: y, x: x)
          guard classes[i] >= 0 else { continue }
          for (axis, step) in steps.enumerated() {
            guard z + step.0 < shape.z && y + step.1 < shape.y && x + step.2 < shape.x else { continue }
            let j = i + shape.index(z: step.0, y: step.1, x: step.2)
            guard classes[j] >= 0, classes[j] != classes[i] else { continue }
            let (a, b) = (Int(classes[i]), Int(classes[j]))
            let normal = SIMD3<Double>(
              gradients[a][i] + gradients[a][j] - gradients[b][i] - gradients[b][j])
            let length = (normal * normal).sum().squareRoot()
            let cosine = length > 0 ? abs(normal[axis]) / length : 1
            result[cells.pair(a, b)][axis] += Int64(cosine * Self.one)
          }
        }
      }
    }
    return result
  }

  /// Square micrometres of a sum.
  static func area(_ sum: SIMD3<Int64>, grid: Grid) -> Double {
    let s = grid.spacing
    return Double(sum.x) / one * s.y * s.z + Double(sum.y) / one * s.x * s.z + Double(sum.z) / one * s.x * s.y
  }
}
