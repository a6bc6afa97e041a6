import Volumetry

extension MultichannelSpectra {
  /// The spectra as voxels: on the grid of the positions that stand beside them, on a raster that the caller tells, or along x.
  ///
  /// - Throws: `data` where a number is not possible or the positions lie on no grid; `usage` where options do not fit.
  func source(_ path: String, options: SpectralOpenOptions) throws(VoxelithError) -> DescribedSpectralVolume {
    let ofScans: Set<String> =
      kind == "SPEC" ? ["--dataset", "--detector", "--positions", "--scan-shape", "--snake"] : []
    if let useless = options.ofArrays.first(where: { !ofScans.contains($0) }) {
      throw VoxelithError(
        .usage, "\(useless) is for files with arrays, and this one is of the kind \(kind)", file: path)
    }
    let (axis, isReversed) = try axis(options.energyCoefficients, file: path)
    var origins = [
      GeometryOrigin(
        energies: axis,
        (options.energyCoefficients != nil
          ? "--energy-coefficients"
          : energies != nil ? "energies of the points" : "calibration of the header")
          + (firstChannel == 0 ? "" : ", first channel \(firstChannel)"), isReversed: isReversed)
    ]
    if options.energyCoefficients == nil { origins += try contradiction(of: axis, file: path) }
    let scan = try places(path, options: options, origins: &origins)
    var grid = try options.completed(Grid(unscaled: Shape(z: 1, y: 1, x: counts.count)), file: path)
    if let scan { grid = scan.grid }
    if scan == nil {
      origins += grid.origins(source: options.voxelSize == nil ? nil : "--voxel-size", corner: nil)
    }
    func points(_ voxel: Int) -> [Int] { scan?.points(ofVoxel: voxel) ?? [voxel] }
    var found = Acquisition()
    if let time = options.acquisition.liveTime {
      origins.append(GeometryOrigin("live time", "\(GeometryOrigin.text(time)) s", "--live-time"))
    } else if !liveTimes.isEmpty {
      let each = liveTimes.count == counts.count
      let seconds = (0..<grid.shape.count).map { voxel -> Double in
        let own = points(voxel)
        return own.isEmpty ? .nan : own.reduce(0) { $0 + liveTimes[each ? $1 : 0] }
      }
      origins.append(found.setLiveTimes(seconds, source: "header of the \(kind) file"))
    }
    let acquisition = try options.completed(found, grid: grid, file: path)
    try unit.check(acquisition: acquisition, file: path)
    origins += [unit.origin(unitSpelling, "unit of the header")].compactMap { $0 }
    var values: [Float] = []
    values.reserveCapacity(grid.shape.count * axis.count)
    for voxel in 0..<grid.shape.count {
      let own = points(voxel)
      var sum = [Double](repeating: own.isEmpty ? .nan : 0, count: axis.count)
      for point in own { for bin in sum.indices { sum[bin] += counts[point][bin] } }
      let time = acquisition.voxelLiveTimes.map { Double($0[voxel]) } ?? acquisition.liveTime ?? 1
      let factor = unit.factor * (unit.isRate ? time : 1)
      if isReversed { sum.reverse() }
      for value in sum { values.append(Float(value * factor)) }
    }
    return DescribedSpectralVolume(
      try SpectralVolume(
        grid: grid, energy: axis, acquisition: acquisition, counts: values, name: path), origins: origins,
      scan: scan?.report)
  }

  /// A second calibration of the file whose energies are not those that are taken, by more than a tenth of a bin.
  private func contradiction(of axis: EnergyAxis, file: String) throws(VoxelithError) -> [GeometryOrigin] {
    guard let other = otherCoefficients, other.values.count >= 2, other.values.contains(where: { $0 != 0 }),
      energies == nil
    else { return [] }
    let polynomial = EnergyPolynomial(other.values)
    let ends = [
      polynomial.energy(Double(firstChannel)), polynomial.energy(Double(firstChannel + axis.count - 1)),
    ]
    .sorted()
    let (low, high) = (axis.centers[0], axis.centers[axis.count - 1])
    let bin = (high - low) / Double(axis.count - 1)
    guard max(abs(ends[0] - low), abs(ends[1] - high)) > 0.1 * bin else { return [] }
    let text = GeometryOrigin.text
    return [
      GeometryOrigin(
        GeometryOrigin.otherCalibration,
        "\(text(ends[0])) to \(text(ends[1])) keV, and not \(text(low)) to \(text(high)) keV as is taken: give "
          + "--energy-coefficients where it is the right one", other.section)
    ]
  }

  /// The grid of the points; nil where they lie in a line of unknown places.
  private func places(
    _ file: String, options: SpectralOpenOptions, origins: inout [GeometryOrigin]
  ) throws(VoxelithError) -> ScanGrid? {
    if let told = try ScanGrid.told(options, points: counts.count, order: "file", file: file) {
      origins += told.origins
      return try told.scan.checked(options, file: file)
    }
    let positions = try positions(file, options: options)
    guard !positions.isEmpty else {
      if counts.count > 1 {
        origins.append(
          GeometryOrigin(
            "places of the points", "\(counts.count) points in a line",
            options.positions == nil ? "the order of the file, which gives no places" : "--positions none"))
      }
      return nil
    }
    let isKnown = positions.values.allSatisfy { $0.scale != nil }
    let found = try ScanGrid(
      positions: positions.mapValues { column in column.values.map { $0 * (isKnown ? column.scale ?? 1 : 1) }
      },
      isKnown: isKnown, voxelSize: options.voxelSize, dropsUnplaced: options.allowsMissing, file: file)
    let sources = positions.mapValues { column in
      "column \(column.name)" + (column.scale == nil ? ", which gives no unit" : "")
    }
    origins += found.origins(sources: sources, isKnown: isKnown, count: counts.count, options: options)
    return try found.checked(options, file: file)
  }

  private struct Column {
    var name: String
    var values: [Double]
    /// Micrometres in one of its unit; nil where the name tells no unit.
    var scale: Double?
  }

  /// The columns that tell where the points lie: those that are named, or those whose names mean an axis of space and whose
  /// numbers change. Of several for one axis that which the command of the scan names is taken.
  private func positions(
    _ file: String, options: SpectralOpenOptions
  ) throws(VoxelithError) -> [Axis: Column] {
    var result: [Axis: Column] = [:]
    if case .arrayOrder? = options.positions { return [:] }
    if case .named(let paths)? = options.positions {
      for (axis, path) in paths {
        let name = String(path.drop { $0 == "/" })
        guard let column = columns.first(where: { $0.name == name }) else {
          let known =
            columns.isEmpty
            ? "the file has no columns that fit its spectra"
            : "its columns are " + columns.map(\.name).joined(separator: ", ")
          throw VoxelithError(.usage, "there is no column '\(name)'", file: file, advice: known)
        }
        result[axis] = Column(name: name, values: column.values, scale: try Self.scale(name, file: file))
      }
      return result
    }
    guard counts.count > 1 else { return [:] }
    let words = Set(command.split(whereSeparator: \.isWhitespace).map(String.init))
    for axis in Axis.allCases {
      var fitting = columns.filter { column in
        SpatialName.axis(column.name) == axis && column.values.allSatisfy(\.isFinite)
          && column.values.contains { $0 != column.values[0] }
      }
      if fitting.contains(where: { words.contains($0.name) }) {
        fitting = fitting.filter { words.contains($0.name) }
      }
      guard let only = fitting.first else { continue }
      guard fitting.allSatisfy({ $0.values == only.values }) else {
        throw VoxelithError(
          .data,
          "several columns may give the positions along \(axis.rawValue): \(fitting.map(\.name).joined(separator: ", "))",
          file: file,
          advice: "name those that are meant with --positions x=COLUMN,y=COLUMN, or --positions none")
      }
      result[axis] = Column(
        name: only.name, values: only.values, scale: try Self.scale(only.name, file: file))
    }
    return result
  }

  /// The unit in brackets at the end of a column's name.
  private static func scale(_ name: String, file: String) throws(VoxelithError) -> Double? {
    guard let open = name.lastIndex(where: { $0 == "(" || $0 == "[" }), open > name.startIndex else {
      return nil
    }
    return try Units.spacing(of: String(name[open...]), what: "the positions", file: file, place: name)
  }
}
