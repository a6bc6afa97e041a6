import Volumetry

/// Which axis of an array is which of space (those that are missing have length 1), and which of them fall.
struct SpectralLayout: Sendable, Hashable {
  var z: Int?
  var y: Int?
  var x: Int?
  /// Axes whose positions fall, so that the file has the far end first.
  var reversed: Set<Int>

  /// Names the axes of an array.
  ///
  /// Axes that the file calls x, y and z are taken at their word; of the others the last is x, or what is left.
  ///
  /// - Parameter takesAll: whether an axis that is none of space is taken for one all the same.
  /// - Throws: `data` where the array has more axes than that, or one that is none of space.
  init(_ array: SpectralArray, _ data: NexusData, takesAll: Bool) throws(VoxelithError) {
    let spatial = array.scan
    let signal = data.signal
    guard spatial.count <= 3 else {
      throw VoxelithError(
        .data,
        "an array of \(signal.shape.count) axes has \(spatial.count) axes beside energy, and space has three",
        file: signal.file.path, place: signal.path,
        advice:
          "where one of them holds detector elements or frames, choose with --detector N or sum, or --frames N or "
          + "sum")
    }
    for (axis, dimension) in zip(AxisSense.places(spatial.map { data.sense($0) }), spatial) {
      switch axis {
      case .z: z = dimension
      case .y: y = dimension
      case .x: x = dimension
      }
    }
    if !takesAll { try Self.check(array, data) }
    reversed = Set(spatial.filter { data.axes[$0]?.isDescending == true })
  }

  /// - Throws: `data` where an axis is none of space: it would become one in silence.
  private static func check(_ array: SpectralArray, _ data: NexusData) throws(VoxelithError) {
    let (scan, signal) = (array.scan, data.signal)
    guard let found = AxisSense.strange(scan.map { data.sense($0) }, sides: array.scanShape) else { return }
    let axis = scan[found.place]
    let name = data.axisTitle(axis).map { "'\($0)'" } ?? "without a name"
    throw VoxelithError(
      .data,
      "axis \(axis) of the array \(signal.summary), \(name), holds \(found.what), and is none of space",
      file: signal.file.path, place: signal.path,
      advice:
        "choose along it with --frames N (from 0) or add it up with --frames sum (detector elements: --detector); "
        + (found.what == AxisSense.angles ? "projections at many angles are for voxelith reconstruct; " : "")
        + "take it for an axis of space with --positions none and --voxel-size")
  }

  var places: [(Axis, Int?)] { [(.z, z), (.y, y), (.x, x)] }

  func shape(of array: [Int]) -> Shape {
    Shape(z: z.map { array[$0] } ?? 1, y: y.map { array[$0] } ?? 1, x: x.map { array[$0] } ?? 1)
  }

  /// The box of the scan that holds a region: start and sides by the scan's own axes.
  func box(_ region: Region, of array: SpectralArray) -> (start: [Int], count: [Int]) {
    var start = [Int](repeating: 0, count: array.scan.count)
    var count = [Int](repeating: 1, count: array.scan.count)
    for (axis, range) in [(z, region.z), (y, region.y), (x, region.x)] {
      guard let axis, let side = array.scan.firstIndex(of: axis) else { continue }
      count[side] = range.count
      start[side] =
        reversed.contains(axis) ? array.array.shape[axis] - range.upperBound : range.lowerBound
    }
    return (start, count)
  }

  /// Counts of a box of the scan in the order z, y, x, bin.
  func ordered(_ values: [Float], count: [Int], of array: SpectralArray) -> [Float] {
    let sides = [z, y, x].compactMap { axis in axis.flatMap { array.scan.firstIndex(of: $0) } }
    let falling = Set(reversed.compactMap { array.scan.firstIndex(of: $0) })
    return BoxOrder.ordered(
      values, count: count + [array.bins], axes: sides + [count.count], reversed: falling)
  }

  /// Point of the scan that lies on a voxel.
  func point(z slice: Int, y row: Int, x column: Int, of array: SpectralArray) -> Int {
    var point = 0
    for axis in array.scan {
      let side = array.array.shape[axis]
      let index = axis == z ? slice : axis == y ? row : column
      point = point * side + (reversed.contains(axis) ? side - 1 - index : index)
    }
    return point
  }
}
