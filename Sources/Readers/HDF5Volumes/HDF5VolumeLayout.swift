import Volumetry

/// Which axis of an array is z, y and x, which of them fall, and where the others are held.
struct HDF5VolumeLayout: Sendable {
  var z: Int?
  var y: Int?
  var x: Int?
  /// Axes that are held at one index, such as a channel.
  var fixed: [Int: Int] = [:]
  /// Axes whose positions fall, so that the file has the far end first.
  var reversed: Set<Int> = []
  /// Values per voxel.
  var channels = 1
  /// What lies along the axis of channels, where that is something else than quantities of one place.
  var channelsAlong: String?
  var notes: [String] = []

  /// Names the axes of an array of one to five axes.
  ///
  /// Axes beyond three are those that the file calls by other names than x, y and z (NeXus, the axis tags of ilastik, the labels
  /// of HDF5), or those of length 1, or else the shortest of the first and the last.
  ///
  /// - Throws: `data` where the channel must be chosen or the array has too many axes, `usage` where there
  ///   is no such channel.
  ///
  /// - Parameter takesAll: whether an axis that is none of space (angles, times) is taken for one all the same.
  init(
    _ data: NexusData, channel: Int?, isDescribing: Bool = false, takesAll: Bool = false
  ) throws(VoxelithError) {
    let array = data.signal
    let shape = array.shape
    let (file, path) = (array.file.path, array.path)
    let names = Self.names(data)
    let senses = shape.indices.map { AxisSense(name: names[$0], unit: data.axes[$0]?.units) }
    let surplus = try Self.surplus(array, names: names, senses: senses, takesAll: takesAll)
    for axis in surplus where shape[axis] == 1 { fixed[axis] = 0 }
    let open = surplus.filter { shape[$0] > 1 }
    guard open.count <= 1 else {
      throw VoxelithError(
        .data, "the array \(array.summary) has \(open.count) axes beside those of space", file: file,
        place: path,
        advice: "write one volume, or one axis of channels, to a file of its own")
    }
    if let axis = open.first {
      channels = shape[axis]
      channelsAlong = senses[axis].other
      let what = names[axis].map { "axis \(axis) (\($0))" } ?? "axis \(axis)"
      guard channel != nil || isDescribing else {
        try Self.checkProjections(data, names[axis], senses[axis], at: axis)
        throw VoxelithError(
          .data, "the array \(array.summary) holds \(shape[axis]) volumes along \(what)", file: file,
          place: path,
          advice: "choose one with --channel N, counted from 0"
            + (shape.count <= 3 ? ", or take them for the slices of one volume with --ignore-gaps" : ""))
      }
      let index = channel ?? 0
      guard (0..<shape[axis]).contains(index) else {
        throw VoxelithError(
          .usage, "there is no channel \(index): there are \(shape[axis]), counted from 0", file: file,
          place: path)
      }
      fixed[axis] = index
      notes.append("the \(channels) channels lie along \(what) of the array")
    } else if let channel, channel != 0 {
      throw VoxelithError(
        .usage, "there is no channel \(channel): there is one, 0", file: file, place: path)
    }
    let spatial = shape.indices.filter { !surplus.contains($0) }
    guard (1...3).contains(spatial.count) else {
      throw VoxelithError(
        .data, "an array of \(shape.count) axes is not a volume", file: file, place: path)
    }
    for (axis, dimension) in zip(AxisSense.places(spatial.map { senses[$0] }), spatial) {
      switch axis {
      case .z: z = dimension
      case .y: y = dimension
      case .x: x = dimension
      }
    }
    reversed = Set(spatial.filter { data.axes[$0]?.isDescending == true })
    for axis in spatial where reversed.contains(axis) {
      notes.append("the positions along axis \(axis) of the array fall: it is turned round with its voxels")
    }
  }

  /// What the file calls the axes: NeXus's names, ilastik's `axistags`, or the labels of HDF5.
  private static func names(_ data: NexusData) -> [String?] {
    let rank = data.signal.shape.count
    var names = (0..<rank).map { data.axes[$0]?.name ?? data.axisNames[$0] }
    if let tags = data.signal.attribute("axistags")?.string {
      let keys = tags.components(separatedAfter: "\"key\"")
      if keys.count == rank { names = keys }
    }
    if let labels = data.signal.attribute("DIMENSION_LABELS")?.strings, labels.count == rank {
      for axis in 0..<rank where names[axis] == nil && !labels[axis].isEmpty { names[axis] = labels[axis] }
    }
    if rank == 3, names[0] == nil { names[0] = angles(data) }
    return names
  }

  /// What a scan of projections calls the angles of its first axis, which NXtomo and Data Exchange store beside the array
  /// without naming them in its axes; nil for other arrays.
  private static func angles(_ data: NexusData) -> String? {
    let count = data.signal.shape[0]
    guard count > 1 else { return nil }
    for name in ["rotation_angle", "theta"] where data.group.datasetIfPresent(name)?.shape == [count] {
      return name
    }
    return imageKey(data) == nil ? nil : "rotation_angle"
  }

  /// What each image of a tomographic scan is (0 projection, 1 flat field, 2 dark field), where the file tells it.
  private static func imageKey(_ data: NexusData) -> [Double]? {
    let count = data.signal.shape[0]
    let detectors = (try? NexusInstrument.detectors(of: data.signal.file, around: data.signal.path)) ?? []
    for group in [data.group] + detectors {
      if let key = group.datasetIfPresent("image_key"), key.shape == [count] { return try? key.readNumbers() }
    }
    return nil
  }

  /// - Throws: `data` where an axis holds projections, which are not slices.
  private static func checkProjections(
    _ data: NexusData, _ name: String?, _ sense: AxisSense, at axis: Int
  ) throws(VoxelithError) {
    guard sense.other == AxisSense.angles else { return }
    let array = data.signal
    var kinds = ""
    if axis == 0, let key = imageKey(data) {
      func count(_ kind: Double) -> Int { key.count { $0 == kind } }
      kinds = " (image_key: \(count(0)) projections, \(count(1)) flat fields, \(count(2)) dark fields)"
    }
    throw VoxelithError(
      .data,
      "the array \(array.summary) holds projections along axis \(axis) (\(name ?? "angles")), not slices of a volume"
        + kinds, file: array.file.path, place: array.path,
      advice:
        "reconstruct them first, spectra with voxelith reconstruct; one image is read with --channel N, all as they "
        + "follow with --ignore-gaps")
  }

  /// The axes that are not space.
  private static func surplus(
    _ array: HDF5Dataset, names: [String?], senses: [AxisSense], takesAll: Bool
  ) throws(VoxelithError) -> [Int] {
    let shape = array.shape
    let spatial = senses.map(\.axis)
    if !takesAll {
      let others = shape.indices.filter { shape[$0] > 1 && senses[$0].other != nil }
      if !others.isEmpty {
        var rest = shape.indices.filter { !others.contains($0) }
        // Axes of length 1 that are too many go as well, and one that is none of space beside x and y.
        let ones = rest.filter { shape[$0] == 1 && spatial[$0] == nil }
        let surplus = others + ones.prefix(max(0, rest.count - 3))
        rest.removeAll { surplus.contains($0) }
        let more = AxisSense.strange(rest.map { senses[$0] }, sides: rest.map { shape[$0] })
        return (surplus + [more].compactMap { $0.map { rest[$0.place] } }).sorted()
      }
      if shape.count == 3, let found = AxisSense.strange(senses, sides: shape) { return [found.place] }
    }
    // A picture of colours has its channels last, whatever its rank.
    let isNamed = names.contains { $0 != nil }
    if shape.count <= 3 {
      guard shape.count == 3, isNamed, !takesAll, Set(spatial.compactMap { $0 }).count == 2,
        let channel = shape.indices.first(where: { spatial[$0] == nil && isChannel(names[$0]) })
      else { return [] }
      return [channel]
    }
    var left = Array(shape.indices)
    var surplus: [Int] = []
    if Set(spatial.compactMap { $0 }).count == 3 {
      return shape.indices.filter { spatial[$0] == nil }
    }
    // Of axes of length 1 those at the end go first, then those at the front.
    while left.count > 3, let last = left.last, shape[last] == 1 {
      surplus.append(last)
      left.removeLast()
    }
    // Between longer ones an axis of length 1 may be a slice as well as a channel: only of five axes it must go.
    while left.count > 3,
      let one = left.first(where: { shape[$0] == 1 && ($0 == left.first || left.count > 4) })
    {
      surplus.append(one)
      left.removeAll { $0 == one }
    }
    if left.count > 3 {
      guard left.count == 4, let first = left.first, let last = left.last else {
        throw VoxelithError(
          .data, "the array \(array.summary) has \(left.count) axes longer than 1, and a volume has three",
          file: array.file.path, place: array.path)
      }
      let channel = shape[last] < shape[first] && shape[last] <= 4 ? last : first
      surplus.append(channel)
    }
    return surplus.sorted()
  }

  private static func isChannel(_ name: String?) -> Bool {
    guard let name = name?.lowercased() else { return false }
    return ["c", "channel", "channels", "rgb", "color", "colour", "t", "time", "frame"].contains(name)
  }

  func shape(of array: [Int]) -> Shape {
    Shape(z: z.map { array[$0] } ?? 1, y: y.map { array[$0] } ?? 1, x: x.map { array[$0] } ?? 1)
  }

  /// The box of the array that holds a region.
  func box(_ region: Region, of array: [Int]) -> (start: [Int], count: [Int]) {
    var start = [Int](repeating: 0, count: array.count)
    var count = [Int](repeating: 1, count: array.count)
    for (axis, range) in [(z, region.z), (y, region.y), (x, region.x)] {
      guard let axis else { continue }
      count[axis] = range.count
      start[axis] = reversed.contains(axis) ? array[axis] - range.upperBound : range.lowerBound
    }
    for (axis, index) in fixed { start[axis] = index }
    return (start, count)
  }

  /// First element and steps in a box of the array along z, y, x, or nil where the box is in that order already.
  func steps(_ count: [Int]) -> BoxSteps? {
    let order = [z, y, x].compactMap { $0 }.filter { count[$0] > 1 }
    if order == order.sorted() && !order.contains(where: { reversed.contains($0) }) { return nil }
    var strides = [Int](repeating: 1, count: count.count)
    for axis in count.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * count[axis + 1] }
    var start = 0
    func step(_ axis: Int?) -> Int {
      guard let axis else { return 0 }
      if !reversed.contains(axis) { return strides[axis] }
      start += (count[axis] - 1) * strides[axis]
      return -strides[axis]
    }
    let (z, y, x) = (step(z), step(y), step(x))
    return BoxSteps(start: start, z: z, y: y, x: x)
  }
}

extension String {
  /// The texts in quotes that follow each occurrence of a key, as `"z"` in `"key": "z"`.
  fileprivate func components(separatedAfter key: String) -> [String] {
    var rest = self[...]
    var found: [String] = []
    while let range = rest.firstRange(of: key) {
      rest = rest[range.upperBound...].drop { $0 == ":" || $0 == " " }
      guard rest.first == "\"" else { return found }
      found.append(String(rest.dropFirst().prefix { $0 != "\"" }))
    }
    return found
  }
}
