import Microstructure
import Testing
import Volumetry

@Suite struct SegmentationComponentTests {
  /// Flood fill, the slow definition.
  private func flood(_ volume: LabelVolume, _ connectivity: Connectivity) -> [Int] {
    let shape = volume.shape
    var result = [Int](repeating: -1, count: shape.count)
    var next = 0
    for start in result.indices where result[start] < 0 {
      var queue = [start]
      result[start] = next
      while let i = queue.popLast() {
        let (z, y, x) = (i / (shape.y * shape.x), i / shape.x % shape.y, i % shape.x)
        for dz in -1...1 {
          for dy in -1...1 {
            for dx in -1...1 {
              let steps = abs(dz) + abs(dy) + abs(dx)
              let limit = connectivity == .six ? 1 : connectivity == .eighteen ? 2 : 3
              guard steps > 0 && steps <= limit else { continue }
              let (a, b, c) = (z + dz, y + dy, x + dx)
              guard a >= 0 && b >= 0 && c >= 0 && a < shape.z && b < shape.y && c < shape.x else {
                continue
              }
              let j = shape.index(z: a, y: b, x: c)
              if result[j] < 0 && volume.voxels[j] == volume.voxels[i] {
                result[j] = next
                queue.append(j)
              }
            }
          }
        }
      }
      next += 1
    }
    return result
  }

  @Test(arguments: Connectivity.allCases)
  func agreesWithFloodFill(_ connectivity: Connectivity) throws {
    for seed in 0..<6 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let grid = Grid(shape: Shape(z: 9, y: 8, x: 11), spacing: .one)
      let labels = (0..<grid.shape.count).map { _ in UInt16(generator.next() % 3) }
      let volume = LabelVolume(grid: grid, voxels: labels)
      let expected = flood(volume, connectivity)
      for threads in [1, 3] {
        let found = try RunComponents(
          volume, connectivity: connectivity, resources: Resources(threads: threads))
        #expect(found.volume().voxels.map { Int($0) - 1 } == expected)
        for (index, component) in found.components.enumerated() {
          #expect(component.size == expected.count { $0 == index })
        }
      }
      let one = try RunComponents(volume, label: 1, connectivity: connectivity)
      #expect(one.volume().voxels.enumerated().allSatisfy { ($1 > 0) == (labels[$0] == 1) })
    }
  }

  @Test func facesTellPercolation() throws {
    let grid = Grid(shape: Shape(z: 5, y: 6, x: 7), spacing: .one)
    var volume = LabelVolume(grid: grid, repeating: 0)
    for z in 0..<5 { volume[z, 2, 3] = 1 }
    for y in 0..<4 { volume[2, y, 5] = 1 }
    let found = try RunComponents(volume, label: 1)
    #expect(found.components.map(\.size) == [5, 4])
    #expect(found.components[0].faces.percolates(.z))
    #expect(!found.components[0].faces.percolates(.y))
    #expect(!found.components[1].faces.percolates(.y))
    #expect(found.components[1].faces.contains(.lower(.y)))
  }
}
