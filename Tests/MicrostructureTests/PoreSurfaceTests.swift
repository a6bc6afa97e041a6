import Microstructure
import Testing
import Volumetry

/// Area of shapes whose area is known; bias in percent.
@Suite struct PoreSurfaceTests {
  private func area(_ labels: LabelVolume, phase: UInt32 = 1) throws -> Double {
    let extent = labels.grid.extent
    return try SpecificSurface.measure(PhaseLabels(labels, phase: phase)) * extent.x * extent.y
      * extent.z
  }

  @Test(arguments: [6.0, 10, 16])
  func balls(_ radius: Double) throws {
    let side = Int(2 * radius) + 10
    let grid = Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)
    for shift in [SIMD3<Double>.zero, SIMD3(0.5, 0.25, 0.1)] {
      let labels = PorePhantoms.ball(grid, radius: radius, shift: shift)
      let ratio = try area(labels) / (4 * .pi * radius * radius)
      #expect(abs(ratio - 1) < 0.015, "\(radius) \(ratio)")
    }
  }

  @Test func ballInAnisotropicVoxels() throws {
    let grid = Grid(shape: Shape(z: 20, y: 36, x: 40), spacing: SIMD3(0.9, 1, 1.8))
    let ratio = try area(PorePhantoms.ball(grid, radius: 12)) / (4 * .pi * 144)
    #expect(abs(ratio - 1) < 0.02, "\(ratio)")
  }

  /// A plane cuts the middle of the box: its area there is known by its normal, the faces of voxels
  /// would give up to 1.73 times as much.
  @Test func tiltedPlanes() throws {
    let grid = Grid(shape: Shape(z: 48, y: 48, x: 48), spacing: SIMD3(1, 1.2, 0.8))
    for normal in OrientationPhantoms.directions(12) + [SIMD3(0, 0, 1), SIMD3(0.1, 0, 0.995)] {
      let labels = PorePhantoms.labels(grid) { ($0 * normal).sum() < 0.31 }
      // Only cells away from the border of the box: the plane leaves through the sides.
      let map = CellMap(
        fine: grid,
        coarse: Grid(
          shape: Shape(z: 1, y: 1, x: 1), spacing: SIMD3(24, 28.8, 19.2),
          origin: SIMD3(12, 14.4, 9.6)))
      let surface = try SpecificSurface.field(PhaseLabels(labels, phase: 1), cells: map).mean
      let exact = Self.planeArea(normal, offset: 0.31, half: SIMD3(12, 14.4, 9.6))
      let ratio = surface * 24 * 28.8 * 19.2 / exact
      #expect(abs(ratio - 1) < 0.015, "\(normal) \(ratio)")
    }
  }

  /// Area of the plane n.p = offset within a box about the origin, by lines along the axis that the
  /// plane crosses most steeply.
  static func planeArea(_ n: SIMD3<Double>, offset: Double, half: SIMD3<Double>) -> Double {
    let axis = (0..<3).max { abs(n[$0]) < abs(n[$1]) } ?? 2
    let (u, v) = ((axis + 1) % 3, (axis + 2) % 3)
    let steps = 1500
    var inside = 0
    for i in 0..<steps {
      for j in 0..<steps {
        let a = half[u] * (2 * (Double(i) + 0.5) / Double(steps) - 1)
        let b = half[v] * (2 * (Double(j) + 0.5) / Double(steps) - 1)
        if abs((offset - n[u] * a - n[v] * b) / n[axis]) <= half[axis] { inside += 1 }
      }
    }
    return 4 * half[u] * half[v] * Double(inside) / Double(steps * steps) / abs(n[axis])
  }

  @Test func bothSidesHaveOneSurface() throws {
    let labels = PorePhantoms.random(Shape(z: 12, y: 13, x: 14), fraction: 0.4, seed: 2)
    #expect(try abs(area(labels, phase: 0) - area(labels, phase: 1)) < 1e-6 * area(labels))
  }

  @Test func theOutsideIsNoSurface() throws {
    let grid = Grid(shape: Shape(z: 10, y: 10, x: 10), spacing: .one)
    var labels = LabelVolume(grid: grid, repeating: 1)
    for z in 0..<10 { for y in 0..<10 { for x in 5..<10 { labels[z, y, x] = 255 } } }
    #expect(try SpecificSurface.measure(PhaseLabels(labels, phase: 1, outside: 255)) == 0)
    #expect(try SpecificSurface.measure(PhaseLabels(labels, phase: 1)) > 0)
  }

  @Test func theCutDoesNotShow() throws {
    let labels = PorePhantoms.random(Shape(z: 41, y: 33, x: 29), fraction: 0.3, seed: 5)
    let phase = PhaseLabels(labels, phase: 1)
    let map = CellMap(fine: labels.grid, factor: Shape(z: 7, y: 8, x: 9))
    var seen: [Float] = []
    for threads in [1, 2, 3, 8] {
      for memory in [1 << 20, 3 << 20, 1 << 30] where memory > 1 << 20 || threads == 1 {
        let field = try SpecificSurface.field(
          phase, cells: map, resources: Resources(threads: threads, memory: memory)
        ).volume.voxels
        if seen.isEmpty { seen = field }
        #expect(field == seen)
      }
    }
  }
}
