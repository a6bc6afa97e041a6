import Foundation
import Results
import TestSupport
import Testing
import Volumetry

/// Exact quantiles of a map's values, against sorting.
@Suite struct ValueQuantileTests {
  private struct Mask: VolumeSource {
    let grid: Grid
    let values: [UInt8]
    var voxelType: VoxelType { .uint8 }
    var chunkShape: Shape { grid.shape }
    var name: String { "mask" }

    func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
      let plane = grid.shape.y * grid.shape.x
      return .uint8(Array(values[(region.z.lowerBound * plane)..<(region.z.upperBound * plane)]))
    }
  }

  @Test(arguments: [1, 2, 3, 40, 1000])
  func sameAsSorting(count: Int) throws {
    let grid = Grid(shape: Shape(z: count, y: 1, x: 2), spacing: .one)
    var random = SeededGenerator(seed: UInt64(count))
    var values = (0..<(2 * count)).map { _ in Float.random(in: -3...3, using: &random) }
    var mask = [UInt8](repeating: 0, count: 2 * count)
    // A wild voxel that is flagged, one without a value, and equal ones.
    for index in stride(from: 1, to: values.count, by: 5) { (values[index], mask[index]) = (1e9, 4) }
    for index in stride(from: 3, to: values.count, by: 7) { values[index] = .nan }
    for index in stride(from: 2, to: values.count, by: 3) { values[index] = -0.5 }
    let good = zip(values, mask).filter { $0.1 == 0 && $0.0.isFinite }.map { Double($0.0) }.sorted()
    func rank(_ part: Double) -> Double { good[max(0, Int((part * Double(good.count)).rounded(.up)) - 1)] }
    let found = try #require(
      try ValueQuantiles(of: Volume(grid: grid, voxels: values), mask: Mask(grid: grid, values: mask)))
    for (value, truth) in [
      (found.median, rank(0.5)), (found.inner[0], rank(0.158655)), (found.inner[1], rank(0.841345)),
      (found.outer[0], rank(0.025)), (found.outer[1], rank(0.975)),
    ] { #expect(abs(value - truth) <= 1e-8 * abs(truth)) }
  }

  @Test func noneWhereNothingIsGood() throws {
    let grid = Grid(shape: Shape(z: 1, y: 1, x: 2), spacing: .one)
    let none = try ValueQuantiles(
      of: Volume(grid: grid, voxels: [Float.nan, 1]), mask: Mask(grid: grid, values: [0, 4]))
    #expect(none == nil)
  }
}
