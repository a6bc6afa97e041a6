public import Correlation
public import Drawing
import Foundation
public import Volumetry

/// Figures of relations: points with their errors and the fitted line, means in bins, joint density; profiles
/// through the depth.
public enum CorrelationFigures {
  /// Points of a scatter plot at most; more are thinned evenly.
  static let mostPoints = 1500

  /// Names of the files that a report gives.
  public static func names(of report: CorrelationReport) -> [String] {
    shown(report).map { "relation_\($0.x)_\($0.y).png" }
      + (report.depthProfiles.isEmpty ? [] : ["depth_profiles.png"])
  }

  /// Relations that have numbers to show.
  private static func shown(_ report: CorrelationReport) -> [Relation] {
    report.relations.filter { $0.pearson != nil }
  }

  /// Writes one figure per relation and one of all profiles.
  ///
  /// - Throws: `cannotCreate` where a figure exists and may not be overwritten.
  public static func write(
    _ report: CorrelationReport, table: VoxelTable, sigmas: [String: String], to folder: String,
    overwrite: Bool
  ) throws(VoxelithError) {
    for (relation, name) in zip(shown(report), names(of: report)) {
      try figure(relation, confidence: report.confidence, table: table, sigmas: sigmas).write(
        to: folder + "/" + name, options: Self.options(overwrite))
    }
    if !report.depthProfiles.isEmpty {
      try depthFigure(report).write(
        to: folder + "/depth_profiles.png", options: Self.options(overwrite))
    }
  }

  private static func options(_ overwrite: Bool) -> FigureOptions {
    FigureOptions(width: .millimetres(180), overwrite: overwrite)
  }

  /// Three panels of one relation.
  ///
  /// - Throws: `usage` where the table lacks a quantity of the relation.
  public static func figure(
    _ relation: Relation, confidence: Double, table: VoxelTable, sigmas: [String: String]
  ) throws(VoxelithError) -> PanelFigure {
    let x = try table.column(relation.x).values
    let y = try table.column(relation.y).values
    let known = x.indices.filter { x[$0].isFinite && y[$0].isFinite }
    func errors(_ name: String) throws(VoxelithError) -> [Double]? {
      try sigmas[name].map { (column) throws(VoxelithError) in try table.column(column).values }
    }
    let axes = (axis(relation.x, relation.xUnit), axis(relation.y, relation.yUnit))
    let percent = Int((100 * confidence).rounded())
    return PanelFigure(
      [
        scatter(
          relation, axes, known, x, y, errors: (try errors(relation.x), try errors(relation.y)),
          percent: percent),
        binned(relation, axes, percent: percent),
        Plot.jointDensity(
          x: axes.0, y: axes.1, values: (known.map { x[$0] }, known.map { y[$0] }),
          bins: max(8, min(64, Int(Double(known.count).squareRoot() / 1.5)))),
      ], columns: 3, columnWeights: [1, 1, 1.25],
      title: RichText(plain: title(relation)))
  }

  private static func title(_ relation: Relation) -> String {
    guard let pearson = relation.pearson else { return relation.reason ?? "" }
    let r = pearson.coefficient
    let ends = ErrorDigits.ends(r.value, low: r.low, high: r.high)
    let interval = ends.map { " [\($0.low), \($0.high)]" } ?? ""
    return
      "r = \(ends?.value ?? Ticks.number(r.value, digits: 2))\(interval), \(pearson.voxels) voxels, equivalent to \(pearson.independentVoxels) independent ones"
  }

  private static func scatter(
    _ relation: Relation, _ axes: (PlotAxis, PlotAxis), _ known: [Int], _ x: [Double], _ y: [Double],
    errors: ([Double]?, [Double]?), percent: Int
  ) -> Plot {
    let step = max(1, (known.count + mostPoints - 1) / mostPoints)
    let shown = stride(from: 0, to: known.count, by: step).map { known[$0] }
    var series: [Series] = []
    // The line and its band are those of the report: the same sums as the coefficient.
    if let line = relation.line, let low = known.map({ x[$0] }).min(), let high = known.map({ x[$0] }).max() {
      let places = (0...40).map { low + (high - low) * Double($0) / 40 }
      let middle = places.map { line.intercept + line.slope.value * $0 }
      let reach = places.map { line.reach(at: $0) }
      series.append(
        .band(
          places, lower: zip(middle, reach).map { $0 - $1 }, upper: zip(middle, reach).map { $0 + $1 },
          label: RichText(plain: "\(percent) % interval"), color: FigureStyle.color(1)))
      series.append(.line(places, middle, label: "regression", color: FigureStyle.color(1)))
    }
    series.append(
      .points(
        shown.map { x[$0] }, shown.map { y[$0] },
        xErrors: shown.count <= 400 ? errors.0.map { all in shown.map { all[$0] } } : nil,
        yErrors: shown.count <= 400 ? errors.1.map { all in shown.map { all[$0] } } : nil,
        color: FigureStyle.color(0), opacity: 0.35))
    var plot = Plot(x: axes.0, y: axes.1, series)
    plot.legend = .above
    return plot
  }

  private static func binned(_ relation: Relation, _ axes: (PlotAxis, PlotAxis), percent: Int) -> Plot {
    let bins = relation.profile?.bins ?? []
    var plot = Plot(
      x: axes.0, y: axes.1,
      [
        .band(
          bins.map(\.center), lower: bins.map(\.lowerQuartile), upper: bins.map(\.upperQuartile),
          label: "quartiles", color: FigureStyle.color(2)),
        .points(
          bins.map(\.center), bins.map(\.mean), yErrors: bins.map { 0.5 * ($0.meanHigh - $0.meanLow) },
          label: RichText(plain: "mean with \(percent) % interval"), color: FigureStyle.color(0)),
      ])
    plot.legend = .above
    return plot
  }

  /// Every quantity but the depth itself through the depth with the band of its mean.
  public static func depthFigure(_ report: CorrelationReport) -> PanelFigure {
    let percent = Int((100 * report.confidence).rounded())
    // What all panels share stands once, so that their frames begin at one height.
    return PanelFigure(
      report.depthProfiles.filter { $0.quantity != "depth" }.map { profile in
        let bins = profile.profile.bins
        return Plot.profile(
          x: PlotAxis(RichText(plain: "\(profile.axis) (µm)")), y: axis(profile.quantity, profile.unit),
          depth: bins.map(\.center), mean: bins.map(\.mean), lower: bins.map(\.meanLow),
          upper: bins.map(\.meanHigh), label: nil, bandLabel: nil)
      }, title: RichText(plain: "Mean of each layer (line) with its \(percent) % interval (band)"))
  }

  private static func axis(_ name: String, _ unit: String) -> PlotAxis {
    PlotAxis(KnownQuantity.label(ofColumn: "\(name)[\(unit)]"))
  }
}
