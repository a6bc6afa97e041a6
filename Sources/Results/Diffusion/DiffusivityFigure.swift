import Drawing
import Foundation
import Transport
import Volumetry

/// Depth profiles with the model, the first pattern as it fades, diffusivities with their intervals, and the in-plane / through-depth ratio beside that of
/// the pores.
enum DiffusivityFigure {
  static func write(_ report: DiffusivityReport, to path: String, overwrite: Bool) throws(VoxelithError) {
    let doubt: RichText? =
      report.test.verdict == .notDescribed ? "diffusion does not describe these maps" : nil
    let others: [(any Panel)?] = [pattern(report), diffusivities(report, title: doubt), ratio(report)]
    let panels: [any Panel] = [profiles(report, title: doubt)] + others.compactMap { $0 }
    try PanelFigure(panels, columns: 2).write(
      to: path, options: FigureOptions(preset: .elsevier, doubleColumn: true, overwrite: overwrite))
  }

  /// Times with the unit that suits the longest.
  private static func times(_ report: DiffusivityReport) -> (values: [Double], unit: String) {
    let start = report.states.first?.seconds ?? 0
    let seconds = report.states.map { $0.seconds - start }
    let scale = TimeScale(seconds)
    return (seconds.map { $0 / scale.unit }, scale.name)
  }

  static func profiles(_ report: DiffusivityReport, title: RichText? = nil) -> Plot {
    let (times, unit) = times(report)
    let map = (try? ColorMap.named("batlow")) ?? .batlow
    let last = max(1, report.states.count - 1)
    var series: [Series] = []
    for (index, state) in report.states.enumerated() {
      let color = map.color(at: 0.1 + 0.75 * Double(index) / Double(last))
      let depth = state.profile.map(\.depth)
      series.append(.line(depth, state.profile.map { $0.model ?? .nan }, color: color))
      series.append(
        .points(
          depth, state.profile.map { $0.x ?? .nan }, yErrors: state.profile.map { $0.sigma ?? .nan },
          label: RichText(plain: "\(Ticks.number(times[index], digits: 3)) \(unit)"), color: color))
    }
    return Plot(x: PlotAxis("depth (µm)"), y: PlotAxis("mean x"), title: title, series)
  }

  private static func pattern(_ report: DiffusivityReport) -> Plot? {
    let (times, unit) = times(report)
    let all = zip(times, report.states).compactMap { time, state in state.pattern.map { (time, $0) } }
    guard all.count > 1 else { return nil }
    let x = all.map(\.0)
    let model = Self.fading(x, all.map(\.1.model))
    return Plot(
      x: PlotAxis(RichText(plain: "time (\(unit))")),
      y: PlotAxis("remaining fraction of the initial in-plane pattern"),
      [
        .line(model.map(\.0), model.map(\.1), label: "model", color: FigureStyle.color(0)),
        .points(
          x, all.map(\.1.measured), yErrors: all.map(\.1.sigma), label: "maps", color: FigureStyle.color(1)),
        .horizontalRule(0),
      ])
  }

  /// The model between its states: a pattern fades exponentially, so the logarithm is straight where both ends have one.
  static func fading(_ times: [Double], _ values: [Double]) -> [(Double, Double)] {
    guard let first = times.first, let start = values.first else { return [] }
    var points = [(first, start)]
    for index in times.indices.dropFirst() {
      let (a, b) = (values[index - 1], values[index])
      for step in 1...20 {
        let part = Double(step) / 20
        let value = a > 0 && b > 0 ? a * pow(b / a, part) : a + (b - a) * part
        points.append((times[index - 1] + (times[index] - times[index - 1]) * part, value))
      }
    }
    return points
  }

  private static func row(_ name: String, _ value: UncertainValue?) -> ForestPlot.Row? {
    guard let number = value?.value, let ends = value?.interval else { return nil }
    return ForestPlot.Row(RichText(plain: name), value: number, low: ends[0], high: ends[1], isMarked: true)
  }

  /// - Parameter isShort: whether depth and plane stand alone, without the axes that the plane is the mean of.
  static func diffusivities(
    _ report: DiffusivityReport, title: RichText? = nil, isShort: Bool = false
  ) -> ForestPlot? {
    let names = report.order.filter { !isShort || $0.count > 1 }
    let areSeveral = report.regions.count > 1
    let rows = report.regions.flatMap { region in
      names.compactMap { name in
        row(areSeveral ? "region \(region.number): \(name)" : name, region.diffusivity[name])
      }
    }
    return rows.isEmpty
      ? nil : ForestPlot(rows, label: "diffusivity (µm²/s), 95 % intervals", title: title)
  }

  private static func ratio(_ report: DiffusivityReport) -> ForestPlot? {
    let areSeveral = report.regions.count > 1
    let predicted = report.regions.first?.prediction?.planeOverDepth
    let rows = report.regions.compactMap { region in
      row(areSeveral ? "region \(region.number)" : "maps", region.planeOverDepth)
    }
    guard !rows.isEmpty else { return nil }
    let highest = rows.map(\.high).max() ?? 1
    return ForestPlot(
      rows, reference: predicted ?? 1,
      label: predicted == nil
        ? "in-plane / through-depth diffusivity; dashed line: 1"
        : "in-plane / through-depth diffusivity; dashed line: prediction from the pores",
      range: 0...(1.1 * max(highest, predicted ?? 1)))
  }
}
