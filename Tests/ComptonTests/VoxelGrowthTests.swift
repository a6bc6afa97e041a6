import Compton
import Testing
import Volumetry

/// Bins on small grids whose right answer is plain.
@Suite struct VoxelGrowthTests {
  private typealias Role = VoxelGrowth.Role

  private static func grow(
    _ roles: [Role], weights: [Float], grid: Grid, goal: Double, limit: Int = 1000,
    memory: WorkingMemory = .unpaged
  ) throws -> [Int32] {
    let bytes = try PagedArray<UInt8>(in: memory)
    let values = roles.map(\.rawValue)
    try bytes.append(contentsOf: values.span)
    let floats = try PagedArray<Float>(in: memory)
    try floats.append(contentsOf: weights.span)
    let grown = try VoxelGrowth(grid: grid, roles: bytes, weights: floats, goal: goal, limit: limit)
    let labels = grown.labels.indices.map { grown.labels[$0] }
    #expect(grown.count == Set(labels).subtracting([-1]).count)
    return labels
  }

  /// Far from the origin: a rim voxel that both touch goes to the bin whose centroid is nearer, as it was grown, though
  /// that bin took a voxel before.
  @Test func voxelsJoinTheNearerBinWhereverTheyLie() throws {
    let shape = Shape(z: 1, y: 2, x: 120)
    let grid = Grid(shape: shape, spacing: SIMD3(1, 3, 1))
    var roles = [Role](repeating: .excluded, count: shape.count)
    var weights = [Float](repeating: 0, count: shape.count)
    for x in 100...102 { (roles[x], weights[x]) = (.core, 1) }
    // Joins A in the first layer; the rim voxel beside it, which B touches too, in the second.
    (roles[222], roles[223]) = (.rim, .rim)
    for x in 104...109 { (roles[x], weights[x]) = (.core, 0.5) }
    (roles[224], weights[224]) = (.rim, 0.1)
    let labels = try Self.grow(roles, weights: weights, grid: grid, goal: 3)
    #expect(labels[222] == 0 && labels[224] == 1)
    // (0, 1, 103): 2 um and a row from A's centroid at 101, 3.5 um and a row from B's at 106.5.
    #expect(labels[223] == 0)
  }

  /// Particles apart from one another: what cannot reach the goal stays a bin of its own, rim voxels alone grow theirs.
  @Test func whatIsAloneStaysAlone() throws {
    let shape = Shape(z: 1, y: 1, x: 9)
    let roles: [Role] = [.core, .excluded, .rim, .rim, .rim, .excluded, .core, .core, .rim]
    let weights: [Float] = [0.1, 9, 1, 1, 0.5, 9, 1, 1, 1]
    let labels = try Self.grow(roles, weights: weights, grid: Grid(shape: shape, spacing: .one), goal: 2)
    #expect(labels == [0, -1, 1, 1, 1, -1, 2, 2, 2])
  }

  @Test func oneVoxelOrNone() throws {
    let grid = Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: .one)
    #expect(try Self.grow([.core], weights: [1], grid: grid, goal: 1) == [0])
    #expect(try Self.grow([.rim], weights: [0], grid: grid, goal: 1) == [0])
    #expect(try Self.grow([.excluded], weights: [1], grid: grid, goal: 1) == [-1])
  }

  /// Bins of many shapes and particles are the same in memory and in pages, take every voxel that they may, and
  /// are numbered by their first voxels.
  @Test func pagesDoNotShow() throws {
    let shape = Shape(z: 30, y: 50, x: 70)
    let grid = Grid(shape: shape, spacing: SIMD3(1.1, 1.3, 2.7))
    var random = SeededGenerator(seed: 5)
    var roles: [Role] = []
    var weights: [Float] = []
    for _ in 0..<shape.count {
      let draw = random.next() % 100
      roles.append(draw < 25 ? .excluded : draw < 40 ? .rim : .core)
      weights.append(Float(random.next() % 1000) / 1000)
    }
    let here = try Self.grow(roles, weights: weights, grid: grid, goal: 4, limit: 12)
    let paged = try Self.grow(
      roles, weights: weights, grid: grid, goal: 4, limit: 12,
      memory: WorkingMemory(pagingIn: WorkingMemory.defaultFolder, resident: 1 << 20, isScattered: true))
    #expect(here == paged)
    #expect(here.indices.allSatisfy { (here[$0] < 0) == (roles[$0] == .excluded) })
    var first = -1
    for label in here where Int(label) > first {
      #expect(Int(label) == first + 1)
      first += 1
    }
  }
}
