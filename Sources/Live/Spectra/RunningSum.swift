import Readers
import Volumetry

/// Counts of frames or files that are complete, added up once: what comes is added to them, and they are not read again.
///
/// The sum is as large as the counts of one exposure; where that is more than the memory it may take, it lies in a file.
final class RunningSum: Sendable {
  private struct State {
    var counts: PagedArray<Float>?
    /// What was added, in its order.
    var parts: [String] = []
    var shape = Shape(z: 0, y: 0, x: 0)
    /// Whether some rows have parts that others have not yet.
    var isMoving = false
  }
  private let state = Guarded(State())
  private let budget: Int

  /// Counts that are read at once: with those that are added to them a small part of the memory.
  private let piece: Int

  /// - Parameter budget: bytes.
  init(budget: Int) {
    self.budget = budget
    piece = min(1 << 21, max(1 << 16, budget / 32))
  }

  /// Number of parts that the sum holds, if these are the first of some.
  func count(of parts: [String], grid: Grid, bins: Int) -> Int {
    let wide = Self.wide(grid.shape, bins)
    return state.withLock { state in
      guard state.shape == wide, state.counts != nil, parts.starts(with: state.parts) else { return 0 }
      return state.parts.count
    }
  }

  /// Adds what is missing of some parts; starts anew where the sum holds others.
  ///
  /// - Parameter add: adds the counts of some of them, by their number.
  func take(
    _ parts: [String], grid: Grid, bins: Int,
    add: (Range<Int>, Region, inout [Float]) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let held = count(of: parts, grid: grid, bins: bins)
    let wide = Self.wide(grid.shape, bins)
    let new = held..<parts.count
    guard !new.isEmpty else { return }
    if held == 0 {
      let memory = WorkingMemory.holding(4 * wide.count, budget: budget)
      let empty = try PagedArray<Float>(repeating: 0, count: wide.count, in: memory)
      state.withLock { $0 = State(counts: empty, parts: [], shape: wide) }
    }
    state.withLock { $0.isMoving = true }
    let rows = max(1, piece / max(1, wide.x))
    for z in 0..<grid.shape.z {
      for y in stride(from: 0, to: grid.shape.y, by: rows) {
        try Cancellation.poll()
        let region = Region(
          lower: Shape(z: z, y: y, x: 0), shape: Shape(z: 1, y: min(rows, grid.shape.y - y), x: grid.shape.x))
        let place = Self.wide(region, bins)
        var sums = state.withLock { $0.counts?.box(place, of: wide) ?? [] }
        do throws(VoxelithError) {
          try add(new, region, &sums)
        } catch {
          // Half of the rows have the new parts and half have not.
          state.withLock { $0 = State() }
          throw error
        }
        state.withLock { $0.counts?.paste(sums, into: place, of: wide) }
      }
    }
    state.withLock { state in
      state.parts = parts
      state.isMoving = false
    }
  }

  /// The sums of a box over a number of parts.
  ///
  /// - Throws: `internal` where the sum has other parts by now.
  func read(_ region: Region, of parts: Int, grid: Grid, bins: Int) throws(VoxelithError) -> [Float] {
    let wide = Self.wide(grid.shape, bins)
    return try state.withLock { (state) throws(VoxelithError) in
      guard let counts = state.counts, state.shape == wide, state.parts.count == parts, !state.isMoving else {
        throw VoxelithError(.internal, "a running sum went on while it was read")
      }
      return counts.box(Self.wide(region, bins), of: wide)
    }
  }

  /// A row of voxels with their bins as one row.
  private static func wide(_ shape: Shape, _ bins: Int) -> Shape {
    Shape(z: shape.z, y: shape.y, x: shape.x * bins)
  }

  private static func wide(_ region: Region, _ bins: Int) -> Region {
    Region(
      lower: Shape(z: region.lower.z, y: region.lower.y, x: region.lower.x * bins),
      shape: wide(region.shape, bins))
  }
}

/// Spectra of which the first parts are in a running sum.
struct SummedSpectra: SpectralSource {
  let base: any DescribedSpectra
  let sum: RunningSum
  let parts: Int
  /// Adds the counts of what is not in the sum.
  let rest: @Sendable (Region, inout [Float]) throws(VoxelithError) -> Void

  var grid: Grid { base.grid }
  var energy: EnergyAxis { base.energy }
  var acquisition: Acquisition { base.acquisition }
  var chunkShape: Shape { base.chunkShape }
  var name: String { base.name }

  func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    var counts = try sum.read(region, of: parts, grid: grid, bins: energy.count)
    try rest(region, &counts)
    return counts
  }
}
