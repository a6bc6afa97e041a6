import Drawing
import Volumetry

/// x, its change, gain and intensity along a series, with bands of one sigma.
enum SeriesFigure {
  static func write(_ report: SeriesReport, to path: String, overwrite: Bool) throws(VoxelithError) {
    let (places, axis) = places(report)
    let states = report.states
    func plot(
      _ label: RichText, _ values: [(Double, Double)?], color: Int, rule: Double? = nil
    ) -> Plot {
      let y = values.map { $0?.0 ?? .nan }
      let s = values.map { $0?.1 ?? .nan }
      var series: [Series] = [
        .band(
          places, lower: zip(y, s).map { $0 - $1 }, upper: zip(y, s).map { $0 + $1 },
          color: FigureStyle.color(color)),
        .line(places, y, color: FigureStyle.color(color)),
        .points(places, y, yErrors: s, color: FigureStyle.color(color)),
      ]
      if let rule { series.append(.horizontalRule(rule)) }
      return Plot(x: axis, y: PlotAxis(label), series)
    }
    let panels: [any Panel] = [
      plot(
        "mean x", states.map { state in state.meanX.flatMap { x in state.meanXSigma.map { (x, $0) } } },
        color: 0),
      plot(
        "change of mean x since the first state",
        states.enumerated().map { index, state in
          index == 0 ? (0, 0) : state.sinceFirst.map { ($0.value, $0.sigma) }
        }, color: 1, rule: 0),
      plot(
        "change of gain (ppm)",
        states.map { state in state.drift.map { (1e6 * $0.sinceFirst, 1e6 * $0.sinceFirstSigma) } }, color: 2,
        rule: 0),
      plot(
        "intensity over that of the first state",
        states.map { state in state.intensity.map { ($0.value, $0.sigma) } }, color: 3, rule: 1),
    ]
    try PanelFigure(panels, columns: 2).write(
      to: path, options: FigureOptions(preset: .elsevier, doubleColumn: true, overwrite: overwrite))
  }

  /// Times, or else voltages, or else numbers of the states.
  private static func places(_ report: SeriesReport) -> ([Double], PlotAxis) {
    let times = report.states.compactMap(\.state.seconds)
    if times.count == report.states.count {
      let scale = TimeScale(times)
      return (times.map { $0 / scale.unit }, PlotAxis(RichText(plain: scale.label)))
    }
    let voltages = report.states.compactMap(\.state.voltage)
    if voltages.count == report.states.count { return (voltages, PlotAxis("voltage (V)")) }
    return (report.states.indices.map { Double($0 + 1) }, PlotAxis("state"))
  }
}
