import Volumetry

/// The voxel grid on which the points of a scan lie, and which point fell on which voxel.
struct ScanGrid: Sendable {
  let grid: Grid
  /// First point of each voxel in the order z, y, x; -1 where none fell.
  let first: [Int32]
  /// Further points of voxels on which several fell, in their order.
  let further: [Int: [Int32]]
  let report: ScanReport

  /// Points of a voxel in the order in which they were measured.
  func points(ofVoxel voxel: Int) -> [Int] {
    guard first[voxel] >= 0 else { return [] }
    return [Int(first[voxel])] + (further[voxel] ?? []).map(Int.init)
  }

  /// Finds the grid.
  ///
  /// An axis whose positions differ by no more than 0.3 of the finest step of the others, and without which no two points
  /// fall together, is one layer: its scatter is that of the stage.
  ///
  /// - Parameters:
  ///   - positions: of every point along each axis that the scan has, in micrometres, or in any unit of length where
  ///     `isKnown` is false.
  ///   - isKnown: whether the positions are micrometres.
  ///   - voxelSize: the caller's, x, y, z; it goes before the steps.
  ///   - dropsUnplaced: whether points whose place is not a number are left out.
  /// - Throws: `data` where the positions lie on no grid.
  init(
    positions given: [Axis: [Double]], isKnown: Bool, voxelSize: SIMD3<Double>?, dropsUnplaced: Bool = false,
    file: String
  ) throws(VoxelithError) {
    // Points of a scan that was stopped have no place, and perhaps no value.
    var (positions, kept): ([Axis: [Double]], [Int]?) = (given, nil)
    let all = given.values.first?.count ?? 0
    if dropsUnplaced, given.values.allSatisfy({ $0.count == all }) {
      let placed = (0..<all).filter { point in given.values.allSatisfy { $0[point].isFinite } }
      if placed.count < all, !placed.isEmpty {
        positions = given.mapValues { values in placed.map { values[$0] } }
        kept = placed
      }
    }
    let count = positions.values.first?.count ?? 0
    guard count > 0, count < Int(Int32.max), positions.values.allSatisfy({ $0.count == count }) else {
      throw VoxelithError(.data, "the positions along the axes of the scan differ in number", file: file)
    }
    for (axis, values) in positions {
      if let point = values.firstIndex(where: { !$0.isFinite }) {
        throw VoxelithError(
          .data, "the position of point \(point) along \(axis.rawValue) is not a number", file: file,
          advice:
            "the scan was not completed: leave such points out with --allow-missing, or name other positions with --positions"
        )
      }
    }
    // A size in micrometres is no step of positions in another unit.
    let combs = try Self.combs(positions, voxelSize: isKnown ? voxelSize : nil, file: file)
    func comb(_ axis: Axis) -> PositionComb? { combs[axis] }
    let shape = Shape(z: comb(.z)?.count ?? 1, y: comb(.y)?.count ?? 1, x: comb(.x)?.count ?? 1)
    guard let voxels = shape.checkedCount, voxels <= max(1 << 16, 16 * count) else {
      throw VoxelithError(
        .data,
        "\(count) points would fill a grid of \(shape) (z, y, x) voxels: the positions lie on no common grid",
        file: file, advice: "give --voxel-size, or name other positions with --positions")
    }
    var first = [Int32](repeating: -1, count: voxels)
    var further: [Int: [Int32]] = [:]
    func own(_ point: Int) -> Int32 { Int32(kept?[point] ?? point) }
    for point in 0..<count {
      let voxel = shape.index(
        z: comb(.z)?.indices[point] ?? 0, y: comb(.y)?.indices[point] ?? 0, x: comb(.x)?.indices[point] ?? 0)
      if first[voxel] < 0 {
        first[voxel] = own(point)
      } else {
        further[voxel, default: []].append(own(point))
      }
    }
    self.first = first
    self.further = further
    grid = Self.grid(shape, combs, isKnown: isKnown, voxelSize: voxelSize)
    report = ScanReport(
      points: count, shape: shape, first: first, further: further,
      deviations: combs.mapValues { $0.step > 0 ? $0.deviation / $0.step : 0 })
  }

  private static func combs(
    _ positions: [Axis: [Double]], voxelSize: SIMD3<Double>?, file: String
  ) throws(VoxelithError) -> [Axis: PositionComb] {
    var combs: [Axis: PositionComb] = [:]
    let ranges = positions.mapValues { ($0.max() ?? 0) - ($0.min() ?? 0) }
    let order = Axis.allCases.filter { positions[$0] != nil }.sorted { (ranges[$0] ?? 0) > (ranges[$1] ?? 0) }
    for axis in order {
      let values = positions[axis] ?? []
      let finest = combs.values.map(\.step).filter { $0 > 0 }.min()
      if let finest, (ranges[axis] ?? 0) <= 0.3 * finest, areApart(combs, count: values.count) {
        combs[axis] = PositionComb(single: values)
        continue
      }
      if let found = PositionComb(values, step: voxelSize?[axis.place]) {
        combs[axis] = found
      } else if let finest, (ranges[axis] ?? 0) <= finest, areApart(combs, count: values.count) {
        combs[axis] = PositionComb(single: values)
      } else {
        throw VoxelithError(
          .data, "the positions along \(axis.rawValue) have no even steps", file: file,
          advice:
            "give --voxel-size for the grid that they are put on, name other positions with --positions "
            + "x=PATH,y=PATH, or --positions none where the order of the array is that of the voxels")
      }
    }
    return voxelSize == nil ? finer(combs, positions) : combs
  }

  /// Finer combs on which the positions lie exactly, where they keep points apart that the widest ones put together.
  private static func finer(
    _ combs: [Axis: PositionComb], _ positions: [Axis: [Double]]
  ) -> [Axis: PositionComb] {
    let count = positions.values.first?.count ?? 0
    let apart = places(combs, count: count)
    guard apart < count else { return combs }
    var exact = combs
    for (axis, values) in positions {
      guard (combs[axis]?.step ?? 0) > 0, let found = PositionComb(values, isExact: true) else { continue }
      exact[axis] = found
    }
    return places(exact, count: count) > apart ? exact : combs
  }

  /// Whether no two points share their teeth on all axes so far.
  private static func areApart(_ combs: [Axis: PositionComb], count: Int) -> Bool {
    places(combs, count: count) == count
  }

  /// Voxels on which points fall.
  private static func places(_ combs: [Axis: PositionComb], count: Int) -> Int {
    var seen = Set<SIMD3<Int32>>()
    for point in 0..<count {
      var place = SIMD3<Int32>(repeating: 0)
      for (axis, comb) in combs { place[axis.place] = Int32(truncatingIfNeeded: comb.indices[point]) }
      seen.insert(place)
    }
    return seen.count
  }

  /// An axis of one layer is as thick as the finest other, where nobody says otherwise.
  private static func grid(
    _ shape: Shape, _ combs: [Axis: PositionComb], isKnown: Bool, voxelSize: SIMD3<Double>?
  ) -> Grid {
    var grid = Grid(unscaled: shape)
    let finest = combs.values.map(\.step).filter { $0 > 0 }.min()
    guard voxelSize != nil || (isKnown && finest != nil) else { return grid }
    grid.hasKnownSpacing = true
    for axis in Axis.allCases {
      let comb = combs[axis]
      let step = voxelSize?[axis.place] ?? (comb.map { $0.step > 0 ? $0.step : nil } ?? nil) ?? finest ?? 1
      grid.spacing[axis.place] = step
      if isKnown, let comb { grid.origin[axis.place] = comb.first - 0.5 * step }
    }
    return grid
  }
}

/// Which points of a scan fell where.
public struct ScanReport: Codable, Sendable, Hashable {
  public var points: Int
  /// Voxels along z, y, x.
  public var shape: [Int]
  /// Voxels on which no point fell.
  public var missing: Int
  /// Voxels on which several points fell.
  public var repeated: Int
  /// Up to ten of the missing and of the repeated voxels, as z, y, x.
  public var missingVoxels: [[Int]]
  public var repeatedVoxels: [[Int]]
  /// Furthest distance of a point from the centre of its voxel in parts of the voxel's side, by axis.
  public var furthestOff: [String: Double]
  /// One line for people.
  public var shown: String {
    "\(points) points on \(shape.map(String.init).joined(separator: " x ")) (z, y, x) voxels"
      + (missing > 0 ? ", \(missing) voxels without a point" : "")
      + (repeated > 0 ? ", \(repeated) voxels with several" : "")
  }

  enum CodingKeys: String, CodingKey {
    case points, shape, missing, repeated
    case missingVoxels = "missing_voxels"
    case repeatedVoxels = "repeated_voxels"
    case furthestOff = "furthest_off_voxels"
  }

  /// Of several exposures of every voxel.
  init(exposures: Int, shape: Shape) {
    points = exposures * shape.count
    self.shape = [shape.z, shape.y, shape.x]
    missing = 0
    repeated = exposures > 1 ? shape.count : 0
    missingVoxels = []
    repeatedVoxels = (0..<min(10, exposures > 1 ? shape.count : 0)).map {
      [$0 / (shape.y * shape.x), $0 / shape.x % shape.y, $0 % shape.x]
    }
    furthestOff = [:]
  }

  init(
    points: Int, shape: Shape, first: [Int32], further: [Int: [Int32]], deviations: [Axis: Double]
  ) {
    func place(_ voxel: Int) -> [Int] {
      [voxel / (shape.y * shape.x), voxel / shape.x % shape.y, voxel % shape.x]
    }
    self.points = points
    self.shape = [shape.z, shape.y, shape.x]
    missing = first.count { $0 < 0 }
    repeated = further.count
    missingVoxels = first.indices.lazy.filter { first[$0] < 0 }.prefix(10).map(place)
    repeatedVoxels = further.keys.sorted().prefix(10).map(place)
    furthestOff = Dictionary(
      uniqueKeysWithValues: deviations.map { ($0.key.rawValue, ($0.value * 1e6).rounded() / 1e6) })
  }
}

extension Axis {
  /// Place in a vector x, y, z.
  var place: Int {
    switch self {
    case .x: 0
    case .y: 1
    case .z: 2
    }
  }
}
