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
    // One length for pictures of about one size; in one that is far larger it would be a dot.
    let shortest = figures.map(\.scaleBar.length).min() ?? 1
    for index in figures.indices where figures[index].scaleBar.length <= Self.mostUnlike * shortest {
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

  private static let mostUnlike = 4.0

  /// A value and its standard deviation side by side, each with its colours.
  ///
  /// - Throws: `data` where the two are not on one grid; as ``SliceFigure`` does.
  public static func valueAndSigma(
    value: any VolumeSource, sigma: any VolumeSource, plane: SlicePlane = SlicePlane(),
    map: ColorMap = .batlow,
    sigmaMap: ColorMap = .lajolla, range: ValueRange = .automatic, sigmaRange: ValueRange = .automatic,
    label: RichText, units: String? = nil, title: RichText? = nil
  ) throws(VoxelithError) -> PanelFigure {
    guard sigma.grid.shape == value.grid.shape else {
      throw VoxelithError(
        .data, "has \(sigma.grid.shape) voxels, the values \(value.grid.shape)", file: sigma.name,
        advice: "give the standard errors of the same map")
    }
    try sigma.grid.requireVoxels(
      like: value.grid, within: 1e-3, own: "the errors", others: "the values", file: sigma.name,
      advice: "give the standard errors of the same map")
    var left = try SliceFigure(value, plane: plane, map: map, range: range, label: label, units: units)
    var right = try SliceFigure(
      sigma, plane: plane, map: sigmaMap, range: sigmaRange,
      label: RichText(plain: "\u{03C3}(") + symbol(of: label) + RichText(plain: ")"), units: units)
    left.companions = [right.colorBar]
    right.companions = [left.colorBar]
    return PanelFigure([left, right], columns: 2, title: title)
  }

  /// The letter of a label such as `x in LiNiO2` or `lithium content x`; the label itself where it has none.
  static func symbol(of label: RichText) -> RichText {
    let words = label.plain.split(separator: " ")
    let isLetter = { (word: Substring) in word.count == 1 && word.first?.isLetter == true }
    if words.count > 2, words[1] == "in", isLetter(words[0]) { return RichText(plain: String(words[0])) }
    if let last = words.last, words.count > 1, isLetter(last) { return RichText(plain: String(last)) }
    return label
  }
}
