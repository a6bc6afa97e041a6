/// A piece of a grid: the voxels to compute and, around them, the voxels that this needs.
public struct Block: Sendable, Hashable {
  public let index: Int
  /// The voxels that the block is responsible for. The cores of all blocks tile the grid.
  public let core: Region
  /// The core grown by the halo and cut at the border of the grid.
  public let padded: Region
}

/// How a grid is cut into blocks that fit a memory budget.
///
/// The cut changes speed and memory only: a stage's result for a voxel depends on the halo around
/// it, never on the block.
public struct BlockPlan: Sendable {
  public let shape: Shape
  public let blocks: [Block]
  /// Sides of a core (those at the far border may be smaller).
  public let blockShape: Shape
  /// Bytes that the blocks in flight take together.
  public let peakBytes: Int

  /// Cuts `shape` into blocks.
  ///
  /// Whole slices are preferred, since files hold them together; where not even one slice fits,
  /// slices are cut along y and then along x.
  ///
  /// - Parameters:
  ///   - halo: voxels needed on each side of a voxel.
  ///   - bytesPerVoxel: working memory for each voxel of a padded block, all arrays together.
  ///   - memory: budget in bytes for all blocks in flight together.
  ///   - inFlight: blocks that are held at once.
  ///   - chunk: piece that the source reads at once; cores are multiples of it along z if possible.
  ///   - minimumBlocks: cut at least this often along z where the halo allows, so that threads have work.
  /// - Throws: `usage` where the halo of a single voxel does not fit the budget.
  public init(
    shape: Shape, halo: Shape = Shape(z: 0, y: 0, x: 0), bytesPerVoxel: Int, memory: Int,
    inFlight: Int, chunk: Shape = Shape(z: 1, y: 1, x: 1), minimumBlocks: Int = 1
  ) throws(VoxelithError) {
    let budget = max(1, memory / max(1, inFlight)) / max(1, bytesPerVoxel)
    func padded(_ core: Shape) -> Int {
      min(shape.z, core.z + 2 * halo.z) * min(shape.y, core.y + 2 * halo.y)
        * min(shape.x, core.x + 2 * halo.x)
    }
    var core = shape
    let wanted = max(1, (shape.z + minimumBlocks - 1) / max(1, minimumBlocks))
    core.z = min(shape.z, max(wanted, min(shape.z, 2 * halo.z)))
    let leastZ = max(1, min(shape.z, max(chunk.z, halo.z)))
    while core.z > leastZ && padded(core) > budget { core.z = max(leastZ, core.z / 2) }
    while core.y > max(1, halo.y) && padded(core) > budget { core.y = (core.y + 1) / 2 }
    while core.x > max(1, halo.x) && padded(core) > budget { core.x = (core.x + 1) / 2 }
    for axis in Axis.allCases {
      while core[axis] > 1 && padded(core) > budget { core[axis] = (core[axis] + 1) / 2 }
    }
    guard padded(core) <= budget else {
      let needed = padded(core) * bytesPerVoxel * inFlight
      throw VoxelithError(
        .usage, "a block of this volume needs \(needed / 1_000_000 + 1) MB",
        advice: "raise --memory or lower the width of the filters")
    }
    if core.z < shape.z && chunk.z > 1 && core.z >= chunk.z { core.z -= core.z % chunk.z }
    self.shape = shape
    self.blocks = Self.blocks(of: shape, cores: core, halo: halo)
    self.blockShape = core
    self.peakBytes = padded(core) * bytesPerVoxel * min(max(1, inFlight), max(1, blocks.count))
  }

  /// Cuts `shape` into blocks of given sides, from its first voxel on: a shape that grows keeps those that it had.
  ///
  /// - Parameter cores: sides of a block, 1 at least.
  package init(shape: Shape, cores: Shape, bytesPerVoxel: Int, inFlight: Int) {
    self.shape = shape
    blocks = Self.blocks(of: shape, cores: cores, halo: Shape(z: 0, y: 0, x: 0))
    blockShape = cores
    peakBytes = cores.count * bytesPerVoxel * min(max(1, inFlight), max(1, blocks.count))
  }

  private static func blocks(of shape: Shape, cores core: Shape, halo: Shape) -> [Block] {
    var blocks: [Block] = []
    for z in stride(from: 0, to: shape.z, by: core.z) {
      for y in stride(from: 0, to: shape.y, by: core.y) {
        for x in stride(from: 0, to: shape.x, by: core.x) {
          let region = Region(
            lower: Shape(z: z, y: y, x: x),
            shape: Shape(
              z: min(core.z, shape.z - z), y: min(core.y, shape.y - y), x: min(core.x, shape.x - x)))
          blocks.append(
            Block(index: blocks.count, core: region, padded: region.grown(by: halo, within: shape)))
        }
      }
    }
    return blocks
  }
}
