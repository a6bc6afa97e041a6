/// Samples of a picture with the depth of what is seen in each, which grows away from the eye.
struct DepthBuffer {
  let width: Int
  let height: Int
  private var depth: [Float]
  private var color: [SIMD3<Float>]
  /// Depths that nothing in a tile is behind, and triangles drawn there since these were looked up.
  private var behind: [Float]
  private var drawn: [UInt8]
  private let tiles: Int
  private static let shift = 3
  private static let patience: UInt8 = 6

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    depth = [Float](repeating: .infinity, count: width * height)
    color = [SIMD3<Float>](repeating: .zero, count: width * height)
    let side = 1 << Self.shift
    tiles = (width + side - 1) / side
    behind = [Float](repeating: .infinity, count: tiles * ((height + side - 1) / side))
    drawn = [UInt8](repeating: 0, count: behind.count)
  }

  /// Samples that a triangle may cover.
  struct Box {
    let left: Int
    let right: Int
    let top: Int
    let bottom: Int
    /// Twice the area of the triangle, in samples.
    let area: Float
  }

  /// The samples around a triangle in the picture (x, y down, depth); nil where none of it can be seen.
  @inline(__always)
  mutating func reach(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>) -> Box? {
    let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    guard area.isFinite, abs(area) > 1e-12 else { return nil }
    let left = max(0, Int(max(min(a.x, b.x, c.x), 0)))
    let right = min(width - 1, Int(min(max(a.x, b.x, c.x, -1), Float(width))))
    let top = max(0, Int(max(min(a.y, b.y, c.y), 0)))
    let bottom = min(height - 1, Int(min(max(a.y, b.y, c.y, -1), Float(height))))
    guard left <= right, top <= bottom else { return nil }
    // Depths within the triangle are rounded by some parts in 10^7.
    let nearest = min(a.z, b.z, c.z) - 2e-6 * max(abs(a.z), abs(b.z), abs(c.z))
    for row in (top >> Self.shift)...(bottom >> Self.shift) {
      for column in (left >> Self.shift)...(right >> Self.shift) {
        let tile = row * tiles + column
        if nearest >= behind[tile] { continue }
        if drawn[tile] >= Self.patience {
          lookUp(tile, row, column)
          if nearest >= behind[tile] { continue }
        }
        return Box(left: left, right: right, top: top, bottom: bottom, area: area)
      }
    }
    return nil
  }

  private mutating func lookUp(_ tile: Int, _ row: Int, _ column: Int) {
    let side = 1 << Self.shift
    var largest = -Float.infinity
    for y in (row * side)..<min(height, (row + 1) * side) {
      for x in (column * side)..<min(width, (column + 1) * side) {
        largest = max(largest, depth[y * width + x])
      }
    }
    behind[tile] = largest
    drawn[tile] = 0
  }

  /// Draws a triangle, its colour between those of its corners.
  mutating func fill(
    _ box: Box, _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>, _ ca: SIMD3<Float>,
    _ cb: SIMD3<Float>, _ cc: SIMD3<Float>
  ) {
    var isSeen = false
    for y in box.top...box.bottom {
      let py = Float(y) + 0.5
      for x in box.left...box.right {
        let px = Float(x) + 0.5
        let wa = ((b.x - px) * (c.y - py) - (b.y - py) * (c.x - px)) / box.area
        let wb = ((c.x - px) * (a.y - py) - (c.y - py) * (a.x - px)) / box.area
        let wc = 1 - wa - wb
        if wa < 0 || wb < 0 || wc < 0 { continue }
        let z = wa * a.z + wb * b.z + wc * c.z
        let at = y * width + x
        if z < depth[at] {
          depth[at] = z
          color[at] = ca * wa + cb * wb + cc * wc
          isSeen = true
        }
      }
    }
    guard isSeen else { return }
    for row in (box.top >> Self.shift)...(box.bottom >> Self.shift) {
      for column in (box.left >> Self.shift)...(box.right >> Self.shift) {
        let tile = row * tiles + column
        drawn[tile] = min(drawn[tile] + 1, Self.patience)
      }
    }
  }

  /// Two by two samples to a pixel.
  func halved() -> Raster {
    var raster = Raster(width: width / 2, height: height / 2)
    for y in 0..<(height / 2) {
      for x in 0..<(width / 2) {
        var sum = SIMD3<Float>.zero
        var count: Float = 0
        for at in [
          2 * y * width + 2 * x, 2 * y * width + 2 * x + 1, (2 * y + 1) * width + 2 * x,
          (2 * y + 1) * width + 2 * x + 1,
        ]
        where depth[at] < .infinity {
          sum += color[at]
          count += 1
        }
        if count > 0 {
          let mean = sum / count
          raster[x, y] = Color(
            red: Double(mean.x), green: Double(mean.y), blue: Double(mean.z), alpha: Double(count) / 4)
        }
      }
    }
    return raster
  }
}
