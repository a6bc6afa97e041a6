import Volumetry

/// Grey steps of a volume in memory order of small cubes, so that voxels that are near in any direction are near in memory.
///
/// The place of a voxel is the sum of one number for each axis. Within bricks of up to 16 voxels a side (a page of
/// 4096 bytes) the bits of x, y and z alternate (G. M. Morton, IBM, 1966), so that a line of the cache is a cube of
/// 4 x 4 x 4 voxels. Rows of voxels cost a line of sight a cache line and a page a step; these do not.
struct BrickedVolume: Sendable {
  let shape: Shape
  /// 0 for a missing voxel, as in ``ByteVolume``.
  let voxels: [UInt8]
  /// Part of the place for each index, with the last one repeated, so that the neighbour of the last voxel is itself.
  let placeX: [Int32]
  let placeY: [Int32]
  let placeZ: [Int32]

  init(_ volume: ByteVolume, threads: Int) {
    let whole = volume.grid.shape
    shape = whole
    func bits(_ count: Int) -> Int { (0..<4).first { 1 << $0 >= count } ?? 4 }
    let own = [bits(whole.x), bits(whole.y), bits(whole.z)]
    var spread: [[Int]] = [[0], [0], [0]]
    var next = 0
    for level in 0..<4 {
      for axis in 0..<3 where level < own[axis] {
        spread[axis] += spread[axis].map { $0 | 1 << next }
        next += 1
      }
    }
    let brick = 1 << next
    func bricks(_ axis: Int, _ count: Int) -> Int { (count + (1 << own[axis]) - 1) >> own[axis] }
    let across = bricks(0, whole.x)
    let layer = across * bricks(1, whole.y)
    func places(_ axis: Int, _ count: Int, _ stride: Int) -> [Int] {
      (0...count).map { index in
        let at = min(index, count - 1)
        return spread[axis][at & (1 << own[axis] - 1)] + (at >> own[axis]) * stride * brick
      }
    }
    let x = places(0, whole.x, 1)
    let y = places(1, whole.y, across)
    let z = places(2, whole.z, layer)
    (placeX, placeY, placeZ) = (x.map { Int32($0) }, y.map { Int32($0) }, z.map { Int32($0) })
    let deep = 1 << own[2]
    var made = [UInt8](repeating: 0, count: layer * brick * bricks(2, whole.z))
    Parallel.forEachSlab(of: &made, stride: layer * brick, threads: threads) { index, slab in
      let first = index * deep
      for slice in first..<min(whole.z, first + deep) {
        for row in 0..<whole.y {
          let start = whole.index(z: slice, y: row, x: 0)
          scatter(
            volume.voxels.span.extracting(start..<(start + whole.x)), x.span,
            z[slice] - index * layer * brick + y[row], &slab)
        }
      }
    }
    voxels = made
  }
}

private func scatter(_ row: Span<UInt8>, _ places: Span<Int>, _ start: Int, _ slab: inout MutableSpan<UInt8>)
{
  for x in row.indices { slab[start + places[x]] = row[x] }
}
