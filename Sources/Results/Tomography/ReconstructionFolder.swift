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

  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of reading and of the reconstruction.
  func write(to folder: String, overwrite: Bool, resources: Resources) throws(VoxelithError)
    -> MapReport
  {
    let shape = source.grid.shape
    let pinhole = try columns(settings.pinhole.map { $0 * 1000 }, "pinhole_mm")
    var geometry = try ProjectionGeometry(
      degrees: axes.degrees, columns: shape.x, center: nil, sense: settings.sense, pinhole: pinhole)
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
      geometry = try ProjectionGeometry(
        degrees: axes.degrees, columns: shape.x, center: estimate.center, sense: settings.sense,
        pinhole: pinhole)
      // A slope that is not there is not followed.
      let isTilted = abs(estimate.slope) > 3 * estimate.slopeSigma
      centers =
        isTilted
        ? estimate.centers(rows: shape.y) : [Double](repeating: estimate.center, count: shape.y)
    case .column(let column):
      geometry = try ProjectionGeometry(
        degrees: axes.degrees, columns: shape.x, center: column, sense: settings.sense, pinhole: pinhole)
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
      var options = settings.options()
      options.pointSpread = try columns(settings.pointSpread, "psf_fwhm_um") ?? 0
      let reconstruction = try StatisticalReconstruction(
        data, geometry: geometry, centers: axis,
        transmission: transmission(placed),
        options: options, resources: resources)
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
      report.smoothness = rounded(strength.exponent, digits: 3)
      report.biasShare = rounded(strength.biasShare, digits: 4)
      report.densityMisfit = rounded(strength.densityMisfit, digits: 4)
      judge(&rows, &report)
    }
    return try write(
      rows, report, place, to: folder, overwrite: overwrite)
  }

  /// A length in um in columns.
  private func columns(_ length: Double?, _ key: String) throws(VoxelithError) -> Double? {
    guard let length else { return nil }
    guard let pitch = axes.columnPitch else {
      throw VoxelithError(
        .usage, "\(key): the file does not tell the pitch of the columns", file: source.name,
        advice: "write the axis x in um")
    }
    return length / pitch
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
    let source = try input.open(path, angle: calibration.scatteringAngle, takesAnyAxis: true)
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
