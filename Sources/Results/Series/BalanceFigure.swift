import Compton
import Drawing
import Volumetry

/// Voltage, mean x with its error beside x by charge, and their difference, along the time of a series.
enum BalanceFigure {
  static func write(
    _ report: SeriesReport, cell: CellCharge, to path: String, overwrite: Bool
  ) throws(VoxelithError) {
    guard let balance = report.balance else { return }
    let times = report.states.map { $0.state.seconds ?? .nan }
    let curve = cell.curve()
    let scale = TimeScale(curve.seconds + times)
    let axis = PlotAxis(RichText(plain: scale.label))
    let places = times.map { $0 / scale.unit }
    let along = curve.seconds.map { $0 / scale.unit }
    var panels: [any Panel] = []
    if let voltage = curve.voltage {
      panels.append(
        Plot(
          x: axis, y: PlotAxis("voltage (V)"),
          [
            .line(along, voltage, color: FigureStyle.color(1)),
            .points(places, balance.states.map { $0.voltage ?? .nan }, color: FigureStyle.color(0)),
          ]))
    }
    let first = balance.states.first.map { cell.change(3.6 * $0.charge) } ?? 0
    let base = (balance.states.first?.x ?? .nan) - first
    let expected = curve.change.map { base + $0 }
    let initialSigma = cell.initial?.sigma ?? report.states.first?.meanXSigma ?? 0
    // Without the cell's first x, that of the first state is the zero of the charge.
    let zero = cell.initial == nil ? first : 0
    let sigmas: [Double] = curve.change.map { change in
      let amount = (change - zero) * cell.amountSigma
      return (amount * amount + initialSigma * initialSigma).squareRoot()
    }
    let lower = zip(expected, sigmas).map { $0 - $1 }
    let upper = zip(expected, sigmas).map { $0 + $1 }
    let means = report.states.map { $0.meanX ?? .nan }
    let errors = report.states.map { $0.meanXSigma ?? .nan }
    let content: [Series] = [
      .band(along, lower: lower, upper: upper, color: FigureStyle.color(1)),
      .line(along, expected, label: "by charge", color: FigureStyle.color(1)),
      .points(places, means, yErrors: errors, label: "by the maps", color: FigureStyle.color(0)),
    ]
    panels.append(Plot(x: axis, y: PlotAxis("mean x"), content))
    panels.append(
      Plot(
        x: axis, y: PlotAxis("mean x minus x by charge"),
        [
          .points(
            places, balance.states.map(\.difference.value), yErrors: balance.states.map(\.difference.sigma),
            color: FigureStyle.color(0)),
          .horizontalRule(0),
        ]))
    try PanelFigure(panels, columns: panels.count).write(
      to: path, options: FigureOptions(preset: .elsevier, doubleColumn: true, overwrite: overwrite))
  }
}
