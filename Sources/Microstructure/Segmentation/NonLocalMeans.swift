import Volumetry

/// Non-local means over a box. The weight of a neighbour falls from one to zero as the mean squared
/// difference of the patches rises from that of pure noise, 2 noise^2, by (strength * noise)^2
/// (Tukey's biweight in place of the exponential: it ends, and its bits do not depend on a
/// library).
struct NonLocalMeans {
  static let search = 2
  static let patch = 1
  static let halo = search + patch

  let noise: Double
  let strength: Double

  func apply(_ box: PaddedBox) -> [Float] {
    let core = box.core
    let width = Float(noise * strength)
    let scale = 1 / max(width * width, .leastNormalMagnitude)
    let floor = Float(2 * noise * noise)
    var sum = [Float](repeating: 0, count: core.count)
    var weight = sum
    var center = sum
    copyCenter(box, into: &center)
    let patchShape = Shape(z: core.z + 2, y: core.y + 2, x: core.x + 2)
    var squares = [Float](repeating: 0, count: patchShape.count)
    var along = squares
    for dz in -Self.search...Self.search {
      for dy in -Self.search...Self.search {
        for dx in -Self.search...Self.search {
          difference(box, dz, dy, dx, patchShape, into: &squares)
          boxSum(&squares, &along, patchShape)
          accumulate(
            box, dz, dy, dx, distances: squares, patchShape, scale: scale, floor: floor,
            into: &sum, &weight)
        }
      }
    }
    for i in sum.indices { sum[i] = weight[i] > 0 ? sum[i] / weight[i] : center[i] }
    return sum
  }

  private func copyCenter(_ box: PaddedBox, into center: inout [Float]) {
    var out = 0
    for z in 0..<box.core.z {
      for y in 0..<box.core.y {
        let line = box.shape.index(z: z + box.halo, y: y + box.halo, x: box.halo)
        for x in 0..<box.core.x {
          center[out] = box.values[line + x]
          out += 1
        }
      }
    }
  }

  /// Squared differences with the shifted box, over the core and one voxel around it.
  private func difference(
    _ box: PaddedBox, _ dz: Int, _ dy: Int, _ dx: Int, _ shape: Shape, into squares: inout [Float]
  ) {
    let inset = Self.search
    let shift = (dz * box.shape.y + dy) * box.shape.x + dx
    let values = box.values.span
    var target = squares.mutableSpan
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let line = box.shape.index(z: z + inset, y: y + inset, x: inset)
        let a = values.extracting(line..<(line + shape.x))
        let b = values.extracting((line + shift)..<(line + shift + shape.x))
        let start = shape.index(z: z, y: y, x: 0)
        for x in 0..<shape.x {
          let d = a[x] - b[x]
          target[start + x] = d * d
        }
      }
    }
  }

  /// Sums over 3 x 3 x 3, at the lower corner of each window.
  private func boxSum(_ values: inout [Float], _ scratch: inout [Float], _ shape: Shape) {
    for step in [1, shape.x, shape.y * shape.x] {
      addThree(values, into: &scratch, step: step)
      swap(&values, &scratch)
    }
  }

  private func addThree(_ values: [Float], into sums: inout [Float], step: Int) {
    let source = values.span
    var target = sums.mutableSpan
    let count = source.count - 2 * step
    let (a, b) = (source.extracting(0..<count), source.extracting(step..<(step + count)))
    let c = source.extracting((2 * step)..<(2 * step + count))
    for i in 0..<count { target[i] = a[i] + b[i] + c[i] }
  }

  private func accumulate(
    _ box: PaddedBox, _ dz: Int, _ dy: Int, _ dx: Int, distances: [Float], _ shape: Shape,
    scale: Float, floor: Float, into sum: inout [Float], _ weight: inout [Float]
  ) {
    var out = 0
    for z in 0..<box.core.z {
      for y in 0..<box.core.y {
        let line = box.shape.index(z: z + box.halo + dz, y: y + box.halo + dy, x: box.halo + dx)
        let start = shape.index(z: z, y: y, x: 0)
        for x in 0..<box.core.x {
          let value = box.values[line + x]
          // A patch with a missing value compares with none: its excess is NaN, its weight zero.
          let excess = distances[start + x] * (1 / 27) - floor
          let rest = excess <= 0 ? 1 : 1 - excess * scale
          let w = rest > 0 ? rest * rest : 0
          if w > 0 {
            sum[out] += w * value
            weight[out] += w
          }
          out += 1
        }
      }
    }
  }
}
