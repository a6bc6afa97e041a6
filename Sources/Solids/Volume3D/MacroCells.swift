import Volumetry

/// Which cubes of voxels hold nothing to be seen, so that lines of sight pass them at once.
struct MacroCells: Sendable {
  static let side = 8

  let shape: Shape
  /// 1 for cells that hold something to be seen.
  let isVisible: [UInt8]

  init(_ volume: ByteVolume, isVisible visible: [Bool]) {
    let side = Self.side
    let whole = volume.grid.shape
    shape = Shape(
      z: (whole.z + side - 1) / side, y: (whole.y + side - 1) / side, x: (whole.x + side - 1) / side)
    // A value between a visible and an invisible one may be visible, so ranges count, not single values.
    var before = [Int](repeating: 0, count: 257)
    for byte in 0..<256 { before[byte + 1] = before[byte] + (visible[byte] ? 1 : 0) }
    var cells = [UInt8](repeating: 0, count: shape.count)
    let cellShape = shape
    let voxels = volume.voxels
    let counts = before
    Parallel.forEachSlab(of: &cells, stride: max(1, cellShape.y * cellShape.x)) { cz, layer in
      for cy in 0..<cellShape.y {
        for cx in 0..<cellShape.x {
          let range = cellRange(voxels.span, whole, cz, cy, cx, side)
          layer[cy * cellShape.x + cx] = counts[range.1 + 1] - counts[range.0] > 0 ? 1 : 0
        }
      }
    }
    isVisible = cells
  }
}

/// Smallest and largest value of a cell with the voxels around it that interpolation reaches.
private func cellRange(
  _ voxels: Span<UInt8>, _ shape: Shape, _ cz: Int, _ cy: Int, _ cx: Int, _ side: Int
) -> (Int, Int) {
  var low: UInt8 = 255
  var high: UInt8 = 0
  let x = max(0, cx * side - 1)..<min(shape.x, (cx + 1) * side + 1)
  for z in max(0, cz * side - 1)..<min(shape.z, (cz + 1) * side + 1) {
    for y in max(0, cy * side - 1)..<min(shape.y, (cy + 1) * side + 1) {
      let row = voxels.extracting(
        (shape.index(z: z, y: y, x: x.lowerBound))..<(shape.index(z: z, y: y, x: x.lowerBound) + x.count))
      for i in row.indices {
        low = min(low, row[i])
        high = max(high, row[i])
      }
    }
  }
  return (Int(low), Int(high))
}
