import Compton
import Readers
import Tomography
import Volumetry

/// What a reader should know of a reconstruction: its geometry, what the projections contradict, and how far errors hold.
extension ReconstructionFolder {
  /// What is told of the geometry, whatever the algorithm.
  func report(
    _ geometry: ProjectionGeometry, centers: [Double], estimate: AxisEstimate?, data: AmplitudeProjections,
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
    report.pinhole = settings.pinhole
    report.pointSpread = settings.pointSpread
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
    if let pinhole = geometry.pinhole, let pitch = axes.columnPitch {
      // A ray climbs by its height over the distance; half of the field lies before the axis and half behind it.
      let height = 0.5 * Double(max(0, data.rows - 1)) * (axes.rowPitch ?? pitch) / pitch
      let climb = height * 0.5 * Double(geometry.columns) / pinhole
      if climb > 0.5 {
        report.notices.append(
          "rays of the outermost rows climb by up to \(rounded(climb, digits: 2)) columns between the axis and the edge of the field: rows are reconstructed as if they were level, and structure along y is blurred so far there"
        )
      }
      if geometry.largestTurn > 30 {
        report.notices.append(
          "views through a pinhole do not cover a whole turn (\(rounded(geometry.largestTurn, digits: 3)) degrees are missing): ratio.tif, by filtered back projection, is a rough look"
        )
      }
    }
    if let width = settings.pointSpread, let pitch = axes.rowPitch, data.rows > 1, width > pitch {
      report.notices.append(
        "the point spread is taken out along the columns; rows, \(rounded(pitch, digits: 3)) um apart, stay mixed by it"
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

  /// Residuals that are larger than counts explain make errors larger, and are told.
  func judge(_ rows: inout [Row], _ report: inout TomographyReport) {
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
}
