import Volumetry

/// The equations of the spatial prior: (P + strength L) x = P x_measured, with the information P of every voxel and the
/// Laplacian L of neighbours that share a face, weighted by the guide and divided by their distance squared.
struct PriorSystem: Sendable {
  let map: NoisyMap
  /// Couplings to the next voxel along x, y and z in 1/um^2; 0 where one of the two is missing.
  let alongX: PagedArray<Float>
  let alongY: PagedArray<Float>
  let alongZ: PagedArray<Float>
  /// Information of every voxel; 0 where it is missing.
  let information: PagedArray<Float>
  /// Usable voxels.
  let voxels: Int
  /// Median information of usable voxels.
  let typicalInformation: Double

  init(_ map: NoisyMap, guide: PriorGuide, threads: Int) throws(VoxelithError) {
    self.map = map
    let memory = map.x.memory
    let count = map.grid.shape.count
    let information = try PagedArray<Float>(repeating: 0, count: count, in: memory)
    var used = 0
    memory.inBlocks(of: count, bytes: 16) { block in
      for voxel in block where map.isUsable(voxel) {
        information[voxel] = map.information[voxel]
        used += 1
      }
    }
    voxels = used
    let positive = Float.leastNonzeroMagnitude...Float.greatestFiniteMagnitude
    typicalInformation = used == 0 ? 0 : information.median(within: positive)
    self.information = information
    let pairs = NeighbourPairs(map: map, information: information, guide: guide)
    alongX = try pairs.couplings(.x, threads: threads)
    alongY = try pairs.couplings(.y, threads: threads)
    alongZ = try pairs.couplings(.z, threads: threads)
  }

  /// Length in um over which the prior of a strength carries.
  func length(_ strength: Double) -> Double {
    typicalInformation > 0 ? (strength / typicalInformation).squareRoot() : 0
  }

  /// The strength that carries over a length.
  func strength(length: Double) -> Double { typicalInformation * length * length }

  /// Voxels on each side of a voxel that its kernel may use: three lengths, and no more than `limit`.
  func reach(_ strength: Double, limit: Int) -> Shape {
    func voxels(_ axis: Axis) -> Int {
      let lengths = 3 * length(strength) / map.grid.spacing(along: axis)
      return min(max(1, Int(min(lengths, 1e6).rounded(.up))), limit)
    }
    return Shape(z: voxels(.z), y: voxels(.y), x: voxels(.x))
  }

  /// Whether any voxel of a group of 2 x 2 x 2 is not missing.
  func hasVoxels(_ lower: Shape) -> Bool {
    let shape = map.grid.shape
    for z in lower.z..<min(lower.z + 2, shape.z) {
      for y in lower.y..<min(lower.y + 2, shape.y) {
        for x in lower.x..<min(lower.x + 2, shape.x)
        where information[shape.index(z: z, y: y, x: x)] > 0 { return true }
      }
    }
    return false
  }

  /// The groups that have voxels, in the order of the grid.
  func forEachGroup(_ body: (Shape) -> Void) {
    let shape = map.grid.shape
    for z in stride(from: 0, to: shape.z, by: 2) {
      for y in stride(from: 0, to: shape.y, by: 2) {
        for x in stride(from: 0, to: shape.x, by: 2) {
          let group = Shape(z: z, y: y, x: x)
          if hasVoxels(group) { body(group) }
        }
      }
      map.x.memory.touched(2 * shape.y * shape.x * MemoryLayout<Float>.stride)
    }
  }

  /// Says that a box of voxels is read in all eight arrays. A row's pages come with some around them.
  func touch(_ box: Region) {
    let row = MemoryLayout<Float>.stride * map.grid.shape.x
    map.x.memory.touched(8 * box.shape.z * (box.shape.y * row + 1 << 16))
  }
}

/// How much voxels that share a face hold together.
private struct NeighbourPairs {
  let map: NoisyMap
  let information: PagedArray<Float>
  let guide: PriorGuide

  /// Couplings of every voxel to the next along an axis in 1/um^2.
  func couplings(_ axis: Axis, threads: Int) throws(VoxelithError) -> PagedArray<Float> {
    let shape = map.grid.shape
    let memory = information.memory
    let slice = shape.y * shape.x
    let step = axis == .z ? slice : axis == .y ? shape.x : 1
    let length = map.grid.spacing(along: axis)
    let result = try PagedArray<Float>(repeating: 0, count: shape.count, in: memory)
    var target = result.mutableSpan
    Parallel.forEachSlab(of: &target, stride: slice, threads: threads) { z, slab in
      for place in 0..<slice {
        let position = axis == .z ? z : axis == .y ? place / shape.x : place % shape.x
        guard position + 1 < shape[axis] else { continue }
        let a = z * slice + place
        guard information[a] > 0, information[a + step] > 0 else { continue }
        slab[place] = Float(guide.weight(a, a + step) / (length * length))
      }
      memory.touched((2 + guide.channels.count) * slice * MemoryLayout<Float>.stride)
    }
    return result
  }
}
