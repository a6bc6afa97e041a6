import Volumetry

/// Net counts of all voxels and their standard deviation: what tells where active material is, if no fractions do.
struct CountMaps {
  var net: PagedVolume<Float>
  var noise: PagedVolume<Float>

  init(_ grid: Grid, in memory: WorkingMemory) throws(VoxelithError) {
    net = try PagedVolume(grid: grid, in: memory)
    noise = try PagedVolume(grid: grid, in: memory)
  }

  /// Voxels hold active material where noise does not explain their counts, or those of the 27 voxels around if the
  /// voxel agrees with them.
  func findRoles(_ status: PagedArray<UInt8>, into roles: PagedVolume<UInt8>) {
    let memory = status.memory
    // Elements of three slices of three arrays come in for each role.
    let bytes = 3 * (2 * MemoryLayout<Float>.stride + 1) + 1
    let found = roles.voxels
    memory.inBlocks(of: status.count, bytes: bytes) { block in
      for voxel in block { found[voxel] = role(voxel, status).rawValue }
    }
  }

  private func role(_ voxel: Int, _ status: PagedArray<UInt8>) -> VoxelGrowth.Role {
    let leastSignificance = Float(ProfileFitter.leastSignificance)
    let (shape, net, noise) = (net.grid.shape, net.voxels, noise.voxels)
    guard status[voxel] == VoxelStatus.good.rawValue else { return .excluded }
    if net[voxel] > leastSignificance * noise[voxel] { return .core }
    let (z, y, x) = (voxel / (shape.y * shape.x), voxel / shape.x % shape.y, voxel % shape.x)
    var sum: Float = 0
    var variance: Float = 0
    var count: Float = 0
    for c in max(0, z - 1)...min(shape.z - 1, z + 1) {
      for b in max(0, y - 1)...min(shape.y - 1, y + 1) {
        for a in max(0, x - 1)...min(shape.x - 1, x + 1) {
          let other = shape.index(z: c, y: b, x: a)
          guard status[other] == VoxelStatus.good.rawValue else { continue }
          sum += net[other]
          variance += noise[other] * noise[other]
          count += 1
        }
      }
    }
    let isSeen = sum > leastSignificance * variance.squareRoot()
    return isSeen && abs(net[voxel] - sum / count) < 3 * noise[voxel] ? .core : .excluded
  }
}
