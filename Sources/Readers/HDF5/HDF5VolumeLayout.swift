import Volumetry

/// Which axis of an array is z, y and x, and where the others are held.
struct HDF5VolumeLayout: Sendable {
  var z: Int?
  var y: Int?
  var x: Int?
  /// An axis that is held at one index, such as a channel.
  var fixed: (axis: Int, index: Int)?

  /// Names the axes of an array of one to four axes.
  ///
  /// Of four axes one is a channel: the one that the file does not call x, y or z, or else the first.
  ///
  /// - Throws: `data` where the channel must be chosen or the array has too many axes, `usage` where there
  ///   is no such channel.
  init(_ data: NexusData, channel: Int?) throws(VoxelithError) {
    let array = data.signal
    let shape = array.shape
    let (file, path) = (array.file.path, array.path)
    var spatial = Array(shape.indices)
    if shape.count == 4 {
      let names = data.axes.map { $0?.spatial }
      let hasNames = Set(names.compactMap { $0 }).count == 3
      let axis = (hasNames ? names.firstIndex { $0 == nil } : nil) ?? 0
      guard let index = channel ?? (shape[axis] == 1 ? 0 : nil) else {
        throw VoxelithError(
          .data, "the array \(array.summary) holds \(shape[axis]) volumes", file: file, place: path,
          advice: "choose one by its channel, counted from 0")
      }
      guard (0..<shape[axis]).contains(index) else {
        throw VoxelithError(
          .usage, "there is no channel \(index): there are \(shape[axis]), counted from 0", file: file,
          place: path)
      }
      fixed = (axis, index)
      spatial.removeAll { $0 == axis }
    }
    guard (1...3).contains(spatial.count) else {
      throw VoxelithError(
        .data, "an array of \(shape.count) axes is no volume", file: file, place: path)
    }
    let names = spatial.map { data.axes[$0]?.spatial }
    if Set(names).count == spatial.count && !names.contains(nil) {
      z = zip(spatial, names).first { $0.1 == .z }?.0
      y = zip(spatial, names).first { $0.1 == .y }?.0
      x = zip(spatial, names).first { $0.1 == .x }?.0
    } else {
      let padded = [Int?](repeating: nil, count: 3 - spatial.count) + spatial
      (z, y, x) = (padded[0], padded[1], padded[2])
    }
  }

  func shape(of array: [Int]) -> Shape {
    Shape(z: z.map { array[$0] } ?? 1, y: y.map { array[$0] } ?? 1, x: x.map { array[$0] } ?? 1)
  }

  /// The box of the array that holds a region.
  func box(_ region: Region, rank: Int) -> (start: [Int], count: [Int]) {
    var start = [Int](repeating: 0, count: rank)
    var count = [Int](repeating: 1, count: rank)
    for (axis, range) in [(z, region.z), (y, region.y), (x, region.x)] {
      if let axis { (start[axis], count[axis]) = (range.lowerBound, range.count) }
    }
    if let fixed { start[fixed.axis] = fixed.index }
    return (start, count)
  }

  /// Steps in a box of the array along z, y, x, or nil where the box is in that order already.
  func steps(_ count: [Int]) -> (z: Int, y: Int, x: Int)? {
    let order = [z, y, x].compactMap { $0 }.filter { count[$0] > 1 }
    if order == order.sorted() { return nil }
    var strides = [Int](repeating: 1, count: count.count)
    for axis in count.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * count[axis + 1] }
    return (z.map { strides[$0] } ?? 0, y.map { strides[$0] } ?? 0, x.map { strides[$0] } ?? 0)
  }
}

extension VoxelBuffer {
  /// Values in the order z, y, x from those with other steps.
  func reordered(_ shape: Shape, _ steps: (z: Int, y: Int, x: Int)) -> VoxelBuffer {
    switch self {
    case .uint8(let values): .uint8(Self.gather(values, shape, steps))
    case .uint16(let values): .uint16(Self.gather(values, shape, steps))
    case .uint32(let values): .uint32(Self.gather(values, shape, steps))
    case .uint64(let values): .uint64(Self.gather(values, shape, steps))
    case .int8(let values): .int8(Self.gather(values, shape, steps))
    case .int16(let values): .int16(Self.gather(values, shape, steps))
    case .int32(let values): .int32(Self.gather(values, shape, steps))
    case .int64(let values): .int64(Self.gather(values, shape, steps))
    case .float16(let values): .float16(Self.gather(values, shape, steps))
    case .float32(let values): .float32(Self.gather(values, shape, steps))
    case .float64(let values): .float64(Self.gather(values, shape, steps))
    }
  }

  private static func gather<Element: VoxelElement>(
    _ values: [Element], _ shape: Shape, _ steps: (z: Int, y: Int, x: Int)
  ) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(values.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let start = z * steps.z + y * steps.y
        for x in 0..<shape.x { result.append(values[start + x * steps.x]) }
      }
    }
    return result
  }
}
