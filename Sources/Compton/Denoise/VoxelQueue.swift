import Volumetry

/// Numbers of voxels, first in, first out, in a ring of a `WorkingMemory`.
struct VoxelQueue {
  private var ring: PagedArray<UInt32>
  private var head = 0
  private(set) var count = 0
  private var untold = 0

  /// - Throws: as `PagedArray/init(repeating:count:in:)`.
  init(in memory: WorkingMemory) throws(VoxelithError) {
    ring = try PagedArray(repeating: 0, count: 1 << 12, in: memory)
  }

  /// - Throws: `input/output` where there is no room.
  mutating func push(_ voxel: Int) throws(VoxelithError) {
    if count == ring.count { try grow() }
    ring[(head + count) & (ring.count - 1)] = UInt32(truncatingIfNeeded: voxel)
    count += 1
    tell()
  }

  /// The first voxel; nil where there is none.
  mutating func pop() -> Int? {
    guard count > 0 else { return nil }
    let voxel = Int(ring[head])
    head = (head + 1) & (ring.count - 1)
    count -= 1
    tell()
    return voxel
  }

  private mutating func tell() {
    untold += 1
    guard untold == 1 << 14 else { return }
    untold = 0
    ring.memory.touched(2 << 16)
  }

  private mutating func grow() throws(VoxelithError) {
    let old = ring
    let larger = try PagedArray<UInt32>(repeating: 0, count: 2 * old.count, in: old.memory)
    let (start, mask) = (head, old.count - 1)
    old.memory.inBlocks(of: old.count, bytes: 8) { block in
      for index in block { larger[index] = old[(start + index) & mask] }
    }
    (ring, head) = (larger, 0)
  }
}
