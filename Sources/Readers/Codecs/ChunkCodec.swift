/// A step that chunks went through when they were written, and how it is undone.
enum ChunkCodec: Sendable, Equatable {
  case deflate(DeflateWrapper)
  case shuffle(elementSize: Int)
  case fletcher32
  case crc32c
  case lzf
  case lz4
  /// One block behind its length, as numcodecs writes it.
  case lz4Sized
  case bitshuffle(Bitshuffle)
  case blosc
  case zstd

  var name: String {
    switch self {
    case .deflate: "Deflate"
    case .shuffle: "shuffle"
    case .fletcher32: "Fletcher32"
    case .crc32c: "CRC32C"
    case .lzf: "LZF"
    case .lz4, .lz4Sized: "LZ4"
    case .bitshuffle: "Bitshuffle"
    case .blosc: "Blosc"
    case .zstd: "Zstandard"
    }
  }

  /// Bytes that the step makes of `count`; nil where it depends on what they are.
  func packedSize(_ count: Int) -> Int? {
    switch self {
    case .shuffle: count
    case .bitshuffle(let bits): bits.packing == .none ? count : nil
    case .fletcher32, .crc32c: count + 4
    default: nil
    }
  }

  /// - Returns: bytes written, or nil where the stream is damaged or does not fit.
  fileprivate func unpack(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    switch self {
    case .deflate(let wrapper): return unsafe Inflater().unpacked(source, into: target, from: wrapper)
    case .shuffle(let size):
      guard size > 0, source.count <= target.count else { return nil }
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[..<source.count])
      unsafe ByteShuffle.undo(source, into: room, elementSize: size)
      return source.count
    case .lzf: return unsafe LZF.unpack(source, into: target)
    case .lz4: return unsafe BlockedLZ4.unpack(source, into: target)
    case .lz4Sized:
      guard source.count >= 4 else { return nil }
      return unsafe LZ4Block.unpack(UnsafeRawBufferPointer(rebasing: source[4...]), into: target)
    case .bitshuffle(let bits): return unsafe bits.unpack(source, into: target)
    case .blosc: return unsafe BloscBuffer.unpack(source, into: target)
    case .zstd: return unsafe ZstandardFrame.unpack(source, into: target)
    case .fletcher32, .crc32c: return nil
    }
  }

  /// Length of what a checksum stands behind, or nil where it does not agree.
  fileprivate func verified(_ source: UnsafeRawBufferPointer) -> Int? {
    guard source.count >= 4 else { return nil }
    let count = source.count - 4
    let stored = unsafe source.loadUnaligned(fromByteOffset: count, as: UInt32.self).littleEndian
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: source[..<count])
    if self == .crc32c { return unsafe Checksums.crc32c(bytes) == stored ? count : nil }
    let sum = unsafe Checksums.fletcher32(bytes)
    // HDF5 before 1.6.3 turned the bytes of either half on some machines.
    let turned = (sum & 0x00FF_00FF) << 8 | (sum >> 8) & 0x00FF_00FF
    return stored == sum || stored == turned ? count : nil
  }
}

/// The steps of an array's chunks in the order in which they were done.
struct ChunkPipeline: Sendable, Equatable {
  var steps: [ChunkCodec]

  /// Why a chunk cannot be unpacked.
  struct Fault: Error { var reason: String }

  /// Bytes that unpacking a chunk of `size` bytes takes beside the chunk: what lies between the steps, and the packed chunk.
  func workingBytes(_ size: Int) -> Int { size * max(1, steps.count { $0.packedSize(0) != 4 }) }

  /// Most bytes that a packed chunk may have: no step makes it much longer than it is.
  static func packedLimit(_ size: Int) -> Int { size + size / 8 + 65_536 }

  /// Unpacks a chunk to exactly `target.count` bytes.
  ///
  /// Memory is taken for the length that the array's description asks for, never for one that a packed chunk claims.
  ///
  /// - Parameter skipped: bit `i` is set where step `i` was left out for this chunk.
  func unpack(
    _ packed: UnsafeRawBufferPointer, skipping skipped: UInt32 = 0, into target: UnsafeMutableRawBufferPointer
  ) throws(Fault) {
    let done = steps.enumerated().filter { $0.offset >= 32 || skipped >> UInt32($0.offset) & 1 == 0 }.map(
      \.element)
    // What goes into each step; nil behind one whose output depends on the data.
    var sizes: [Int?] = [target.count]
    for step in done { sizes.append(sizes[sizes.count - 1].flatMap { step.packedSize($0) }) }
    var held: ScratchBytes?
    var current = unsafe packed
    var isInPlace = false
    for index in done.indices.reversed() {
      let step = done[index]
      if let needed = sizes[index + 1], current.count != needed {
        throw Fault(
          reason: "it has \(current.count) bytes before \(step.name) is undone where \(needed) are needed")
      }
      if step == .fletcher32 || step == .crc32c {
        guard let count = unsafe step.verified(current) else {
          throw Fault(reason: "its checksum (\(step.name)) does not agree")
        }
        unsafe current = UnsafeRawBufferPointer(rebasing: current[..<count])
        continue
      }
      let isLast = !done[..<index].contains { $0 != .fletcher32 && $0 != .crc32c }
      if isLast, sizes[index] == target.count {
        guard unsafe step.unpack(current, into: target) == target.count else {
          throw Self.short(step, target.count)
        }
        isInPlace = true
        unsafe current = UnsafeRawBufferPointer(target)
        continue
      }
      let room = sizes[index] ?? Self.packedLimit(target.count)
      let next = ScratchBytes(room)
      guard let written = unsafe step.unpack(current, into: next.bytes),
        sizes[index] == nil || written == room
      else { throw Self.short(step, room) }
      // What `current` pointed at is no longer needed.
      held = next
      unsafe current = UnsafeRawBufferPointer(rebasing: next.bytes[..<written])
    }
    defer { withExtendedLifetime(held) {} }
    if isInPlace { return }
    guard current.count == target.count else {
      throw Fault(reason: "it has \(current.count) bytes where \(target.count) are needed")
    }
    unsafe target.copyMemory(from: current)
  }

  private static func short(_ step: ChunkCodec, _ size: Int) -> Fault {
    Fault(reason: "\(step.name) does not unpack it to \(size) bytes")
  }
}

/// Memory between two steps, with one owner.
@safe private final class ScratchBytes {
  let bytes: UnsafeMutableRawBufferPointer

  init(_ count: Int) { unsafe bytes = .allocate(byteCount: max(1, count), alignment: 16) }

  deinit { unsafe bytes.deallocate() }
}
