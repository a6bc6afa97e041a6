public import Volumetry

/// A slice of a volume in colour, with colour bar, scale bar, label, and missing voxels hatched.
public struct SliceFigure: TitledPanel {
  public let slice: SliceImage
  public var scale: ColorScale
  /// What the values are, with their unit: at the colour bar.
  public var label: RichText
  public var title: RichText?
  public var titleLines = 0
  public var scaleBar: ScaleBar
  /// Whether a colour bar is drawn at the slice (not where panels share one).
  public var showsColorBar = true
  /// Bars of neighbouring panels: room for the widest is kept, so that pictures beside each other are equal.
  public var companions: [ColorBar] = []
  /// Whether the place of the slice is written below it.
  public var showsPlace = true
  /// Pictures over the slice, in order.
  public var overlays: [SliceOverlay] = []
  /// Opacity of every value, row by row as the slice, from 0 to 1 (saturation by sigma, for instance).
  public var weights: [Float]?
  /// Colours of the topmost overlay, which the colour bar then shows in place of the slice's own.
  public var overlayBar: ColorBar?
  /// The gradient of the values over the picture.
  public var arrows: SliceArrows? {
    didSet {
      guard let arrows else { return }
      let text = arrows.note(unit: slice.hasKnownSpacing ? "\u{00B5}m" : "voxel")
      note = note.map { $0 + RichText(plain: "; ") + text } ?? text
    }
  }
  /// Names of the numbers 0, 1 and so on that the slice holds in place of labels; empty for values of a scale.
  public internal(set) var steps: [RichText] = []
  /// A line below the picture.
  public var note: RichText?
  /// Height of the picture at most, as a multiple of its width.
  public var maximumAspect = 1.6

  /// - Parameters:
  ///   - plane: which slice; the middle one across z without it.
  ///   - map: the colours.
  ///   - range: the values of the ends of the colours.
  ///   - center: value of the middle colour of a diverging map.
  ///   - label: what the values are, in the markup of ``RichText``.
  ///   - units: added to the label in brackets.
  /// - Throws: `usage` where there is no such slice or the range is empty, `data` where every voxel is missing,
  ///   and what reading throws.
  public init(
    _ source: any VolumeSource, plane: SlicePlane = SlicePlane(), map: ColorMap = .batlow,
    range: ValueRange = .automatic, center: Double? = nil, label: RichText = "value", units: String? = nil,
    title: RichText? = nil
  ) throws(VoxelithError) {
    try self.init(
      SliceImage(source, plane), map: map, range: range, center: center, label: label, units: units,
      title: title)
  }

  /// The figure of a slice that was cut before.
  public init(
    _ slice: SliceImage, map: ColorMap = .batlow, range: ValueRange = .automatic, center: Double? = nil,
    label: RichText = "value", units: String? = nil, title: RichText? = nil
  ) throws(VoxelithError) {
    var (lower, upper) = try range.resolve(slice.values, name: slice.name)
    if let center {
      lower = min(lower, center)
      upper = max(upper, center)
    }
    self.slice = slice
    self.scale = try ColorScale(map: map, lower: lower, upper: upper, center: center)
    self.label = label + .inBrackets(unit: units)
    self.title = title
    self.scaleBar = ScaleBar(for: slice.extent.width, isPhysical: slice.hasKnownSpacing)
  }

  public var caption: String {
    [title?.inline ?? "", label.inline, slice.place].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// The legend of the slice's colours.
  public var colorBar: ColorBar {
    if let overlayBar { return overlayBar }
    var bar = ColorBar(scale, label: label, of: slice.values)
    bar.steps = steps
    return bar
  }

  // MARK: Layout

  /// Where the parts of the figure lie.
  struct SliceLayout {
    var title: [RichText]
    var picture: Rectangle
    var bar: Rectangle?
    var pointsPerUnit: Double
    var footer: Double
    var place: [RichText]
    var placeIsBeside: Bool
    /// Lines below scale bar and place.
    var notes: [RichText]
    var height: Double
  }

  func layout(width: Double, style: FigureStyle) -> SliceLayout {
    let titles = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont) } ?? []
    let lines = max(titles.count, titleLines)
    let top = Double(lines) * TextLayout.height(style.titleFont) + (lines == 0 ? 0 : style.gap)
    let extent = slice.extent
    let aspect = extent.height / extent.width
    var barWidth = 0.0
    var size = Size(width: width, height: width * aspect)
    let legend = colorBar
    for _ in 0..<3 {
      var room = max(20, width - (barWidth > 0 ? barWidth + style.gap : 0))
      if room * aspect > maximumAspect * room { room = maximumAspect * room / aspect }
      size = Size(width: room, height: room * aspect)
      let height = showsColorBar ? barHeight(size.height, style) : size.height
      barWidth =
        showsColorBar ? ([legend] + companions).map { $0.width(height: height, style: style) }.max() ?? 0 : 0
    }
    let total = size.width + (showsColorBar ? style.gap + barWidth : 0)
    let picture = Rectangle(
      x: max(0, (width - total) / 2), y: top, width: size.width, height: size.height)
    let scale = size.width / extent.width
    let rowHeight = Self.rowHeight(style)
    var rows = 1.0
    var place: [RichText] = []
    var isBeside = false
    if showsPlace, !slice.place.isEmpty {
      let text = RichText(plain: slice.place)
      let used = picture.x + scaleBar.width(pointsPerUnit: scale, style: style) + 3 * style.gap
      isBeside = used + TextLayout.width(text, font: style.tickFont) <= width
      place = isBeside ? [text] : TextLayout.wrapped(text, width: width - picture.x, font: style.tickFont)
      if !isBeside { rows += Double(place.count) }
    }
    let notes = note.map { TextLayout.wrapped($0, width: width - picture.x, font: style.tickFont) } ?? []
    rows += Double(notes.count)
    let bottom = max(
      picture.bottom, picture.y + (showsColorBar ? barHeight(size.height, style) : 0))
    return SliceLayout(
      title: titles, picture: picture,
      bar: showsColorBar
        ? Rectangle(
          x: picture.right + style.gap, y: picture.y, width: barWidth,
          height: barHeight(size.height, style)) : nil,
      pointsPerUnit: scale, footer: bottom + style.gap + 1, place: place, placeIsBeside: isBeside,
      notes: notes,
      height: bottom + style.gap + 1 + rows * rowHeight)
  }

  package static func rowHeight(_ style: FigureStyle) -> Double { 1.2 * TextLayout.height(style.tickFont) }

  /// A flat or small picture still gets a colour bar that can be read, whose label has two lines or little more.
  private func barHeight(_ picture: Double, _ style: FigureStyle) -> Double {
    let longest =
      ([colorBar] + companions).map { TextLayout.width($0.label, font: style.labelFont) }.max() ?? 0
    let steps = ([colorBar] + companions).map { $0.leastHeight(style) }.max() ?? 0
    return max(picture, 8 * style.tickSize, 0.6 * longest, steps)
  }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    layout(width: width, style: style).height
  }
}
