/// Puts the elements of a box into another order of its axes.
enum BoxOrder {
  /// - Parameters:
  ///   - count: sides of the box, the last fastest.
  ///   - axes: the axes of the answer, the outermost first; those that are left out must have one element.
  ///   - reversed: axes that are walked from their end.
  static func ordered(
    _ values: [Float], count: [Int], axes: [Int], reversed: Set<Int> = []
  ) -> [Float] {
    let used = axes.filter { count[$0] > 1 }
    if used == used.sorted() && !used.contains(where: { reversed.contains($0) }) { return values }
    var strides = [Int](repeating: 1, count: count.count)
    for axis in count.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * count[axis + 1] }
    var start = 0
    for axis in used where reversed.contains(axis) {
      start += (count[axis] - 1) * strides[axis]
      strides[axis] = -strides[axis]
    }
    var result: [Float] = []
    result.reserveCapacity(values.count)
    append(values, from: start, axes: used[...], count: count, strides: strides, to: &result)
    return result
  }

  private static func append(
    _ values: [Float], from start: Int, axes: ArraySlice<Int>, count: [Int], strides: [Int],
    to result: inout [Float]
  ) {
    guard let axis = axes.first else {
      result.append(values[start])
      return
    }
    if axes.count == 1 {
      gather(values, from: start, stride: strides[axis], count: count[axis], to: &result)
      return
    }
    for index in 0..<count[axis] {
      append(
        values, from: start + index * strides[axis], axes: axes.dropFirst(), count: count, strides: strides,
        to: &result)
    }
  }

  private static func gather(
    _ values: [Float], from start: Int, stride: Int, count: Int, to result: inout [Float]
  ) {
    if stride == 1 {
      result.append(contentsOf: values[start..<(start + count)])
      return
    }
    for index in 0..<count { result.append(values[start + index * stride]) }
  }
}
