import Volumetry

extension ScanGrid {
  /// A scan whose points follow one another along x, then y, then z.
  ///
  /// - Parameters:
  ///   - raster: sides z, y, x.
  ///   - isSnake: whether every second row, and every second slice, runs backwards.
  ///   - allowsMissing: whether the last points may be missing, of a scan that runs or was stopped.
  /// - Throws: `usage` where the sides do not hold the points.
  init(
    raster: [Int], isSnake: Bool, points: Int, voxelSize: SIMD3<Double>?, allowsMissing: Bool = false,
    file: String
  ) throws(VoxelithError) {
    let total = raster.reduce((1, false)) { product, side in
      let (value, overflow) = product.0.multipliedReportingOverflow(by: side)
      return (value, product.1 || overflow)
    }
    guard (1...3).contains(raster.count), raster.allSatisfy({ $0 > 0 && $0 < 1 << 24 }), !total.1,
      total.0 < 1 << 31, total.0 == points || allowsMissing && points < total.0
    else {
      throw VoxelithError(
        .usage,
        "a scan of \(raster.map(String.init).joined(separator: " x ")) does not hold the \(points) points of the file",
        file: file,
        advice: !total.1 && points < total.0
          ? "where the scan was stopped, take the rest as missing with --allow-missing" : nil)
    }
    let sides = [Int](repeating: 1, count: 3 - raster.count) + raster
    let shape = Shape(z: sides[0], y: sides[1], x: sides[2])
    var first = [Int32](repeating: -1, count: total.0)
    for point in 0..<points {
      let row = point / shape.x
      let slice = row / shape.y
      let y = isSnake && !slice.isMultiple(of: 2) ? shape.y - 1 - row % shape.y : row % shape.y
      let x = isSnake && !row.isMultiple(of: 2) ? shape.x - 1 - point % shape.x : point % shape.x
      first[shape.index(z: slice, y: y, x: x)] = Int32(point)
    }
    var grid = Grid(unscaled: shape)
    if let voxelSize { grid = Grid(shape: shape, spacing: voxelSize) }
    try grid.validate(file: file)
    self.init(grid: grid, first: first, further: [:], deviations: [:])
  }

  init(grid: Grid, first: [Int32], further: [Int: [Int32]], deviations: [Axis: Double]) {
    self.grid = grid
    self.first = first
    self.further = further
    report = ScanReport(
      points: first.count { $0 >= 0 } + further.values.reduce(0) { $0 + $1.count }, shape: grid.shape,
      first: first,
      further: further, deviations: deviations)
  }

  /// The scan as the options want it: every voxel with the points that make its spectrum.
  ///
  /// - Throws: `data` where points fell twice or not at all and the options do not say what to do then.
  func checked(_ options: SpectralOpenOptions, file: String) throws(VoxelithError) -> ScanGrid {
    func list(_ voxels: [[Int]], of count: Int) -> String {
      voxels.prefix(3).map { "(\($0.map(String.init).joined(separator: ", ")))" }.joined(separator: ", ")
        + (count > 3 ? ", ..." : "")
    }
    if report.missing > 0, !options.allowsMissing {
      throw VoxelithError(
        .data,
        "\(report.missing) of \(grid.shape.count) voxels were not measured: no point of the scan fell on z, y, x = "
          + list(report.missingVoxels, of: report.missing), file: file,
        advice: "take them as missing with --allow-missing, or name other positions with --positions")
    }
    if report.repeated > 0, options.repeats == .refuse {
      throw VoxelithError(
        .data,
        "several points of the scan fell on each of \(report.repeated) voxels, z, y, x = "
          + list(report.repeatedVoxels, of: report.repeated), file: file,
        advice: "add them up with --repeats sum, or take one with --repeats first or last")
    }
    switch options.repeats {
    case .refuse, .sum: return self
    case .first: return ScanGrid(grid: grid, first: first, report: report)
    case .last:
      var latest = first
      for (voxel, points) in further { if let last = points.last { latest[voxel] = last } }
      return ScanGrid(grid: grid, first: latest, report: report)
    }
  }

  /// The same points on a grid with other sizes.
  init(grid: Grid, like other: ScanGrid) {
    self.grid = grid
    first = other.first
    further = other.further
    report = other.report
  }

  /// One point for each voxel, with the report of the scan that it comes from.
  private init(grid: Grid, first: [Int32], report: ScanReport) {
    self.grid = grid
    self.first = first
    further = [:]
    self.report = report
  }
}
