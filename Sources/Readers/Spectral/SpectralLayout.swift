import Volumetry

/// Which axis of an array is which: three of space (those that are missing have length 1), one of energy,
/// perhaps one of detector elements.
struct SpectralLayout: Sendable, Hashable {
  var z: Int?
  var y: Int?
  var x: Int?
  var energy: Int
  var detector: Int?
  var choice: DetectorChoice?

  /// Names the axes of an array.
  ///
  /// Axes that the file calls x, y and z are taken at their word where every axis of space has such a
  /// name; otherwise the last axis of space is x, the one before it y, the first z.
  ///
  /// - Parameter detector: the axis of detector elements, where it is known.
  /// - Throws: `data` where the array has more axes than that.
  init(
    shape: [Int], axes: [NexusAxis?], energy: Int, detector: Int?, choice: DetectorChoice?, file: String,
    place: String
  ) throws(VoxelithError) {
    self.energy = energy
    self.detector = detector
    self.choice = choice
    let spatial = shape.indices.filter { $0 != energy && $0 != detector }
    guard spatial.count <= 3 else {
      throw VoxelithError(
        .data, "an array of \(shape.count) axes has \(spatial.count) axes beside energy, and space has three",
        file: file, place: place,
        advice: "where one of them holds detector elements, choose with --detector N or --detector sum")
    }
    let names = spatial.map { axes[$0]?.spatial }
    if Set(names).count == spatial.count && !names.contains(nil) {
      for (dimension, name) in zip(spatial, names) {
        switch name {
        case .z?: z = dimension
        case .y?: y = dimension
        case .x?: x = dimension
        case nil: break
        }
      }
    } else {
      let padded = [Int?](repeating: nil, count: 3 - spatial.count) + spatial
      (z, y, x) = (padded[0], padded[1], padded[2])
    }
  }

  func shape(of array: [Int]) -> Shape {
    Shape(z: z.map { array[$0] } ?? 1, y: y.map { array[$0] } ?? 1, x: x.map { array[$0] } ?? 1)
  }

  /// Axes in the order z, y, x, energy with their places in an array's box, where the box holds more
  /// than one element along them.
  private var order: [Int] { [z, y, x, energy].compactMap { $0 } }

  /// Whether boxes of the array come in the order z, y, x, energy already.
  func isOrdered(_ count: [Int]) -> Bool {
    let order = self.order.filter { count[$0] > 1 }
    return order == order.sorted()
  }

  /// Puts the elements of a box of the array into the order z, y, x, energy.
  func reordered(_ values: [Float], count: [Int]) -> [Float] {
    if isOrdered(count) { return values }
    var strides = [Int](repeating: 1, count: count.count)
    for axis in count.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * count[axis + 1] }
    func side(_ axis: Int?) -> (count: Int, stride: Int) {
      axis.map { (count[$0], strides[$0]) } ?? (1, 0)
    }
    let (z, y, x, bins) = (side(z), side(y), side(x), side(energy))
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for slice in 0..<z.count {
      for row in 0..<y.count {
        for column in 0..<x.count {
          let start = slice * z.stride + row * y.stride + column * x.stride
          Self.gather(values, from: start, stride: bins.stride, count: bins.count, into: &result)
        }
      }
    }
    return result
  }

  private static func gather(
    _ values: [Float], from start: Int, stride: Int, count: Int, into result: inout [Float]
  ) {
    for bin in 0..<count { result.append(values[start + bin * stride]) }
  }
}
