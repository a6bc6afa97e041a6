import Volumetry

/// Results of blocks, kept from one map to the next: of spectra that grow while they are measured only the blocks are fitted whose counts
/// changed.
///
/// A block is known by its counts, so that a result is used again exactly where a fit would come to the same. Whatever else a fit depends on
/// (energies, times, angles, bins that are left out) empties the memory when it changes; calibration and options must be the same for all
/// maps that share one.
public final class MapMemory: Sendable {
  /// What a map did with its memory.
  public struct Use: Sendable, Equatable {
    /// Voxels that were fitted, and voxels whose results were taken from the memory.
    public var fitted = 0
    public var kept = 0
  }

  struct Entry: Sendable {
    let mark: CountMark
    let result: LithiumMap.BlockResult
  }

  /// What results depend on beside counts.
  struct Context: Sendable, Equatable {
    let acquisition: Acquisition
    let energies: [Double]
    let height: Int
    let width: Int
    let origin: SIMD3<Double>
    let spacing: SIMD3<Double>
    let saturation: Float?
    let leftOut: Set<Int>
  }

  private struct Holdings {
    var context: Context?
    /// Of each block the results of its last two counts: a map with outliers is made with them and without.
    var entries: [Region: [Entry]] = [:]
    var bytes = 0
    var use = Use()
  }
  private let state = Guarded(Holdings())
  private let budget: Int

  /// - Parameter budget: bytes that the results may take; blocks that do not fit are fitted each time.
  public init(budget: Int) { self.budget = budget }

  /// What was done since this was asked last.
  public func takeUse() -> Use {
    state.withLock { state in
      defer { state.use = Use() }
      return state.use
    }
  }

  func open(_ context: Context) {
    state.withLock { state in
      guard state.context != context else { return }
      state.context = context
      state.entries = [:]
      state.bytes = 0
    }
  }

  func entry(_ region: Region, _ mark: CountMark) -> Entry? {
    state.withLock { state in
      guard let known = state.entries[region]?.first(where: { $0.mark == mark }) else { return nil }
      state.use.kept += region.count
      return known
    }
  }

  func keep(_ entry: Entry, for region: Region) {
    let bytes = Self.bytes(entry)
    state.withLock { state in
      state.use.fitted += region.count
      var own = state.entries[region] ?? []
      if own.count > 1 { state.bytes -= Self.bytes(own.removeFirst()) }
      guard state.bytes + bytes <= budget else { return }
      own.append(entry)
      state.entries[region] = own
      state.bytes += bytes
    }
  }

  private static func bytes(_ entry: Entry) -> Int {
    (28 + 12 + 4 * entry.result.fractionPulls.count) * entry.result.x.count
      + MemoryLayout<MapSummary>.stride * entry.result.rows.count
  }
}

/// What tells one set of counts from another: two sums of products over the bits of all of them, so that other counts have another mark but
/// for one chance in 2^64.
struct CountMark: Sendable, Equatable {
  private var first: UInt64 = 0xcbf2_9ce4_8422_2325
  private var second: UInt64 = 0x9e37_79b9_7f4a_7c15

  init(_ counts: Span<Float>) {
    for index in counts.indices {
      let bits = UInt64(counts[index].bitPattern)
      first = (first ^ bits) &* 0x0000_0100_0000_01b3
      second = (second &+ bits) &* 0xff51_afd7_ed55_8ccd
      second ^= second >> 29
    }
  }
}

extension LithiumMap {
  /// Blocks that lie where they lay when the spectra had fewer slices or rows, so that a memory knows them again.
  func lastingPlan(_ resources: Resources) -> BlockPlan? {
    let shape = source.grid.shape
    let row = shape.x * (8 * source.energy.count + 64)
    let rows = max(1, (1 << 20) / max(1, row))
    guard row * (resources.threads + 1) <= resources.memory else { return nil }
    return BlockPlan(
      shape: shape, cores: Shape(z: 1, y: min(rows, max(1, shape.y)), x: shape.x),
      bytesPerVoxel: 8 * source.energy.count + 64, inFlight: resources.threads + 1)
  }

  var memoryContext: MapMemory.Context {
    MapMemory.Context(
      acquisition: source.acquisition, energies: source.energy.edges, height: source.grid.shape.y,
      width: source.grid.shape.x, origin: source.grid.origin, spacing: source.grid.spacing,
      saturation: options.saturation, leftOut: options.leftOut)
  }
}
