public import Volumetry

extension PanelFigure {
  /// Slices with one range of colours, one colour bar and scale bars of one length.
  ///
  /// The range is the one of all their values together.
  ///
  /// - Throws: as ``SliceFigure`` does.
  public static func slices(
    _ slices: [(slice: SliceImage, title: RichText?)], columns: Int? = nil, map: ColorMap = .batlow,
    range: ValueRange = .automatic, center: Double? = nil, label: RichText, units: String? = nil,
    title: RichText? = nil
  ) throws(VoxelithError) -> PanelFigure {
    guard !slices.isEmpty else { throw VoxelithError(.usage, "a figure needs at least one slice") }
    let (lower, upper) = try range.resolve(slices.flatMap(\.slice.values), name: slices[0].slice.name)
    var figures: [SliceFigure] = []
    for one in slices {
      var figure = try SliceFigure(
        one.slice, map: map, range: .fixed(lower, upper), center: center, label: label, units: units,
        title: one.title)
      figure.showsColorBar = false
      figures.append(figure)
    }
    // What is the same of all stands once.
    if Set(slices.map(\.slice.place)).count == 1 {
      for index in figures.indices.dropFirst() { figures[index].showsPlace = false }
    }
    let shortest = figures.map(\.scaleBar.length).min() ?? 1
    for index in figures.indices {
      figures[index].scaleBar = ScaleBar(length: shortest, isPhysical: figures[index].slice.hasKnownSpacing)
    }
    var bar = figures[0].colorBar
    bar.extendsBelow = figures.contains { $0.colorBar.extendsBelow }
    bar.extendsAbove = figures.contains { $0.colorBar.extendsAbove }
    bar.showsMissing = figures.contains { $0.slice.hasMissing }
    var result = PanelFigure(figures, columns: columns, title: title)
    result.sharedColorBar = bar
    return result
  }

  /// A value and its standard deviation side by side, each with its colours.
  public static func valueAndSigma(
    value: any VolumeSource, sigma: any VolumeSource, plane: SlicePlane = SlicePlane(),
    map: ColorMap = .batlow,
    sigmaMap: ColorMap = .lajolla, range: ValueRange = .automatic, sigmaRange: ValueRange = .automatic,
    label: RichText, units: String? = nil, title: RichText? = nil
  ) throws(VoxelithError) -> PanelFigure {
    var left = try SliceFigure(value, plane: plane, map: map, range: range, label: label, units: units)
    var right = try SliceFigure(
      sigma, plane: plane, map: sigmaMap, range: sigmaRange,
      label: RichText(plain: "\u{03C3}(") + label + RichText(plain: ")"), units: units)
    left.companions = [right.colorBar]
    right.companions = [left.colorBar]
    return PanelFigure([left, right], columns: 2, title: title)
  }
}
