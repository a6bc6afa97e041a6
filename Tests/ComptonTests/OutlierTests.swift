import Compton
import Foundation
import TestSupport
import Testing
import Volumetry

/// Hot and dead voxels and pixels are found, and a sample's own edges and particles are none.
@Suite struct OutlierTests {
  private static let shape = Shape(z: 12, y: 14, x: 16)
  private static let bins = 8

  /// A porous sample with empty surroundings, Poisson noise, background and a gradient; the same each time.
  private func counts(_ shape: Shape = shape, scale: Float = 400) -> [Float] {
    var random = SeededGenerator(seed: 5)
    var result: [Float] = []
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let isInside = x >= 3 && y >= 2 && y < shape.y - 1
          let filling: Float = isInside ? Float.random(in: 0.15...1, using: &random) : 0.02
          let level = scale * filling * (1 + 0.3 * Float(z) / Float(shape.z))
          for _ in 0..<Self.bins {
            let noise = Float(Distributions.normalQuantile(Double.random(in: 0.001..<0.999, using: &random)))
            result.append(max(0, (level + level.squareRoot() * noise).rounded()))
          }
        }
      }
    }
    return result
  }

  private func find(
    _ shape: Shape = shape, _ change: (inout [Float]) -> Void
  ) throws -> CountOutliers {
    var counts = counts(shape)
    change(&counts)
    let source = try SpectralVolume(
      grid: Grid(shape: shape, spacing: .one), energy: EnergyAxis(first: 50, width: 1, count: Self.bins),
      counts: counts)
    let found = try CountOutliers(source, resources: Resources(threads: 2))
    // Neither threads nor memory change what is found.
    #expect(try CountOutliers(source, resources: Resources(threads: 1, memory: 1 << 20)) == found)
    return found
  }

  private func set(_ z: Int, _ y: Int, _ x: Int, to value: Float, in counts: inout [Float]) {
    let voxel = Self.shape.index(z: z, y: y, x: x)
    for bin in (voxel * Self.bins)..<((voxel + 1) * Self.bins) { counts[bin] = value }
  }

  @Test func aSampleHasNone() throws {
    #expect(try find { _ in }.isEmpty)
    // A particle that shines twice as bright as the rest, alone in the empty part.
    #expect(try find { set(5, 6, 1, to: 900, in: &$0) }.isEmpty)
    for shape in [
      Shape(z: 1, y: 1, x: 1), Shape(z: 1, y: 1, x: 20), Shape(z: 20, y: 1, x: 1), Shape(z: 1, y: 9, x: 9),
    ] {
      #expect(try find(shape) { _ in }.isEmpty, "\(shape)")
    }
    #expect(try find { counts in for index in counts.indices { counts[index] = 0 } }.isEmpty)
    #expect(try find { counts in for index in counts.indices { counts[index] = .nan } }.isEmpty)
  }

  @Test func voxels() throws {
    let places = [(3, 3, 3), (6, 7, 8), (6, 7, 9), (0, 2, 3), (11, 12, 15), (4, 0, 0)]
    let found = try find { counts in
      for (z, y, x) in places { set(z, y, x, to: 65_535, in: &counts) }
      set(8, 8, 8, to: 0, in: &counts)
    }
    var expected = Dictionary(
      places.map { (Self.shape.index(z: $0.0, y: $0.1, x: $0.2), VoxelStatus.hot) }, uniquingKeysWith: { $1 })
    expected[Self.shape.index(z: 8, y: 8, x: 8)] = .dead
    #expect(found.voxels == expected)
    #expect(found.pixels.isEmpty)
  }

  @Test func pixels() throws {
    let found = try find { counts in
      for z in 0..<Self.shape.z {
        set(z, 5, 7, to: 20_000, in: &counts)
        set(z, 9, 11, to: 0, in: &counts)
      }
    }
    #expect(found.pixels == [5 * Self.shape.x + 7: .hot, 9 * Self.shape.x + 11: .dead])
    #expect(found.voxels.isEmpty)
  }

  @Test func theirSpectraAreReplacedByMarks() throws {
    var counts = counts()
    set(3, 3, 3, to: 65_535, in: &counts)
    let grid = Grid(shape: Self.shape, spacing: .one)
    let source = try SpectralVolume(
      grid: grid, energy: EnergyAxis(first: 50, width: 1, count: Self.bins), counts: counts)
    let screened = try ScreenedSource(source, resources: Resources(threads: 2))
    #expect(screened.notice?.contains("1 hot voxel") == true)
    let region = Region(lower: Shape(z: 3, y: 2, x: 2), shape: Shape(z: 1, y: 3, x: 3))
    let (before, after) = (try source.readCounts(region), try screened.readCounts(region))
    let middle = 4 * Self.bins
    for index in before.indices {
      if (middle..<(middle + Self.bins)).contains(index) {
        #expect(after[index] < 0)
      } else {
        #expect(after[index] == before[index])
      }
    }
  }
}
