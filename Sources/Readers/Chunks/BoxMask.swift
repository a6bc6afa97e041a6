/// Which elements of a box of an array are missing.
enum BoxMask {
  typealias Part = (start: [Int], count: [Int])

  /// Sets what a box and the one that is read share, row by row.
  static func set(_ mask: inout [Bool], to value: Bool, _ box: Part, _ start: [Int], _ count: [Int]) {
    var low: [Int] = []
    var sides: [Int] = []
    for axis in start.indices {
      let first = max(start[axis], box.start[axis])
      let end = min(start[axis] + count[axis], box.start[axis] + box.count[axis])
      guard end > first else { return }
      low.append(first - start[axis])
      sides.append(end - first)
    }
    guard let row = sides.last else {
      mask[0] = value
      return
    }
    for index in 0..<sides.dropLast().reduce(1, *) {
      var rest = index
      var (place, stride) = (low[low.count - 1], count[count.count - 1])
      for axis in sides.indices.dropLast().reversed() {
        place += (low[axis] + rest % sides[axis]) * stride
        rest /= sides[axis]
        stride *= count[axis]
      }
      for element in place..<(place + row) { mask[element] = value }
    }
  }
}
