import Microstructure
import Testing
import Volumetry

/// Distances where what is outside lies near and far, in lines whose number is no multiple of eight.
@Suite struct WideDistanceTests {
  @Test(arguments: [1, 30, 70])
  func distancesOfFarPointsAreExact(side: Int) {
    let shape = Shape(z: side, y: 61, x: 43)
    let grid = Grid(shape: shape, spacing: SIMD3(0.9, 1, 1.3))
    let points = [
      Shape(z: side / 2, y: 3, x: 2), Shape(z: side - 1, y: 57, x: 40), Shape(z: 0, y: 58, x: 39),
      Shape(z: side / 3, y: 30, x: 41),
    ]
    var inside = [Bool](repeating: true, count: shape.count)
    for point in points { inside[shape.index(z: point.z, y: point.y, x: point.x)] = false }
    let map = DistanceMap.squared(inside, grid: grid, threads: 2)
    var worst = 0.0
    for i in inside.indices {
      let p = grid.center(z: i / (61 * 43), y: i / 43 % 61, x: i % 43)
      var best = Double.infinity
      for point in points {
        let d = grid.center(z: point.z, y: point.y, x: point.x) - p
        best = min(best, (d * d).sum())
      }
      worst = max(worst, abs(Double(map[i]) - best) / max(1, best))
    }
    #expect(worst < 1e-5, "\(worst)")
  }
}
