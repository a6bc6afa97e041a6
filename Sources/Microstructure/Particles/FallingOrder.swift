/// Voxels in the order of falling values.
enum FallingOrder {
  /// Places of the values above zero, the largest first, equal ones in their order. Sorted by digits of 16 bits, in linear
  /// time: positive floats sort as their bits do.
  static func of(_ values: [Float]) -> [UInt32] {
    var order: [UInt32] = []
    for i in values.indices where values[i] > 0 { order.append(UInt32(i)) }
    for shift in [UInt32(0), 16] {
      var starts = [Int](repeating: 0, count: 65537)
      for i in order { starts[digit(values[Int(i)], shift) + 1] += 1 }
      for d in 0..<65536 { starts[d + 1] += starts[d] }
      var sorted = [UInt32](repeating: 0, count: order.count)
      for i in order {
        let d = digit(values[Int(i)], shift)
        sorted[starts[d]] = i
        starts[d] += 1
      }
      order = sorted
    }
    return order
  }

  @inline(__always)
  private static func digit(_ value: Float, _ shift: UInt32) -> Int {
    Int((~value.bitPattern >> shift) & 0xFFFF)
  }
}
