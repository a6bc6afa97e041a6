import Glibc
import Volumetry

extension [Float] {
  /// Fills the array with numbers that are stored in another type, without memory of their own: they are read to the end
  /// of the array and turned into floats from its front, which never overtakes what is still to be read.
  ///
  /// - Parameters:
  ///   - type: of at most four bytes.
  ///   - fill: sets every byte of `count` numbers, in the byte order of this machine.
  mutating func fillByConverting(
    _ type: VoxelType, count: Int, by fill: (DisjointBytes) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    precondition(type.size <= 4)
    resize(to: count)
    guard count > 0 else { return }
    var failure: VoxelithError?
    unsafe withUnsafeMutableBytes { all in
      let stored = unsafe UnsafeMutableRawBufferPointer(rebasing: all[((4 - type.size) * count)...])
      do throws(VoxelithError) {
        unsafe try fill(DisjointBytes(stored))
        unsafe convert(all, from: stored, type)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Changes the length and keeps the memory where it suffices.
  private mutating func resize(to count: Int) {
    if self.count > count {
      removeLast(self.count - count)
    } else if capacity >= count {
      append(contentsOf: repeatElement(0, count: count - self.count))
    } else {
      self = unsafe [Float](unsafeUninitializedCapacity: count) { _, filled in filled = count }
    }
  }
}

private func convert(
  _ all: UnsafeMutableRawBufferPointer, from stored: UnsafeMutableRawBufferPointer, _ type: VoxelType
) {
  switch type {
  case .uint8: unsafe convert(all, stored, UInt8.self) { Float($0) }
  case .uint16: unsafe convert(all, stored, UInt16.self) { Float($0) }
  case .uint32: unsafe NumberBytes.makeFloats(of: UnsafeRawBufferPointer(stored), into: all)
  case .int8: unsafe convert(all, stored, Int8.self) { Float($0) }
  case .int16: unsafe convert(all, stored, Int16.self) { Float($0) }
  case .int32: unsafe convert(all, stored, Int32.self) { Float($0) }
  case .float16: unsafe convert(all, stored, Float16.self) { Float($0) }
  case .float32, .uint64, .int64, .float64: break
  }
}

@inline(__always)
private func convert<Number: BitwiseCopyable>(
  _ all: UnsafeMutableRawBufferPointer, _ stored: UnsafeMutableRawBufferPointer, _: Number.Type,
  _ float: (Number) -> Float
) {
  let count = all.count / 4
  guard let target = all.baseAddress, let source = stored.baseAddress else { return }
  // A piece is converted beside the array and then put into it, so that no lane writes over the next one's number.
  let piece = 1024
  unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: piece) { floats in
    var first = 0
    while first < count {
      let end = min(first + piece, count)
      for index in first..<end {
        let number = unsafe source.loadUnaligned(
          fromByteOffset: index * MemoryLayout<Number>.size, as: Number.self)
        unsafe floats[index - first] = float(number)
      }
      if let done = floats.baseAddress { unsafe _ = memcpy(target + 4 * first, done, 4 * (end - first)) }
      first = end
    }
  }
}
