import Testing
import Volumetry

@Suite struct StreamingTests {
  @Test func blocksTileTheGrid() throws {
    let shape = Shape(z: 17, y: 13, x: 11)
    for memory in [4_000, 20_000, 1_000_000] {
      let plan = try BlockPlan(
        shape: shape, halo: Shape(z: 2, y: 2, x: 2), bytesPerVoxel: 4, memory: memory, inFlight: 1)
      var seen = [Int](repeating: 0, count: shape.count)
      for block in plan.blocks {
        #expect(block.padded.fits(in: shape))
        #expect(block.padded.count * 4 <= memory)
        for z in block.core.z {
          for y in block.core.y { for x in block.core.x { seen[shape.index(z: z, y: y, x: x)] += 1 } }
        }
      }
      #expect(seen.allSatisfy { $0 == 1 })
    }
    #expect(throws: VoxelithError.self) {
      try BlockPlan(
        shape: shape, halo: Shape(z: 5, y: 5, x: 5), bytesPerVoxel: 100, memory: 1000, inFlight: 4)
    }
  }

  private func slices(_ count: Int) throws -> [Block] {
    try BlockPlan(shape: Shape(z: count, y: 1, x: 1), bytesPerVoxel: 1, memory: 1, inFlight: 1).blocks
  }

  @Test(arguments: [1, 2, 5]) func resultsComeInOrder(threads: Int) throws {
    let blocks = try slices(40)
    var order: [Int] = []
    try BlockStream.run(blocks, stage: "test", resources: Resources(threads: threads)) {
      (block) throws(VoxelithError) -> Int in
      block.index * 2
    } consume: { (block, value) throws(VoxelithError) in
      if value == 2 * block.index { order.append(block.index) }
    }
    #expect(order == Array(0..<40))
  }

  @Test(arguments: [1, 3]) func firstErrorInOrderIsThrown(threads: Int) throws {
    let blocks = try slices(20)
    do throws(VoxelithError) {
      try BlockStream.run(blocks, stage: "test", resources: Resources(threads: threads)) {
        (block) throws(VoxelithError) -> Int in
        if block.index >= 7 { throw VoxelithError(.data, "block \(block.index)") }
        return block.index
      } consume: { (_, _) throws(VoxelithError) in
      }
      Issue.record("no error")
    } catch {
      #expect(error.message == "block 7")
    }
  }
}
