/// Something that takes finished boxes of voxels: a file that is being written, a volume in memory.
///
/// The scheduler calls ``write(_:to:)`` from one thread, in the order of the blocks, every voxel
/// once, and then ``finish()``. A sink that is dropped without `finish()` leaves nothing behind.
public protocol VolumeSink: AnyObject {
  /// Takes the voxels of a box, x fastest.
  func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError)
  /// Completes the output: a file gets its final name here and not before.
  func finish() throws(VoxelithError)
  /// Gives up: what was written so far is removed.
  func abandon()
}

/// A sink that keeps the volume in memory.
public final class MemorySink<Element: VoxelElement>: VolumeSink {
  public private(set) var volume: Volume<Element>

  public init(grid: Grid) {
    volume = Volume(grid: grid, repeating: .zeroValue)
  }

  public func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    guard let values = buffer.values(as: Element.self) else {
      throw VoxelithError(
        .internal, "a sink of \(Element.voxelType) was given voxels of \(buffer.type)")
    }
    volume.paste(values, into: region)
  }

  public func finish() throws(VoxelithError) {}
  public func abandon() {}
}

extension VoxelBuffer {
  /// The values where they have exactly this type.
  public func values<Element: VoxelElement>(as type: Element.Type) -> [Element]? {
    switch self {
    case .uint8(let values): values as? [Element]
    case .uint16(let values): values as? [Element]
    case .uint32(let values): values as? [Element]
    case .uint64(let values): values as? [Element]
    case .int8(let values): values as? [Element]
    case .int16(let values): values as? [Element]
    case .int32(let values): values as? [Element]
    case .int64(let values): values as? [Element]
    case .float16(let values): values as? [Element]
    case .float32(let values): values as? [Element]
    case .float64(let values): values as? [Element]
    }
  }
}
