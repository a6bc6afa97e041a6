public import Compton
import Foundation
import Readers
import Tomography
public import Volumetry

/// Reconstructs lithium from projections into a folder with the files of a map.
///
/// x, y, z of the volumes are the sample's at the angle 0: y along the axis of rotation, x along the columns, z away from the viewer for the
/// sense `right`. Slices across the axis are reconstructed one after another.
struct ReconstructionFolder {
  let settings: ReconstructSettings
  let source: any SpectralSource
  let axes: ProjectionAxes
  let calibration: Calibration
  let map: LithiumMap

  static let files = MapFolder.floatFiles + ["mask.tif", "map.json"]

  /// - Throws: `data` where projections and calibration do not fit together; `usage` for settings that do not fit.
  init(
    _ source: any SpectralSource, axes: ProjectionAxes, settings: ReconstructSettings,
    input: SpectralInputSettings, calibration: Calibration, resources: Resources
  ) throws(VoxelithError) {
    try settings.validate()
    self.settings = settings
    self.source = source
    self.axes = axes
    self.calibration = calibration
    var options = MapOptions()
    options.countsPerUnit = settings.countsPerUnit
    map = try LithiumMap(
      source: source, calibration: calibration, options: options,
      energies: try input.energies(source.grid.shape), deadPixels: try input.deadMask(),
      absorption: try settings.absorption.map { (path) throws(VoxelithError) in
        try AbsorptionFile.load(path, grid: Self.grid(source.grid, axes: axes))
      }, resources: resources)
  }

  /// What was reconstructed of one row.
  private struct Row: Sendable {
    var x: [Float]
    var sigma: [Float]
    var intensity: [Float]
    var second: [Float]
    var misfit: [Float]
    var status: [UInt8]
    var meanErrors: [Double] = []
    var resolution = Double.nan
    var chiSquared = 0.0
    var degreesOfFreedom = 0.0
  }

  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of reading and of the reconstruction.
  func write(to folder: String, overwrite: Bool, resources: Resources) throws(VoxelithError)
    -> MapReport
  {
    let shape = source.grid.shape
    var geometry = try ParallelGeometry(
      degrees: axes.degrees, columns: shape.x, center: nil, sense: settings.sense)
    try checkMemory(resources)
    try OutputFile.prepareFolder(folder)
    for name in Self.files { try OutputFile.check(folder + "/" + name, overwrite: overwrite) }
    resources.progress.report("reduce", done: 0, of: 1)
    let plain = try map.amplitudeRows(resources: resources)
    let plainData = try projections(plain)
    let estimate = AxisEstimate(plainData, geometry: geometry)
    var centers = [Double](repeating: geometry.center, count: shape.y)
    switch settings.center {
    case .auto:
      guard let estimate else {
        throw VoxelithError(
          .data, "the axis cannot be found: projections without counts", file: source.name,
          advice: "give its column with --center")
      }
      geometry = try ParallelGeometry(
        degrees: axes.degrees, columns: shape.x, center: estimate.center, sense: settings.sense)
      // A slope that is not there is not followed.
      let isTilted = abs(estimate.slope) > 3 * estimate.slopeSigma
      centers =
        isTilted
        ? estimate.centers(rows: shape.y) : [Double](repeating: estimate.center, count: shape.y)
    case .column(let column):
      geometry = try ParallelGeometry(
        degrees: axes.degrees, columns: shape.x, center: column, sense: settings.sense)
      centers = [Double](repeating: column, count: shape.y)
    case nil: break
    }
    let axis = centers
    let placed = geometry
    let amplitudes =
      settings.absorption == nil
      ? plain : try absorbedAmplitudes(plainData, placed, centers: axis, resources: resources)
    let data = settings.absorption == nil ? plainData : try projections(amplitudes)
    let shared = try SharedCovariance(calibration, method: .profile)
    let place = Placement(
      amplitudes: amplitudes, shared: shared, range: calibration.range[0]...calibration.range[1])
    var report = report(geometry, centers: axis, estimate: estimate, data: data, bad: amplitudes.bad)
    let back = FilteredBackProjection(geometry)
    var rows: [Row]
    if settings.quick {
      rows = try Parallel.map(shape.y, threads: resources.threads) { (row) throws(VoxelithError) in
        try resources.cancellation.check()
        return place.quick(back.slice(data, row: row, center: axis[row]), share: settings.minimumShare)
      }
    } else {
      let reconstruction = try StatisticalReconstruction(
        data, geometry: geometry, centers: axis,
        transmission: transmission(placed),
        options: settings.options(), resources: resources)
      let done = Guarded(0)
      rows = try Parallel.map(shape.y, threads: resources.threads) { (row) throws(VoxelithError) in
        try resources.cancellation.check()
        let slice = try reconstruction.slice(row: row, resources: resources)
        let quick = back.slice(data, row: row, center: axis[row])
        let number = done.withLock {
          $0 += 1
          return $0
        }
        resources.progress.report("reconstruct", done: number, of: shape.y, unit: "rows")
        return place.row(slice, quick)
      }
      let strength = reconstruction.strength
      report.likeliestRoughness = settings.roughness == nil ? rounded(strength.likeliest) : nil
      report.roughness = rounded(strength.taken)
      report.biasShare = rounded(strength.biasShare, digits: 4)
      report.densityMisfit = rounded(strength.densityMisfit, digits: 4)
      judge(&rows, &report)
    }
    return try write(
      rows, report, place, to: folder, overwrite: overwrite)
  }

  /// Residuals that are larger than counts explain make errors larger, and are told.
  private func judge(_ rows: inout [Row], _ report: inout TomographyReport) {
    let chi = rows.reduce(0) { $0 + $1.chiSquared }
    let dof = rows.reduce(0) { $0 + $1.degreesOfFreedom }
    guard dof > 0 else { return }
    let ratio = chi / dof
    report.chiSquaredPerDOF = rounded(ratio, digits: 4)
    if ratio > 1 + 4 * (2 / dof).squareRoot(), ratio > 1.05 {
      let factor = ratio.squareRoot()
      report.errorFactor = rounded(factor, digits: 4)
      for row in rows.indices {
        for voxel in rows[row].sigma.indices { rows[row].sigma[voxel] *= Float(factor) }
        for sample in rows[row].meanErrors.indices { rows[row].meanErrors[sample] *= factor }
      }
      report.notices.append(
        "the projections scatter about the reconstruction \(rounded(factor, digits: 3)) times as much as counts explain: sigma was multiplied by it; look at the centre, the sense of rotation and at movements of the sample"
      )
    }
    let widths = rows.map(\.resolution).filter(\.isFinite).sorted()
    if !widths.isEmpty {
      let pitch = axes.columnPitch
      report.resolution = rounded(widths[widths.count / 2] * (pitch ?? 1), digits: 4)
      report.resolutionUnit = pitch == nil ? "voxels" : "um"
    }
  }

  private func checkMemory(_ resources: Resources) throws(VoxelithError) {
    let shape = source.grid.shape
    let rays = shape.count
    let slice = shape.x * shape.x
    let needed =
      rays * 3 * 4 + shape.y * slice * 6 * 4
      + resources.threads * (8 * 4 * (12 * slice + 6 * shape.z * shape.x) + 8 * slice)
    guard needed <= resources.memory else {
      throw VoxelithError(
        .usage,
        "the reconstruction takes about \(needed >> 20) MB, and \(resources.memory >> 20) MB are allowed",
        file: source.name, advice: "allow more with --memory, or use fewer threads")
    }
  }

  /// What is told of the geometry, whatever the algorithm.
  private func report(
    _ geometry: ParallelGeometry, centers: [Double], estimate: AxisEstimate?, data: AmplitudeProjections,
    bad: Int
  ) -> TomographyReport {
    let middle = centers[centers.count / 2]
    let slope = centers.count > 1 ? (centers[centers.count - 1] - centers[0]) / Double(centers.count - 1) : 0
    var report = TomographyReport(
      algorithm: settings.quick ? "filtered-back-projection" : "penalised-least-squares",
      projections: geometry.angles.count, views: geometry.views,
      largestGap: rounded(geometry.largestGap, digits: 5), sense: settings.sense.rawValue,
      center: rounded(middle, digits: 6), tiltPerRow: rounded(slope, digits: 6),
      isCenterFound: settings.center == .auto, errorFactor: 1,
      samples: settings.quick ? nil : 8 * settings.options().sampleSets,
      seed: settings.quick ? nil : settings.seed, badRays: bad, notices: [])
    if settings.absorption == nil, let estimate {
      report.axisEstimate = TomographyReport.FoundAxis(
        center: rounded(estimate.center, digits: 6), centerSigma: rounded(estimate.centerSigma, digits: 3),
        tiltPerRow: rounded(estimate.slope, digits: 4), tiltSigma: rounded(estimate.slopeSigma, digits: 3))
      let off = estimate.center - geometry.center
      if abs(off) > 0.25, abs(off) > 4 * estimate.centerSigma {
        report.notices.append(
          "by the data the axis of rotation falls on column \(rounded(estimate.center, digits: 5)) +- \(rounded(estimate.centerSigma, digits: 2)), not on \(rounded(geometry.center, digits: 5)): look at it with --center auto"
        )
      }
      let lean = estimate.slope * Double(data.rows)
      if settings.center != .auto, abs(lean) > 0.5, abs(estimate.slope) > 4 * estimate.slopeSigma {
        report.notices.append(
          "by the data the axis leans by \(rounded(estimate.slope, digits: 3)) columns from row to row: --center auto follows it"
        )
      }
    }
    let usual = 180 / Double(max(1, geometry.views))
    if geometry.largestGap > 3 * usual {
      report.notices.append(
        "no projection lies within \(rounded(geometry.largestGap, digits: 3)) degrees: structure across the missing views is not seen, and smooth by the regularisation alone"
      )
    }
    if Double(geometry.views) < 0.5 * Double(geometry.columns) {
      report.notices.append(
        "\(geometry.views) directions of view are few for \(geometry.columns) columns: about \(Int(1.57 * Double(geometry.columns))) show every detail"
      )
    }
    if let part = truncation(data) {
      report.notices.append(
        "the outermost columns hold up to \(rounded(100 * part, digits: 2)) % of the largest ray: the sample leaves the field of view, and values near its border are not to be trusted"
      )
    }
    if settings.absorption == nil, let part = OppositeViews.difference(data, geometry, centers: centers),
      part > 0.03
    {
      report.notices.append(
        "views from opposite sides differ by \(rounded(100 * part, digits: 2)) % beyond counts: photons are absorbed (correct it with --absorption), the axis is elsewhere or the sample moved"
      )
    }
    if data.deadPixels > 0 {
      report.notices.append(
        "\(data.deadPixels) detector pixels counted nothing at any angle, although their neighbours did, and were left out"
      )
    }
    if bad > 0 {
      report.notices.append("\(bad) rays have counts that are negative or no numbers and were left out")
    }
    return report
  }

  /// Mean of the outermost columns over the largest ray, where it is more than noise.
  private func truncation(_ data: AmplitudeProjections) -> Double? {
    var largest: Float = 0
    for value in data.first { largest = max(largest, value) }
    var worst = 0.0
    for row in 0..<data.rows {
      let start = data.range(row: row).lowerBound
      for column in [0, data.columns - 1] {
        var sum = 0.0
        for angle in 0..<data.angles { sum += Double(data.first[start + angle * data.columns + column]) }
        worst = max(worst, sum / Double(data.angles))
      }
    }
    let part = largest > 0 ? worst / Double(largest) : 0
    return part > 0.03 ? part : nil
  }

  private func write(
    _ rows: [Row], _ tomography: TomographyReport, _ place: Placement, to folder: String, overwrite: Bool
  ) throws(VoxelithError) -> MapReport {
    let side = source.grid.shape.x
    let shape = Shape(z: side, y: rows.count, x: side)
    let grid = Self.grid(source.grid, axes: axes)
    let types = MapFolder.floatFiles.map { ($0, VoxelType.float32) } + [("mask.tif", VoxelType.uint8)]
    let writers = try types.map { (name, type) throws(VoxelithError) in
      try TIFFVolumeWriter(path: folder + "/" + name, grid: grid, type: type, overwrite: overwrite)
    }
    var summary = MapSummary()
    for z in 0..<side {
      let region = Region(slices: z..<(z + 1), of: shape)
      let part = (z * side)..<((z + 1) * side)
      func plane(_ values: (Row) -> [Float]) -> VoxelBuffer { .float32(rows.flatMap { values($0)[part] }) }
      let ones = plane { $0.misfit.map { $0.isFinite ? 1 : .nan } }
      let planes = [
        plane(\.x), plane(\.sigma), plane(\.intensity), plane(\.second), plane(\.misfit), ones,
        .uint8(rows.flatMap { $0.status[part] }),
      ]
      for (writer, values) in zip(writers, planes) { try writer.write(values, to: region) }
      for row in rows {
        for voxel in part {
          let x = Double(row.x[voxel])
          summary.add(
            x: x, sigma: Double(row.sigma[voxel]), sharedSigma: place.sharedSigma(x),
            intensity: Double(row.intensity[voxel]), misfit: Double(row.misfit[voxel]),
            status: VoxelStatus(rawValue: row.status[voxel]) ?? .notConverged)
        }
      }
    }
    guard summary.mapped > 0 else {
      throw VoxelithError(
        .data, "no voxel has a value", file: source.name,
        advice: "check the centre, the sense of rotation and the counts")
    }
    for writer in writers { try writer.finish() }
    var report = MapReport(
      summary, method: .profile, calibration: calibration, grid: grid, counts: map.counts)
    report.tomography = tomography
    takeMeanError(rows, into: &report)
    try JSONOutput.write(report, to: folder + "/map.json", overwrite: overwrite)
    return try MapReport.addQuantiles(in: folder)
  }

  /// Errors of voxels are not independent of each other: the error of the mean is that of the samples' means.
  private func takeMeanError(_ rows: [Row], into report: inout MapReport) {
    let sets = rows.filter { !$0.meanErrors.isEmpty }
    guard !sets.isEmpty, var parts = report.meanXSigmaParts else { return }
    var sum = 0.0
    var all = 0.0
    for row in sets {
      let number = Double(row.status.count { VoxelStatus(rawValue: $0)?.hasValue ?? false })
      let mean = row.meanErrors.reduce(0) { $0 + $1 * $1 } / Double(row.meanErrors.count)
      sum += number * number * mean
      all += number
    }
    parts.counts = all > 0 ? sum.squareRoot() / all : parts.counts
    report.meanXSigmaParts = parts
    report.meanXSigma = rounded(parts.total)
  }

  /// From contrasts to lithium.
  private struct Placement: Sendable {
    let amplitudes: AmplitudeRows
    let shared: SharedCovariance
    let range: ClosedRange<Double>

    func sharedSigma(_ x: Double) -> Double {
      x.isFinite ? max(0, shared.covariance(x, x)).squareRoot() : .nan
    }

    private func voxel(
      _ contrast: Float, _ sigma: Float
    ) -> (x: Float, sigma: Float, status: VoxelStatus) {
      let found = amplitudes.lithium(ratio: Double(contrast))
      let own = Double(sigma) * found.slope
      let all = (own * own + max(0, shared.covariance(found.x, found.x))).squareRoot()
      guard found.x.isFinite, all.isFinite, all > 0 else { return (.nan, .nan, .notConverged) }
      let isOutside = found.x < range.lowerBound - 3 * all || found.x > range.upperBound + 3 * all
      return (Float(found.x), Float(all), isOutside ? .outsideRange : .good)
    }

    func row(_ slice: SliceResult, _ quick: FilteredBackProjection.Slice) -> Row {
      var row = empty(slice.contrast.count)
      row.misfit = slice.misfit
      row.meanErrors = slice.meanErrors
      row.resolution = slice.resolution
      row.chiSquared = slice.chiSquared
      row.degreesOfFreedom = slice.degreesOfFreedom
      for index in slice.contrast.indices {
        row.intensity[index] = slice.density[index] * Float(amplitudes.countsPerUnit)
        if slice.isEmpty[index] { continue }
        let value = voxel(slice.contrast[index], slice.contrastSigma[index])
        (row.x[index], row.sigma[index], row.status[index]) = (value.x, value.sigma, value.status.rawValue)
        row.second[index] = Float(amplitudes.lithium(ratio: Double(quick.contrast[index])).x)
      }
      return row
    }

    func quick(_ slice: FilteredBackProjection.Slice, share: Double) -> Row {
      var row = empty(slice.contrast.count)
      let filled = slice.density.filter { $0 > 0 }.sorted()
      let level = filled.isEmpty ? 0 : filled[min(filled.count - 1, filled.count * 9 / 10)]
      for index in slice.contrast.indices {
        row.intensity[index] = slice.density[index] * Float(amplitudes.countsPerUnit)
        guard Double(slice.density[index]) >= share * Double(level), slice.density[index] > 0 else {
          continue
        }
        let value = voxel(slice.contrast[index], slice.contrastSigma[index])
        (row.x[index], row.sigma[index], row.status[index]) = (value.x, value.sigma, value.status.rawValue)
        row.second[index] = value.x
      }
      return row
    }

    private func empty(_ count: Int) -> Row {
      let missing = [Float](repeating: .nan, count: count)
      return Row(
        x: missing, sigma: missing, intensity: missing, second: missing, misfit: missing,
        status: [UInt8](repeating: VoxelStatus.empty.rawValue, count: count))
    }
  }
}

extension ReconstructSettings {
  /// Reconstructs a file into a folder.
  ///
  /// - Throws: errors of reading, of the settings, and of the reconstruction.
  @discardableResult
  public func write(
    _ path: String, input: SpectralInputSettings, calibration: Calibration, to folder: String,
    overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> MapReport {
    let axes = try ProjectionAxes.read(path, options: try input.options())
    let source = try input.open(path, angle: calibration.scatteringAngle)
    let made = try ReconstructionFolder(
      source, axes: axes, settings: self, input: input, calibration: calibration, resources: resources)
    let report = try made.write(to: folder, overwrite: overwrite, resources: resources)
    try copies?.write(
      (MapFolder.floatFiles + ["mask.tif"]).map { (name) throws(VoxelithError) in
        (name, try VolumeFile.open(folder + "/" + name).grid)
      }, in: folder, overwrite: overwrite, resources: resources)
    return report
  }

  /// Files that are written.
  public func outputs() -> [String] {
    ReconstructionFolder.files + (copies?.names(of: MapFolder.floatFiles + ["mask.tif"]) ?? [])
  }
}
