/// Order of the bytes of a number.
enum ByteOrder {
  /// Turns every element of `bytes` round, in place.
  static func swap(_ bytes: UnsafeMutableRawBufferPointer, elementSize: Int) {
    switch elementSize {
    case 2: unsafe swapAll(bytes.bindMemory(to: UInt16.self))
    case 4: unsafe swapAll(bytes.bindMemory(to: UInt32.self))
    case 8: unsafe swapAll(bytes.bindMemory(to: UInt64.self))
    default: break
    }
  }

  private static func swapAll(_ values: UnsafeMutableBufferPointer<UInt16>) {
    for index in values.indices { unsafe values[index] = values[index].byteSwapped }
  }

  private static func swapAll(_ values: UnsafeMutableBufferPointer<UInt32>) {
    for index in values.indices { unsafe values[index] = values[index].byteSwapped }
  }

  private static func swapAll(_ values: UnsafeMutableBufferPointer<UInt64>) {
    for index in values.indices { unsafe values[index] = values[index].byteSwapped }
  }
}
