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

  /// Voxels that are worked on at once: their sums for one shift after another stay in the cache.
  private static let tile = Shape(z: 16, y: 16, x: 64)

  func apply(_ box: PaddedBox) -> [Float] {
    var result = [Float](repeating: 0, count: box.core.count)
    let tile = Self.tile
    for z in stride(from: 0, to: box.core.z, by: tile.z) {
      for y in stride(from: 0, to: box.core.y, by: tile.y) {
        for x in stride(from: 0, to: box.core.x, by: tile.x) {
          let shape = Shape(
            z: min(tile.z, box.core.z - z), y: min(tile.y, box.core.y - y),
            x: min(tile.x, box.core.x - x))
          apply(box, Region(lower: Shape(z: z, y: y, x: x), shape: shape), into: &result)
        }
      }
    }
    return result
  }

  /// Fills the voxels of a region of the core.
  private func apply(_ box: PaddedBox, _ region: Region, into result: inout [Float]) {
    let core = region.shape
    let width = Float(noise * strength)
    let scale = 1 / max(width * width, .leastNormalMagnitude)
    let floor = Float(2 * noise * noise)
    var sum = [Float](repeating: 0, count: core.count)
    var weight = sum
    let patchShape = Shape(z: core.z + 2, y: core.y + 2, x: core.x + 2)
    var squares = [Float](repeating: 0, count: patchShape.count)
    var along = squares
    for dz in -Self.search...Self.search {
      for dy in -Self.search...Self.search {
        for dx in -Self.search...Self.search {
          let shift = (dz * box.shape.y + dy) * box.shape.x + dx
          difference(box, region.lower, shift, patchShape, into: &squares)
          boxSum(&squares, &along, patchShape)
          accumulate(
            box, region, shift, distances: squares, patchShape, scale: scale, floor: floor,
            into: &sum, &weight)
        }
      }
    }
    var index = 0
    for z in region.z {
      for y in region.y {
        let line = box.shape.index(z: z + box.halo, y: y + box.halo, x: region.lower.x + box.halo)
        let start = box.core.index(z: z, y: y, x: region.lower.x)
        for x in 0..<core.x {
          result[start + x] = weight[index] > 0 ? sum[index] / weight[index] : box.values[line + x]
          index += 1
        }
      }
    }
  }

  /// Squared differences with the box shifted by so many elements, over a part of the core and one voxel around it.
  private func difference(
    _ box: PaddedBox, _ lower: Shape, _ shift: Int, _ shape: Shape, into squares: inout [Float]
  ) {
    let inset = Self.search
    let values = box.values.span
    var target = squares.mutableSpan
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let line = box.shape.index(
          z: z + lower.z + inset, y: y + lower.y + inset, x: lower.x + inset)
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
    _ box: PaddedBox, _ region: Region, _ shift: Int, distances: [Float], _ shape: Shape,
    scale: Float, floor: Float, into sum: inout [Float], _ weight: inout [Float]
  ) {
    let values = box.values.span
    let patches = distances.span
    var sums = sum.mutableSpan
    var weights = weight.mutableSpan
    let width = region.shape.x
    var out = 0
    for z in 0..<region.shape.z {
      for y in 0..<region.shape.y {
        let line =
          box.shape.index(
            z: z + region.lower.z + box.halo, y: y + region.lower.y + box.halo,
            x: region.lower.x + box.halo) + shift
        let row = values.extracting(line..<(line + width))
        let start = shape.index(z: z, y: y, x: 0)
        let patch = patches.extracting(start..<(start + width))
        for x in 0..<width {
          // A patch with a missing value compares with none: its excess is NaN, its weight zero.
          let excess = patch[x] * (1 / 27) - floor
          let rest = excess <= 0 ? 1 : 1 - excess * scale
          let w = rest > 0 ? rest * rest : 0
          let value = w > 0 ? w * row[x] : 0
          sums[out + x] += value
          weights[out + x] += w
        }
        out += width
      }
    }
  }
}
