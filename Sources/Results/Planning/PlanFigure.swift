public import Compton
import Drawing
import Foundation
public import Volumetry

/// sigma(x) against the time that each voxel is measured.
public enum PlanFigure {
  /// Writes the figure in the format of the path's ending.
  ///
  /// - Throws: `usage` for an unknown ending, `cannotCreate` where the file exists.
  public static func write(
    _ plan: MeasurementPlan, to path: String, overwrite: Bool
  ) throws(VoxelithError) {
    let times = times(of: plan)
    let methods = curves(
      plan, times: times,
      plan.methods.map { (RichText(plain: $0.precision.method.term), $0.precision, plan.rate) },
      title: "one voxel")
    let fit = plan.methods[0].precision
    let binnings = curves(
      plan, times: times,
      plan.binnings.map { binning in
        (
          RichText(plain: "\(binning.binning)\u{00D7}\(binning.binning)\u{00D7}\(binning.binning)"), fit,
          plan.rate * Double(binning.binning * binning.binning * binning.binning)
        )
      }, title: "cubes of voxels, profile fit")
    try PanelFigure([methods, binnings], columns: 2).write(
      to: path, options: FigureOptions(preset: .elsevier, doubleColumn: true, overwrite: overwrite))
  }

  /// Four decades or more of time around what was asked or what a target needs.
  private static func times(of plan: MeasurementPlan) -> [Double] {
    let fit = plan.methods[0].precision
    let known =
      [plan.seconds].compactMap { $0 } + plan.methods.compactMap(\.secondsForTarget)
      + plan.methods.compactMap(\.secondsForDifference) + plan.binnings.compactMap(\.secondsForTarget)
    let one = fit.sigmaOfOneCount * fit.sigmaOfOneCount / (0.0025 * plan.rate)
    let low = min(known.min() ?? one, one) / 10
    let high = max(known.max() ?? one, one) * 10
    return (0...120).map { low * pow(high / low, Double($0) / 120) }
  }

  private static func curves(
    _ plan: MeasurementPlan, times: [Double], _ lines: [(RichText, MethodPrecision, Double)], title: RichText
  ) -> Plot {
    var series = lines.map { label, precision, rate in
      Series.line(times, times.map { precision.sigma(counts: $0 * rate) }, label: label)
    }
    let floor = plan.methods[0].floor
    if floor > 0 { series.append(.horizontalRule(floor, label: "standards\u{2019} share")) }
    if let target = plan.target {
      series.append(
        .line(
          [times[0], times[times.count - 1]], [target, target], label: "target", color: Color(grey: 0),
          dash: .dotted))
    }
    if let seconds = plan.seconds { series.append(.verticalRule(seconds)) }
    return Plot(
      x: PlotAxis("time for each voxel (s)", logarithmic: true),
      y: PlotAxis("\u{03C3}(x)", logarithmic: true), title: title, series)
  }
}
