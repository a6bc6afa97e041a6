public import Volumetry

/// A view of a volume for those who ask for its planes across y or x one after the other: planes are read many at a time, as
/// many as a share of the memory holds, and turned once.
///
/// Files hold slices of z together, so that a plane across x touches every page; plane by plane, each page would be read as
/// often as there are planes.
public final class SlabSource: VolumeSource {
  private let source: any VolumeSource
  private let axis: Axis
  /// Planes that are read at once.
  private let depth: Int
  private let threads: Int
  private let slab = Guarded<Slab?>(nil)

  private struct Slab {
    var planes: Range<Int>
    /// Plane after plane, each as a region of one plane has its voxels.
    var voxels: VoxelBuffer
  }

  /// - Parameter memory: bytes that the planes may take; twice as many are taken while they are turned.
  public init(_ source: any VolumeSource, along axis: Axis, memory: Int, threads: Int) {
    let shape = source.grid.shape
    self.source = source
    self.axis = axis
    self.threads = threads
    let plane = max(1, shape.count / max(1, shape[axis]) * source.voxelType.size)
    let most = max(1, min(shape[axis], memory / 2 / plane))
    let chunk = max(1, source.chunkShape[axis])
    depth = most >= chunk ? most / chunk * chunk : most
  }

  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { source.voxelType }
  public var chunkShape: Shape { source.chunkShape }
  public var name: String { source.name }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    guard axis != .z, depth > 1, region.shape[axis] == 1, region.count == grid.shape.count / grid.shape[axis]
    else {
      return try source.read(region)
    }
    let index = region.lower[axis]
    return try slab.withLock { (slab) throws(VoxelithError) -> VoxelBuffer in
      if slab?.planes.contains(index) != true {
        slab = nil
        slab = try load(index / depth * depth)
      }
      guard let slab else { return try source.read(region) }
      let bytes = region.count * voxelType.size
      let start = (index - slab.planes.lowerBound) * bytes
      return try VoxelBuffer.filled(voxelType, count: region.count) { (target) throws(VoxelithError) in
        unsafe try target.withPiece(0..<bytes) { (target) throws(VoxelithError) in
          unsafe try slab.voxels.withBytes { (planes) throws(VoxelithError) in
            unsafe target.copyMemory(from: .init(rebasing: planes[start..<(start + bytes)]))
          }
        }
      }
    }
  }

  private func load(_ first: Int) throws(VoxelithError) -> Slab {
    let shape = grid.shape
    let planes = first..<min(first + depth, shape[axis])
    var (lower, sides) = (Shape(z: 0, y: 0, x: 0), shape)
    lower[axis] = first
    sides[axis] = planes.count
    let region = Region(lower: lower, shape: sides)
    let read = try source.read(region)
    let size = voxelType.size
    let box = sides
    let turned = try VoxelBuffer.filled(voxelType, count: region.count) { (target) throws(VoxelithError) in
      try unsafe read.withBytes { (raw) throws(VoxelithError) in
        let turn = unsafe PlaneTurn(source: raw, shape: box, size: size, axis: axis)
        _ = try Parallel.map(box.z, threads: threads) { (z) throws(VoxelithError) in
          unsafe try target.withPiece(0..<target.count) { (bytes) throws(VoxelithError) in
            unsafe turn.run(z, into: bytes)
          }
        }
      }
    }
    return Slab(planes: planes, voxels: turned)
  }
}

/// Sorts the voxels of a box by planes across y or x. Slices of z go to places of their own, so that several threads may turn.
@safe private struct PlaneTurn: @unchecked Sendable {
  private let source: UnsafeRawBufferPointer
  private let shape: Shape
  private let size: Int
  private let axis: Axis

  init(source: UnsafeRawBufferPointer, shape: Shape, size: Int, axis: Axis) {
    unsafe self.source = source
    self.shape = shape
    self.size = size
    self.axis = axis
  }

  func run(_ z: Int, into target: UnsafeMutableRawBufferPointer) {
    if axis == .y {
      let row = shape.x * size
      for y in 0..<shape.y {
        let (from, to) = ((z * shape.y + y) * row, (y * shape.z + z) * row)
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + row)]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[from..<(from + row)]))
      }
      return
    }
    switch size {
    case 1: unsafe turn(z, target, UInt8.self)
    case 2: unsafe turn(z, target, UInt16.self)
    case 4: unsafe turn(z, target, UInt32.self)
    default: unsafe turn(z, target, UInt64.self)
    }
  }

  /// By squares of 32 x 32, which the nearest cache holds.
  private func turn<Word: BitwiseCopyable>(_ z: Int, _ target: UnsafeMutableRawBufferPointer, _: Word.Type) {
    for top in stride(from: 0, to: shape.y, by: 32) {
      for left in stride(from: 0, to: shape.x, by: 32) {
        for x in left..<min(left + 32, shape.x) {
          var from = ((z * shape.y + top) * shape.x + x) * size
          var to = ((x * shape.z + z) * shape.y + top) * size
          for _ in top..<min(top + 32, shape.y) {
            let word = unsafe source.loadUnaligned(fromByteOffset: from, as: Word.self)
            unsafe target.storeBytes(of: word, toByteOffset: to, as: Word.self)
            from += shape.x * size
            to += size
          }
        }
      }
    }
  }
}
