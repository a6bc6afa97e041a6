import Volumetry

/// Whether the straight line between the centres of two voxels stays within a phase.
///
/// The voxels that it runs through are followed one face after the other (J. Amanatides and A. Woo, Eurographics 1987). Where it
/// passes an edge or a corner, one way around through faces must be open: what touches by an edge only is not joined.
struct LineOfSight: Sendable {
  let shape: Shape
  private let stepZ: Int
  private let stepY: Int

  init(shape: Shape) {
    self.shape = shape
    stepY = shape.x
    stepZ = shape.x * shape.y
  }

  func isOpen(_ inside: Span<Bool>, from start: Int, to end: Int) -> Bool {
    let (x0, y0, z0) = (start % shape.x, start / shape.x % shape.y, start / stepZ)
    let (dx, dy, dz) = (end % shape.x - x0, end / shape.x % shape.y - y0, end / stepZ - z0)
    let (nx, ny, nz) = (abs(dx), abs(dy), abs(dz))
    let (sx, sy, sz) = (dx < 0 ? -1 : 1, dy < 0 ? -stepY : stepY, dz < 0 ? -stepZ : stepZ)
    // Step k along an axis of n steps happens at (k + 1/2) / n of the way: compared as whole numbers.
    var (i, j, k) = (0, 0, 0)
    var here = start
    while i < nx || j < ny || k < nz {
      let x = i < nx ? (2 * i + 1) * max(1, ny) * max(1, nz) : Int.max
      let y = j < ny ? (2 * j + 1) * max(1, nx) * max(1, nz) : Int.max
      let z = k < nz ? (2 * k + 1) * max(1, nx) * max(1, ny) : Int.max
      let next = min(x, min(y, z))
      let (ax, ay, az) = (x == next, y == next, z == next)
      guard passes(inside, here, ax ? sx : 0, ay ? sy : 0, az ? sz : 0) else { return false }
      here += (ax ? sx : 0) + (ay ? sy : 0) + (az ? sz : 0)
      if ax { i += 1 }
      if ay { j += 1 }
      if az { k += 1 }
    }
    return true
  }

  /// Whether a step across up to three faces at once has a way through faces.
  @inline(__always)
  private func passes(_ inside: Span<Bool>, _ here: Int, _ a: Int, _ b: Int, _ c: Int) -> Bool {
    guard inside[here + a + b + c] else { return false }
    switch (a != 0, b != 0, c != 0) {
    case (true, true, true):
      return (inside[here + a] && (inside[here + a + b] || inside[here + a + c]))
        || (inside[here + b] && (inside[here + a + b] || inside[here + b + c]))
        || (inside[here + c] && (inside[here + a + c] || inside[here + b + c]))
    case (true, true, false): return inside[here + a] || inside[here + b]
    case (true, false, true): return inside[here + a] || inside[here + c]
    case (false, true, true): return inside[here + b] || inside[here + c]
    default: return true
    }
  }
}
