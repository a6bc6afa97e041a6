import Volumetry

/// The step that sorts the bytes of numbers by their significance before they are packed (HDF5's filter 2; Blosc has its own).
enum ByteShuffle {
  /// Puts the bytes of each number together again; what is left over at the end was not sorted.
  ///
  /// - Precondition: both buffers have the same length.
  static func undo(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, elementSize: Int
  ) {
    let count = source.count / elementSize
    guard count > 1, elementSize > 1 else {
      unsafe target.copyMemory(from: source)
      return
    }
    let rest = count * elementSize
    switch elementSize {
    case 2: unsafe two(source, target, count)
    case 4:
      unsafe NumberBytes.join(
        UnsafeRawBufferPointer(rebasing: source[..<rest]), into: .init(rebasing: target[..<rest]))
    default:
      for byte in 0..<elementSize {
        let plane = unsafe UnsafeRawBufferPointer(rebasing: source[(byte * count)..<((byte + 1) * count)])
        var place = byte
        for index in 0..<count {
          unsafe target[place] = plane[index]
          place += elementSize
        }
      }
    }
    unsafe UnsafeMutableRawBufferPointer(rebasing: target[rest...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: source[rest...]))
  }

  private static func two(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, _ count: Int
  ) {
    let low = unsafe UnsafeRawBufferPointer(rebasing: source[0..<count])
    let high = unsafe UnsafeRawBufferPointer(rebasing: source[count..<(2 * count)])
    for index in 0..<count {
      let value = unsafe UInt16(low[index]) | UInt16(high[index]) << 8
      unsafe target.storeBytes(of: value.littleEndian, toByteOffset: 2 * index, as: UInt16.self)
    }
  }
}
