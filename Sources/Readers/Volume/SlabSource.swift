public import Volumetry

/// A view of a volume for those who ask for its planes across y or x one after the other.
///
/// Files hold slices of z together, so that a plane across x touches every page; plane by plane, each page would be read as
/// often as there are planes. The volume is turned once instead, in memory where it fits and else in a file without a name.
/// Where there is no room for that file either, as many planes are read together as memory holds.
public final class SlabSource: VolumeSource {
  private let source: any VolumeSource
  private let axis: Axis
  private let memory: Int
  /// Planes that are read at once.
  private let depth: Int
  private let threads: Int
  private let planes = Guarded<Planes?>(nil)

  private enum Planes {
    case spool(PlaneSpool)
    /// Plane after plane, each as a region of one plane has its voxels.
    case slab(Range<Int>, VoxelBuffer)
  }

  /// - Parameter memory: bytes that the planes may take, before and after they are turned.
  public init(_ source: any VolumeSource, along axis: Axis, memory: Int, threads: Int) {
    let shape = source.grid.shape
    self.source = source
    self.axis = axis
    self.memory = memory
    self.threads = threads
    let plane = max(1, shape.count / max(1, shape[axis]) * source.voxelType.size)
    let most = max(1, min(shape[axis], memory / 2 / plane))
    let chunk = max(1, source.chunkShape[axis])
    depth = most >= shape[axis] || most < chunk ? most : most / chunk * chunk
  }

  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { source.voxelType }
  public var chunkShape: Shape { source.chunkShape }
  public var name: String { source.name }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    guard axis != .z, region.shape[axis] == 1, region.count == grid.shape.count / grid.shape[axis] else {
      return try source.read(region)
    }
    let index = region.lower[axis]
    let bytes = region.count * voxelType.size
    let planes = try planes.withLock { (held) throws(VoxelithError) -> Planes in
      switch held {
      case .spool(let spool): return .spool(spool)
      case .slab(let range, let voxels) where range.contains(index): return .slab(range, voxels)
      default: break
      }
      let isFirst = held == nil
      held = nil
      let found = try load(index, isFirst: isFirst)
      held = found
      return found
    }
    return try VoxelBuffer.filled(voxelType, count: region.count) { (target) throws(VoxelithError) in
      unsafe try target.withPiece(0..<bytes) { (target) throws(VoxelithError) in
        switch planes {
        case .spool(let spool): unsafe try spool.read(index, into: target)
        case .slab(let range, let voxels):
          let start = (index - range.lowerBound) * bytes
          unsafe try voxels.withBytes { (planes) throws(VoxelithError) in
            unsafe target.copyMemory(from: .init(rebasing: planes[start..<(start + bytes)]))
          }
        }
      }
    }
  }

  private func load(_ index: Int, isFirst: Bool) throws(VoxelithError) -> Planes {
    let shape = grid.shape
    if isFirst, depth < shape[axis],
      let spool = try PlaneSpool.make(source, along: axis, memory: memory, threads: threads)
    {
      return .spool(spool)
    }
    let first = index / depth * depth
    let planes = first..<min(first + depth, shape[axis])
    var (lower, sides) = (Shape(z: 0, y: 0, x: 0), shape)
    lower[axis] = first
    sides[axis] = planes.count
    let turn = PlaneTurn(shape: sides, size: voxelType.size, axis: axis)
    return .slab(planes, try turn.run(try source.read(Region(lower: lower, shape: sides)), threads: threads))
  }
}
