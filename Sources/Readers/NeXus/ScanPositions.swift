import Volumetry

/// Where the points of a scan lie: a place along each axis of space for every point, in the order of the array.
struct ScanPositions: Sendable {
  var values: [Axis: [Double]] = [:]
  /// Whether they are micrometres; otherwise they count in a unit that nobody told.
  var isKnown = true
  /// Where they came from.
  var sources: [Axis: String] = [:]

  /// Positions that the file offers, or nil where its axes tell the grid: each even, along a dimension of its own.
  ///
  /// - Parameters:
  ///   - shape: sides of the scan.
  ///   - scan: dimensions of the array that are its sides.
  /// - Throws: `data` where positions do not fit the points, or their unit is not understood.
  static func find(
    _ data: NexusData, scan: [Int], options: SpectralOpenOptions
  ) throws(VoxelithError) -> ScanPositions? {
    let shape = scan.map { data.signal.shape[$0] }
    if let choice = options.positions {
      guard case .named(let paths) = choice else { return nil }
      return try named(paths, in: data.group.file, shape: shape)
    }
    var found = try candidates(data, scan: scan, shape: shape)
    if found.isEmpty {
      // Without an axis of its own the array is a list, or a picture whose places lie elsewhere in the entry.
      guard scan.allSatisfy({ data.axes[$0] == nil }) else { return nil }
      found = try EntryPositions.find(
        around: data.signal.path, in: data.signal.file, points: shape.reduce(1, *)
      ).map {
        ($0.axis, Candidate(dataset: $0.dataset, dims: Array(shape.indices), numbers: $0.numbers))
      }
      if found.isEmpty { return nil }
    } else if isGrid(found, shape: shape) {
      return nil
    }
    guard shape.reduce(1, *) <= 1 << 26 else {
      throw VoxelithError(
        .data, "a scan of \(shape) points has too many for positions of every point",
        file: data.signal.file.path, place: data.signal.path,
        advice: "take the order of the array for that of the voxels with --positions none")
    }
    var result = ScanPositions()
    for (axis, candidate) in found {
      let units = candidate.dataset.attribute("units")?.string
      let scale =
        options.voxelSize == nil
        ? try Units.spacing(
          of: units, what: "the positions along \(axis.rawValue)", file: candidate.dataset.file.path,
          place: candidate.dataset.path)
        : units.flatMap { Units.factor($0, .length) }
      if scale == nil { result.isKnown = false }
      result.values[axis] = spread(candidate.numbers, over: candidate.dims, of: shape).map {
        $0 * (scale ?? 1)
      }
      result.sources[axis] =
        "\(candidate.dataset.path) (\(units ?? "no unit")), \(candidate.numbers.count) positions"
    }
    let covered = Set(found.flatMap(\.1.dims))
    if let bare = shape.indices.first(where: { shape[$0] > 1 && !covered.contains($0) }) {
      throw VoxelithError(
        .data, "nothing says where the \(shape[bare]) points along axis \(scan[bare]) of the array lie",
        file: data.signal.file.path, place: data.signal.path,
        advice:
          "choose among them with --frames N or --frames sum, or name the positions with --positions x=PATH,y=PATH"
      )
    }
    return result
  }

  /// Whether the positions are those of a plain grid: each even and in one direction, along a side of its own.
  private static func isGrid(_ found: [(Axis, Candidate)], shape: [Int]) -> Bool {
    var used = Set<Int>()
    for (_, candidate) in found {
      guard candidate.dims.count == 1, used.insert(candidate.dims[0]).inserted,
        EvenSteps.areIn(candidate.numbers)
      else {
        return false
      }
    }
    return true
  }

  private struct Candidate {
    var dataset: HDF5Dataset
    /// Sides of the scan along which it lies.
    var dims: [Int]
    var numbers: [Double]
  }

  /// For each axis of space the dataset that says most of it: one for every point before one along a side.
  private static func candidates(
    _ data: NexusData, scan: [Int], shape: [Int]
  ) throws(VoxelithError) -> [(Axis, Candidate)] {
    var best: [Axis: Candidate] = [:]
    let listed = data.axisNames.compactMap { $0 }
    let members = ((try? data.group.names()) ?? []).prefix(1000)
    for name in listed + members.filter({ !listed.contains($0) }) {
      guard let axis = SpatialName.axis(name), let dataset = data.group.datasetIfPresent(name),
        dataset.type != nil,
        dataset.path != data.signal.path, mayBeLength(dataset),
        let dims = sides(of: dataset, named: name, data, scan: scan, shape: shape)
      else { continue }
      if let known = best[axis], known.dims.count >= dims.count { continue }
      best[axis] = Candidate(dataset: dataset, dims: dims, numbers: try dataset.readNumbers())
    }
    return Axis.allCases.compactMap { axis in best[axis].map { (axis, $0) } }
  }

  /// Whether the unit of a dataset, where it has one that is understood, is not one of angle, time or energy.
  private static func mayBeLength(_ dataset: HDF5Dataset) -> Bool {
    guard let units = dataset.attribute("units")?.string, Units.factor(units, .length) == nil else {
      return true
    }
    return [Units.Quantity.angle, .time, .energy].allSatisfy { Units.factor(units, $0) == nil }
  }

  /// The sides of the scan along which a dataset lies: those that the group's `NAME_indices` tell, or else those that its
  /// shape has.
  private static func sides(
    of dataset: HDF5Dataset, named name: String, _ data: NexusData, scan: [Int], shape: [Int]
  ) -> [Int]? {
    if let indices = data.group.attribute(name + "_indices")?.numbers?.compactMap({ Int(exactly: $0) }) {
      let dims = indices.compactMap { scan.firstIndex(of: $0) }
      if dims.count == indices.count, dataset.shape == dims.map({ shape[$0] }), dims == dims.sorted() {
        return dims
      }
    }
    if dataset.shape == shape { return Array(shape.indices) }
    if shape.count > 1, dataset.shape == [shape.reduce(1, *)] { return Array(shape.indices) }
    guard dataset.shape.count == 1 else { return nil }
    if let dim = data.axisNames.firstIndex(of: name).flatMap({ scan.firstIndex(of: $0) }),
      dataset.shape == [shape[dim]]
    {
      return [dim]
    }
    let fitting = shape.indices.filter { shape[$0] == dataset.shape[0] }
    return fitting.count == 1 ? fitting : nil
  }

  /// The values of a dataset along some sides of the scan, repeated along the others.
  static func spread(_ numbers: [Double], over dims: [Int], of shape: [Int]) -> [Double] {
    let total = shape.reduce(1, *)
    if numbers.count == total { return numbers }
    var strides = [Int](repeating: 0, count: shape.count)
    var step = 1
    for dim in dims.reversed() {
      strides[dim] = step
      step *= shape[dim]
    }
    var result: [Double] = []
    result.reserveCapacity(total)
    var place = [Int](repeating: 0, count: shape.count)
    for _ in 0..<total {
      result.append(numbers[zip(place, strides).reduce(0) { $0 + $1.0 * $1.1 }])
      var dim = shape.count - 1
      while dim >= 0 {
        place[dim] += 1
        if place[dim] < shape[dim] { break }
        place[dim] = 0
        dim -= 1
      }
    }
    return result
  }

  /// Positions in datasets that the caller names.
  private static func named(
    _ paths: [Axis: String], in file: HDF5File, shape: [Int]
  ) throws(VoxelithError) -> ScanPositions {
    var result = ScanPositions()
    let total = shape.reduce(1, *)
    for axis in Axis.allCases {
      guard let path = paths[axis] else { continue }
      let dataset = try file.dataset(at: path)
      let units = dataset.attribute("units")?.string
      if let scale = try Units.spacing(
        of: units, what: "the positions along \(axis.rawValue)", file: file.path, place: path)
      {
        result.values[axis] = try dataset.readNumbers().map { $0 * scale }
      } else {
        result.values[axis] = try dataset.readNumbers()
        result.isKnown = false
      }
      let count = result.values[axis]?.count ?? 0
      let fitting = shape.indices.filter { shape[$0] == count }
      guard count == total || (dataset.shape.count == 1 && fitting.count == 1) else {
        throw VoxelithError(
          .data, "\(count) positions along \(axis.rawValue) do not fit the points of \(shape)",
          file: file.path,
          place: path)
      }
      if count != total { result.values[axis] = spread(result.values[axis] ?? [], over: fitting, of: shape) }
      result.sources[axis] = path + " (\(units ?? "no unit")), named by --positions"
    }
    return result
  }
}
