import Foundation
import Microstructure
import Testing
import Volumetry

/// Geodesic lengths against closed forms and against all lines of sight.
@Suite struct PathTests {
  static let up = GeodesicPaths.Face(.z, isUpper: false)

  @Test(arguments: [SIMD3(1.0, 1, 1), SIMD3(0.5, 2, 1.5)])
  func straight(_ spacing: SIMD3<Double>) throws {
    let grid = Grid(shape: Shape(z: 14, y: 5, x: 6), spacing: spacing)
    let open = LabelVolume(grid: grid, repeating: 0)
    for face in Axis.allCases.flatMap({ [GeodesicPaths.Face($0, isUpper: false), .init($0, isUpper: true)] })
    {
      let paths = try GeodesicPaths(PhaseLabels(open, phase: 0), to: face)
      #expect(paths.tortuosity.voxels.allSatisfy { $0 == 1 })
      let summary = paths.summary()
      #expect(
        abs((summary.throughTortuosity ?? 0) - 1) < 1e-6 && summary.reached == 1 && summary.reason == nil)
    }
  }

  /// Around a wall to its shadow: straight to the edge, and from there at any angle.
  @Test func shadow() throws {
    let grid = Grid(shape: Shape(z: 60, y: 1, x: 60), spacing: .one)
    var labels = LabelVolume(grid: grid, repeating: 0)
    for x in 20..<60 { labels[10, 0, x] = 1 }
    let paths = try GeodesicPaths(PhaseLabels(labels, phase: 0), to: Self.up)
    for (z, x) in [(11, 40), (30, 21), (45, 58), (59, 35), (12, 59)] {
      // Past the voxel (10, 19) at the wall's end, and (11, 20) behind it where that is in the way.
      let (before, behind) = (hypot(Double(z - 10), Double(x - 19)), hypot(Double(z - 11), Double(x - 20)))
      let corner = 10.5 + (z - 10 >= x - 19 ? before : 2.0.squareRoot() + behind)
      #expect(abs(Double(paths.lengths[z, 0, x]) / corner - 1) < 0.01, "\(z) \(x)")
    }
  }

  /// A channel at any slant: its length is its axis over the cosine.
  @Test(arguments: [0.3, 0.7, 1.0, 1.6])
  func slanted(_ slope: Double) throws {
    let depth = 80
    let grid = Grid(shape: Shape(z: depth, y: 9, x: 20 + Int(slope * Double(depth))), spacing: .one)
    let labels = InterfaceTests.labels(grid) { p in
      let across = (p.x - slope * p.z) / (1 + slope * slope).squareRoot()
      return across * across + p.y * p.y < 6 ? 0 : 1
    }
    let summary = try GeodesicPaths(PhaseLabels(labels, phase: 0), to: Self.up).summary()
    // From edge to edge a line in a channel of width w may lean by w over its length.
    let width = 2 * 6.0.squareRoot() * (1 + slope * slope).squareRoot()
    let rise = Double(depth)
    let lean = (rise * rise + (slope * rise - width) * (slope * rise - width)).squareRoot() / rise
    let axis = (1 + slope * slope).squareRoot()
    #expect((summary.shortestTortuosity ?? 0) > lean * 0.99)
    #expect((summary.throughTortuosity ?? 9) < axis * 1.01)
  }

  /// A thin tube about the axis: the shortest way follows its inner wall.
  @Test func helical() throws {
    let (radius, tube, pitch) = (26.0, 1.6, 60.0)
    let grid = Grid(shape: Shape(z: 60, y: 60, x: 60), spacing: .one)
    let labels = InterfaceTests.labels(grid) { p in
      let turn = 2 * Double.pi * (p.z + 30) / pitch
      var nearest = Double.infinity
      // The nearest point of the helix about this height.
      for k in -30...30 {
        let t = turn + Double(k) * 0.01
        let way = p - SIMD3(radius * cos(t), radius * sin(t), t / (2 * .pi) * pitch - 30)
        nearest = min(nearest, (way * way).sum())
      }
      return nearest < tube * tube ? 0 : 1
    }
    let summary = try GeodesicPaths(PhaseLabels(labels, phase: 0), to: Self.up).summary()
    func length(_ r: Double) -> Double {
      ((2 * .pi * r) * (2 * .pi * r) + pitch * pitch).squareRoot() / pitch
    }
    let found = try #require(summary.throughTortuosity)
    // Between the way along the inner wall, whose ends also lean, and the axis.
    #expect(found > length(radius - tube - 0.5) * 0.98 && found < length(radius) * 1.01)
  }

  /// Small noise: never shorter than the shortest chain of all lines of sight (Dijkstra over every pair of voxels), and within 1 %
  /// of it on the mean.
  @Test(arguments: 1...4) func allLinesOfSight(_ seed: Int) throws {
    let shape = Shape(z: 8, y: 7, x: 9)
    let labels = PorePhantoms.random(shape, fraction: 0.72, seed: UInt64(seed))
    let found = try GeodesicPaths(PhaseLabels(labels, phase: 1), to: Self.up).lengths
    let truth = VisibilityDijkstra(labels).lengths
    var (sum, count) = (0.0, 0)
    for i in truth.indices {
      #expect(truth[i].isFinite == !found.voxels[i].isNaN)
      guard truth[i].isFinite else { continue }
      let ratio = Double(found.voxels[i]) / truth[i]
      #expect(ratio > 1 - 1e-5 && ratio < 1.03, "\(i)")
      sum += ratio
      count += 1
    }
    #expect(count > 100 && sum / Double(count) < 1.005)
  }

  @Test func widest() throws {
    // Two slots to the face, 3 and 7 wide, that meet in a hall 11 wide.
    let grid = Grid(shape: Shape(z: 40, y: 1, x: 30), spacing: SIMD3(0.5, 0.5, 0.5))
    var labels = LabelVolume(grid: grid, repeating: 1)
    for z in 0..<40 {
      for x in 0..<30 where z < 20 ? (2..<5).contains(x) || (10..<17).contains(x) : (2..<17).contains(x) {
        labels[z, 0, x] = 0
      }
    }
    let paths = try GeodesicPaths(PhaseLabels(labels, phase: 0), to: Self.up)
    #expect(abs(paths.widths[5, 0, 3] - 0.5 * 3.5) < 1e-5)
    #expect(abs(paths.widths[5, 0, 13] - 0.5 * 7.5) < 1e-5)
    #expect(abs(paths.widths[28, 0, 9] - 0.5 * 7.5) < 1e-5)
    let summary = paths.summary()
    #expect(abs((summary.throughWidth ?? 0) - 0.5 * 7.5) < 1e-5)
    let closed = try GeodesicPaths(PhaseLabels(labels, phase: 1), to: .init(.z, isUpper: true))
    #expect(closed.summary().reason == nil)
    var none = LabelVolume(grid: grid, repeating: 0)
    none[20, 0, 5] = 1
    let inside = try GeodesicPaths(PhaseLabels(none, phase: 1), to: Self.up)
    #expect(
      inside.lengths.voxels.allSatisfy(\.isNaN)
        && inside.summary().reason == "no voxel of the phase touches the face")
  }
}

/// The shortest chains of lines of sight, by Dijkstra over every pair: a line is open where each of many points on it lies in the phase.
private struct VisibilityDijkstra {
  let lengths: [Double]

  init(_ labels: LabelVolume) {
    let shape = labels.shape
    let grid = labels.grid
    let inside = labels.voxels.map { $0 == 1 }
    func place(_ i: Int) -> SIMD3<Int> { SIMD3(i % shape.x, i / shape.x % shape.y, i / (shape.x * shape.y)) }
    func at(_ p: SIMD3<Int>) -> Bool { inside[shape.index(z: p.z, y: p.y, x: p.x)] }
    // A way through faces among the voxels that a step across several faces at once touches.
    func joined(_ a: SIMD3<Int>, _ b: SIMD3<Int>) -> Bool {
      if !at(b) { return false }
      let axes = (0..<3).filter { a[$0] != b[$0] }
      if axes.count < 2 { return true }
      return axes.contains { axis in
        var c = a
        c[axis] = b[axis]
        return at(c) && joined(c, b)
      }
    }
    func sees(_ a: Int, _ b: Int) -> Bool {
      let (p, q) = (place(a), place(b))
      let d = q &- p
      // Voxels in the order of the line, by the exact places where it crosses planes between centres.
      var crossings: Set<Int> = []
      let scale = 2 * max(1, abs(d.x)) * max(1, abs(d.y)) * max(1, abs(d.z))
      for axis in 0..<3 where d[axis] != 0 {
        for k in 0..<abs(d[axis]) { crossings.insert((2 * k + 1) * scale / (2 * abs(d[axis]))) }
      }
      var here = p
      for crossing in crossings.sorted() {
        var next = here
        for axis in 0..<3 where d[axis] != 0 {
          let n = abs(d[axis])
          for k in 0..<n where (2 * k + 1) * scale / (2 * n) == crossing {
            next[axis] += d[axis] < 0 ? -1 : 1
          }
        }
        if !joined(here, next) { return false }
        here = next
      }
      return true
    }
    var found = [Double](repeating: .infinity, count: inside.count)
    for i in inside.indices where inside[i] {
      let p = place(i)
      if (0...p.z).allSatisfy({ at(SIMD3(p.x, p.y, $0)) }) { found[i] = (Double(p.z) + 0.5) * grid.spacing.z }
    }
    var open = Set(inside.indices.filter { inside[$0] })
    while let next = open.min(by: { (found[$0], $0) < (found[$1], $1) }), found[next].isFinite {
      open.remove(next)
      for other in open {
        let steps = place(other) &- place(next)
        let way = SIMD3(Double(steps.x), Double(steps.y), Double(steps.z)) * grid.spacing
        let length = found[next] + (way * way).sum().squareRoot()
        if length < found[other], sees(next, other) { found[other] = length }
      }
    }
    lengths = found
  }
}
