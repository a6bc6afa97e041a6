import Volumetry

/// Bands of rows whose sums do not depend on how a volume is read, and blocks that hold whole bands and follow the chunks
/// of the source.
struct BandPlan: Sendable {
  /// Rows of a band.
  private static let rows = 64
  private let shape: Shape
  private let bandsDown: Int
  let blocks: [Block]

  init(_ source: any VolumeSource, resources: Resources) {
    let shape = source.grid.shape
    let chunk = source.chunkShape
    self.shape = shape
    bandsDown = (shape.y + Self.rows - 1) / Self.rows
    // Two blocks a thread are in flight, each held once as it is and once as numbers of eight bytes.
    let room = resources.memory / 4 / (2 * resources.threads + 2) / (source.voxelType.size + 8)
    let most = max(1, min(room, 8 << 20))
    // Chunks taller than the room are cut.
    let fitting = max(1, most / max(1, shape.x) / Self.rows) * Self.rows
    let rows = min(shape.y, fitting, (chunk.y + Self.rows - 1) / Self.rows * Self.rows)
    let depth = max(1, min(chunk.z, shape.z, most / max(1, rows * shape.x)))
    // Thin chunks leave room for more rows.
    let down = max(rows, min(shape.y, most / max(1, depth * shape.x) / rows * rows))
    var blocks: [Block] = []
    for z in stride(from: 0, to: shape.z, by: depth) {
      for y in stride(from: 0, to: shape.y, by: down) {
        let region = Region(
          lower: Shape(z: z, y: y, x: 0),
          shape: Shape(z: min(depth, shape.z - z), y: min(down, shape.y - y), x: shape.x))
        blocks.append(Block(index: blocks.count, region: region))
      }
    }
    self.blocks = blocks
  }

  var count: Int { shape.z * bandsDown }

  /// The sums of each band of a block, with the band's number.
  func sums(_ buffer: VoxelBuffer, of block: Block) -> [(band: Int, sums: BandSums)] {
    let region = block.core
    return region.z.flatMap { z in
      stride(from: region.lower.y, to: region.y.upperBound, by: Self.rows).map { y in
        let first = ((z - region.lower.z) * region.shape.y + y - region.lower.y) * shape.x
        let rows = min(Self.rows, region.y.upperBound - y)
        return (z * bandsDown + y / Self.rows, BandSums(buffer, first..<(first + rows * shape.x)))
      }
    }
  }
}
