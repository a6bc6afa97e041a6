import Correlation
import Drawing
import Foundation
import Readers
import Volumetry

/// Panels of points: scatters, time series, calibrations.
extension PanelLoader {
  /// Points shown at most; of more an even choice is drawn, which the figure says.
  private static let shown = 400

  func scatter(_ spec: ScatterPanelSpec) throws(VoxelithError) -> Plot {
    let all = spec.isTable ? try columns(spec) : try voxels(spec)
    let file = spec.volume.file
    let good = all.x.indices.filter { all.x[$0].isFinite && all.y[$0].isFinite }
    guard !good.isEmpty else { throw VoxelithError(.data, "holds no pair of values", file: file.name) }
    let step = (good.count + Self.shown - 1) / Self.shown
    let drawn = stride(from: 0, to: good.count, by: step).map { good[$0] }
    func part(_ values: [Double]?) -> [Double]? { values.map { values in drawn.map { values[$0] } } }
    let x = drawn.map { all.x[$0] }
    let y = drawn.map { all.y[$0] }
    let hasErrors = all.xErrors != nil || all.yErrors != nil
    let points = Series.points(
      x, y, xErrors: part(all.xErrors), yErrors: part(all.yErrors),
      label: RichText(
        plain: Self.count(good.count, every: step)
          + (hasErrors ? ", \u{00B1}1\u{03C3}" : "")), color: FigureStyle.color(0),
      opacity: drawn.count > 60 ? 0.45 : 1)
    let range = (x.min() ?? 0)...(x.max() ?? 1)
    var plot = Plot(
      x: PlotAxis(
        column(all.names?.x, unless: spec.label) ?? label(spec.label, units: spec.units, of: file)),
      y: PlotAxis(
        column(all.names?.y, unless: spec.label2) ?? label2(spec.label2, of: spec.file2, like: file)),
      title: spec.title.map { RichText($0) }, [points])
    plot.legend = .above
    switch spec.line {
    case nil: break
    case "identity":
      plot.series.append(
        .curve(over: range, label: "y = x", color: FigureStyle.color(1), dash: .dashed) { $0 })
    case "fit" where all.shape != nil:
      try addLine(to: &plot, spec, all, over: range)
    case "fit":
      let fit = WeightedLine(
        x: good.map { all.x[$0] }, y: good.map { all.y[$0] },
        errors: all.yErrors.map { errors in good.map { errors[$0] } })
      guard let fit else {
        throw VoxelithError(.data, "no line can be fitted to the points", file: file.name)
      }
      plot.add(fit, over: range)
    case .some(let other):
      throw VoxelithError(
        .usage, "there is no line '\(other)'",
        advice: NameGuess.advice(for: other, among: ["fit", "identity"]))
    }
    return plot
  }

  private static func count(_ points: Int, every step: Int) -> String {
    switch step {
    case 1: "\(points) \(points == 1 ? "point" : "points")"
    case 2: "every second of \(points) points"
    case 3: "every third of \(points) points"
    default: "one in \(step) of \(points) points"
    }
  }

  private func column(_ name: String?, unless label: String?) -> RichText? {
    label == nil ? name.map(KnownQuantity.label(ofColumn:)) : nil
  }

  /// The line of `correlate`: voxels are neighbours, and its interval is that of their coefficient.
  private func addLine(
    to plot: inout Plot, _ spec: ScatterPanelSpec, _ all: Points, over range: ClosedRange<Double>
  ) throws(VoxelithError) {
    guard let shape = all.shape else { return }
    let pair = try FieldPair(
      all.x, all.y, shape: shape, names: (spec.x ?? spec.volume.file.name ?? "x", spec.y ?? spec.file2 ?? "y")
    )
    let effective = try pair.effectiveCount(of: pair.x, pair.y)
    let r = Correlations.pearson(pair.x, pair.y)
    let test = CorrelationTest(r, voxels: pair.count, effective: effective)
    let line = RegressionLine(pair, r: r, effective: effective)
    let places = (0...100).map {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / 100
    }
    let values = places.map { line.intercept + line.slope.value * $0 }
    let reach = places.map { line.reach(at: $0) }
    plot.series.append(
      .band(
        places, lower: zip(values, reach).map { $0 - $1 }, upper: zip(values, reach).map { $0 + $1 },
        color: FigureStyle.color(1)))
    let slope = ErrorDigits.ends(line.slope.value, low: line.slope.low, high: line.slope.high)
    let interval = slope.map { " [\($0.low), \($0.high)]" } ?? ""
    plot.series.append(
      .line(
        places, values,
        label: RichText(
          plain:
            "slope \(slope?.value ?? Ticks.number(line.slope.value, digits: 3))\(interval), r\u{00A0}=\u{00A0}"
            + "\(Ticks.number(r, digits: 2)), p \(Ticks.probability(test.pValue)), "
            + "\(test.independentVoxels) independent"
        ),
        color: FigureStyle.color(1)))
  }

  /// `shape` is that of the grid, where the points are voxels of one; `names` are the columns of a table, with their units.
  private typealias Points = (
    x: [Double], y: [Double], xErrors: [Double]?, yErrors: [Double]?, shape: Shape?,
    names: (x: String, y: String)?
  )

  private func voxels(_ spec: ScatterPanelSpec) throws(VoxelithError) -> Points {
    let x = try values(spec.volume)
    func other(_ name: String) throws(VoxelithError) -> [Double] {
      try values(name, like: spec.volume, count: x.count)
    }
    return (
      x, try other(try second(spec.file2, of: .scatter)), try spec.sigma.map(other),
      try spec.sigma2.map(other), try open(spec.volume).grid.shape, nil
    )
  }

  /// Rows of a table of voxels (``VoxelTable/csv()``) put on their grid, where rows are neighbours; nil for another table.
  private func onGrid(_ points: Points, _ table: DelimitedTable) throws(VoxelithError) -> Points? {
    let names = ["z_index", "y_index", "x_index"]
    guard let known = table.names, names.allSatisfy(known.contains) else { return nil }
    let places = try names.map { (name) throws(VoxelithError) -> [Int] in
      try table.column(TableColumn(name)).map { (value) throws(VoxelithError) -> Int in
        guard value >= 0, value < 1e5, value == value.rounded() else {
          throw VoxelithError(
            .data, "the column '\(name)' holds \(value), which is no index of a voxel", file: table.file)
        }
        return Int(value)
      }
    }
    let sides = places.map { ($0.max() ?? 0) + 1 }
    let shape = Shape(z: sides[0], y: sides[1], x: sides[2])
    guard let count = shape.checkedCount, count <= Self.mostVoxels else {
      throw VoxelithError(
        .data, "its indices span \(shape) voxels, too many for a scatter", file: table.file)
    }
    let targets = points.x.indices.map { shape.index(z: places[0][$0], y: places[1][$0], x: places[2][$0]) }
    guard Set(targets).count == targets.count else {
      throw VoxelithError(.data, "a voxel stands twice in the table", file: table.file)
    }
    func spread(_ values: [Double]) -> [Double] {
      var all = [Double](repeating: .nan, count: count)
      for (target, value) in zip(targets, values) { all[target] = value }
      return all
    }
    return (
      spread(points.x), spread(points.y), points.xErrors.map(spread), points.yErrors.map(spread), shape,
      points.names
    )
  }

  /// Voxels that a table may span.
  private static let mostVoxels = 1 << 26

  private func columns(_ spec: ScatterPanelSpec) throws(VoxelithError) -> Points {
    let table = try DelimitedTable.read(path(spec.volume.file.name ?? ""))
    guard let x = spec.x, let y = spec.y else {
      throw VoxelithError(
        .usage, "a scatter of a table needs two of its columns", file: spec.volume.file.name,
        advice: "name them with --x and --y, or x: and y: in a figure's YAML")
    }
    // A column is named with or without its unit.
    func whole(_ name: String) -> String {
      table.names?.first { $0 == name } ?? table.names?.first { $0.hasPrefix(name + "[") } ?? name
    }
    if let names = table.names {
      for name in [x, y, spec.xError, spec.yError].compactMap({ $0 })
      where !names.contains(whole(name)) && Int(name) == nil {
        throw VoxelithError(
          .usage, "there is no column '\(name)'", file: table.file,
          advice: NameGuess.advice(
            for: name, among: names.map { String($0.prefix { $0 != "[" }) }, as: "columns"))
      }
    }
    let points: Points = (
      try table.column(TableColumn(x)), try table.column(TableColumn(y)),
      try spec.xError.map { (name) throws(VoxelithError) in try table.column(TableColumn(name)) },
      try spec.yError.map { (name) throws(VoxelithError) in try table.column(TableColumn(name)) }, nil,
      (whole(x), whole(y))
    )
    return try onGrid(points, table) ?? points
  }

  func series(_ spec: SeriesPanelSpec) throws(VoxelithError) -> Plot {
    var named = spec.volume.file
    named.name = named.name ?? spec.files?.first
    let files = spec.files ?? [named.name ?? ""]
    let times = spec.times ?? files.indices.map { Double($0 + 1) }
    guard times.count == files.count, times.allSatisfy(\.isFinite) else {
      throw VoxelithError(
        .usage,
        "a series of \(files.count) \(files.count == 1 ? "volume" : "volumes") needs as many times, not \(times.count)"
      )
    }
    let layers = spec.layers ?? 1
    guard (1...12).contains(layers) else { throw VoxelithError(.usage, "layers are from 1 to 12") }
    let axis = try axis(spec.axis)
    var moments = [[Moments]](
      repeating: [Moments](repeating: Moments(), count: files.count), count: layers)
    var names = [String](repeating: "", count: layers)
    for (index, file) in files.enumerated() {
      let source = try open(file, like: spec.volume)
      let count = source.grid.shape[axis]
      guard count >= layers else {
        throw VoxelithError(
          .usage, "has \(count) slices along \(axis.rawValue), too few for \(layers) layers", file: file)
      }
      for slice in 0..<count {
        for value in try SliceImage(source, .index(axis, slice)).values where value.isFinite {
          moments[slice * layers / count][index].add(Double(value))
        }
      }
      guard moments.contains(where: { $0[index].count > 0 }) else {
        throw VoxelithError(.data, "holds no value", file: file, advice: "leave it out of the series")
      }
      let unit = source.grid.hasKnownSpacing ? " \u{00B5}m" : " voxels"
      for layer in 0..<layers {
        let ends = [layer, layer + 1].map { end in
          Ticks.number(
            Double((end * count + layers - 1) / layers) * source.grid.spacing(along: axis), digits: 3)
        }
        names[layer] = "\(axis.rawValue) \(ends[0])\u{2013}\(ends[1])\(unit)"
      }
    }
    let order = times.indices.sorted { times[$0] < times[$1] }
    var plot = Plot(
      x: PlotAxis(RichText(spec.label2 ?? (spec.times == nil ? "state" : "time"))),
      y: PlotAxis(spec.label.map { RichText($0) } ?? RichText("mean of ") + bareLabel(nil, of: named)),
      title: spec.title.map { RichText($0) }, [])
    for layer in 0..<layers {
      let cells = order.map { moments[layer][$0] }
      let mean = cells.map { $0.count > 0 ? $0.mean : .nan }
      let interval = cells.map {
        $0.count > 1 ? 1.96 * $0.standardDeviation / Double($0.count).squareRoot() : .nan
      }
      let x = order.map { times[$0] }
      // More layers than the palette has colours are shades of one map, in their order.
      let color =
        layers <= FigureStyle.palette.count
        ? FigureStyle.color(layer) : ColorMap.batlow.color(at: 0.9 * Double(layer) / Double(layers - 1))
      plot.series.append(
        .band(
          x, lower: zip(mean, interval).map { $0 - $1 }, upper: zip(mean, interval).map { $0 + $1 },
          color: color))
      plot.series.append(.line(x, mean, color: color))
      plot.series.append(
        .points(
          x, mean, yErrors: interval,
          label: RichText(
            plain: layers == 1 ? "mean with 95 % interval" : names[layer] + ", mean with 95 % interval"),
          color: color))
    }
    return plot
  }

  func calibration(_ spec: CalibrationPanelSpec) throws(VoxelithError) -> StackedPlot {
    let summary = try CalibrationSummary.read(path(spec.file ?? ""))
    return try summary.figure(method: spec.method ?? "s-parameter", title: spec.title.map { RichText($0) })
  }

  func polar(_ spec: PolarPanelSpec) throws(VoxelithError) -> PolePlot {
    var parts: [[Float]] = []
    let name = spec.file.name ?? ""
    try checkVectors(spec.file)
    for channel in 0..<3 { parts.append(try open(name, spec.file, channel: channel).loadFloats().voxels) }
    let directions = parts[0].indices.map { SIMD3(parts[0][$0], parts[1][$0], parts[2][$0]) }
    let plot = try PolePlot(
      directions, about: try axis(spec.axis), map: try map(spec.map, .batlow.reversed),
      title: spec.title.map { RichText($0) })
    guard plot.count > 0 else { throw VoxelithError(.data, "holds no direction", file: name) }
    return plot
  }
}
